from __future__ import annotations

from collections.abc import Sequence

from services.chassis.call import Call
from services.chassis.kernel import Fault, Kind, conflict
from services.surveys.application.ports import Answered, Ports
from services.surveys.domain.administration import Administration, AdministrationState
from services.surveys.domain.codes import seat_of


async def submit_response(
    ports: Ports,
    call: Call,
    administration_id: str,
    *,
    code: str,
    answers: Sequence[tuple[str, int]],
) -> None:
    """Answer a survey once, with a code and without an account. The same answers sent again
    with the same code succeed; others are a CONFLICT. A code, a survey and a district that
    do not exist are answered alike. 2 commands: a read and a conditional write."""
    await ports.access.allow(call)
    administration = await _open(ports, call, administration_id)
    sheet = administration.sheet(answers)
    seat = seat_of(administration.secret, code)
    outcome = await ports.seats.answer(call.district, administration_id, seat, sheet)
    if outcome is Answered.UNKNOWN:
        raise _unknown_code()
    if outcome is Answered.USED:
        raise conflict("code_used", "This code was used already.")
    if outcome is Answered.CLOSED:
        raise _closed()


async def _open(ports: Ports, call: Call, administration_id: str) -> Administration:
    try:
        administration = await ports.administrations.get(call.district, administration_id)
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        raise _unknown_code() from None
    if administration.state is AdministrationState.SCHEDULED:
        raise _unknown_code()
    if administration.state is AdministrationState.CLOSED:
        raise _closed()
    return administration


def _unknown_code() -> Fault:
    return Fault(Kind.NOT_FOUND, "unknown_code", "There is no open survey with this code.")


def _closed() -> Fault:
    return conflict("survey_closed", "The survey is closed.")
