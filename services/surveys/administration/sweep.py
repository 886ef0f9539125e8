"""What is left of surveys that are over is deleted, without anybody asking."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

import structlog

from services.chassis.call import Call, Principal
from services.chassis.kernel import Clock, Fault, Kind
from services.chassis.write.write_path import WritePath
from services.surveys.administration.domain import Administration
from services.surveys.administration.seats import Seats, Survey

EVERY_SECONDS = 600.0
AGAIN_SECONDS = 5.0  # after a round that could not be finished
UNREADABLE = ("needs_upgrade", "state_unreadable")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ports:
    administrations: WritePath[Administration]
    seats: Seats
    clock: Clock


async def sweep(ports: Ports, stop: asyncio.Event) -> None:
    """The role that sweeps at its start and every ten minutes, until `stop` is set."""
    while not stop.is_set():
        pause = EVERY_SECONDS
        try:
            await sweep_seats(ports)
        except Fault as fault:
            log.warning("the seats of closed surveys were not all deleted", code=fault.code)
            pause = AGAIN_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def sweep_seats(ports: Ports) -> None:
    """Delete the answer sheets of every survey that needs none any more: those of a close
    that released nothing, once it cannot be taken back, and those that a close or a cancel
    left behind which died between its commit and its end. Delete the seats ten minutes after
    the end. Surveys that nobody is about to end cost nothing. Nobody asks for it and nobody is
    answered; repeating it is safe. Raises the first Fault once it has come to all."""
    after: Survey = ("", "")
    failed: Fault | None = None
    while survey := await ports.seats.ending(after):
        try:
            found = await _sealed(ports, *survey)
            if found is not None and found.settled:
                gone = found.forgettable(ports.clock.now())
                await (ports.seats.remove if gone else ports.seats.clear)(*survey)
        except Fault as fault:  # of one survey, be it for good
            failed = failed or fault
        after = survey
    if failed is not None:
        raise failed


async def _sealed(ports: Ports, district: str, administration: str) -> Administration | None:
    """The survey, sealed where its time has come. Of one that is not there, or cannot be read
    by this build, nothing is known: its seats are left alone."""
    call = Call("seal_administration", Principal(district))

    def act(found: Administration) -> None:
        found.seal(ports.clock.now())

    try:
        return await ports.administrations.change(call, administration, act)
    except Fault as fault:
        if fault.kind is Kind.NOT_FOUND or fault.code in UNREADABLE:
            return None
        raise
