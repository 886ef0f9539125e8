from __future__ import annotations

from services.chassis.kernel import Fault, Kind
from services.surveys.application.ports import Ports, Survey

PAGE = 100  # surveys at a time


async def sweep_seats(ports: Ports) -> None:
    """Delete the answer sheets of every survey that needs none any more: those that a close
    left behind which died between its commit and its end. Nobody asks for it and nobody is
    answered; repeating it is safe. Raises Fault UNAVAILABLE."""
    after: Survey = ("", "")
    while page := await ports.seats.surveys(after, PAGE):
        for district, administration in page:
            if await _settled(ports, district, administration):
                await ports.seats.clear(district, administration)
        after = page[-1]


async def _settled(ports: Ports, district: str, administration: str) -> bool:
    """Of seats whose survey is not there nothing is known, so they are left alone."""
    try:
        return (await ports.administrations.get(district, administration)).settled
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return False
