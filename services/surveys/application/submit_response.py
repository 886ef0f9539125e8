from __future__ import annotations

from collections.abc import Sequence

from services.chassis.call import Call
from services.chassis.kernel import Fault, Kind
from services.surveys.administration.domain import Administration
from services.surveys.application.ports import Ports


async def submit_response(
    ports: Ports,
    call: Call,
    administration_id: str,
    *,
    code: str,
    answers: Sequence[tuple[str, int]],
) -> None:
    """Answer an open survey with a code and without an account.

    Success means that this code has an answer and that it counts when the survey is closed:
    the first that came with the code. Whatever comes later with it succeeds too and changes
    nothing, be it the same answers or others; so to send again is safe, and nobody who
    knows a code can find out whether it was used, or what for. Nothing proves a retry: who
    could prove one would know that no other answer was there first.

    Whoever has no code of an open survey is answered alike (NOT_FOUND `unknown_code`),
    whatever the answers and whether or not there is such a survey. 2 commands with a code,
    a read and a write; 1 without.
    """
    await ports.access.allow(call)
    administration = await _administration(ports, call, administration_id)
    seat = administration.seat(code) if administration is not None else None
    if administration is None or seat is None:
        raise _unknown_code()
    sheet = administration.sheet(answers)
    taken = await ports.seats.answer(
        call.district, administration_id, seat, sheet, administration.round
    )
    if not taken:  # it is being closed
        raise _unknown_code()


async def _administration(ports: Ports, call: Call, id: str) -> Administration | None:
    try:
        return await ports.administrations.get(call.district, id)
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return None


def _unknown_code() -> Fault:
    return Fault(Kind.NOT_FOUND, "unknown_code", "There is no open survey with this code.")
