"""What who sent a celebration puts right of it."""

from __future__ import annotations

from pydantic import Field

from services.chassis.call import Call
from services.chassis.fields import Body, Id
from services.chassis.kernel import Fault, Kind
from services.goals.celebration.cases import Note, Ports, sender_of
from services.goals.celebration.domain import Celebration


class CorrectCelebrationNote(Body):
    note: Note = Field(
        examples=["More than half of the class spoke today. Well done!"],
        description="The words in place of those that are there; empty: none",
    )


async def correct_celebration_note(
    ports: Ports, call: Call, celebration_id: Id, asked: CorrectCelebrationNote
) -> Celebration:
    """Say a celebration in other words, or in none, as who sent it.

    The words before are kept nowhere, since they may name a student. By other words 10 times;
    without any at any time."""

    async def act(celebration: Celebration) -> None:
        await check_sender(ports, call, celebration)
        celebration.reword(ports.clock.now(), asked.note)

    return await ports.celebrations.change(call, celebration_id, act)


async def check_sender(ports: Ports, call: Call, celebration: Celebration) -> None:
    """Raises FORBIDDEN `author_only`. No database command when profiles are warm."""
    if call.principal.person != await sender_of(ports.access, celebration):
        raise Fault(Kind.FORBIDDEN, "author_only", "Only who sent it says it in other words.")
