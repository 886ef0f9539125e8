"""What callers do with academic sessions."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.guarded import About, GuardedList
from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.roster.academic_session.domain import AcademicSession
from services.roster.record import Status


@dataclass(frozen=True, slots=True)
class Ports:
    sessions: GuardedList[AcademicSession]


async def list_academic_sessions(
    ports: Ports, call: Call, *, after: str, limit: int
) -> Found[AcademicSession]:
    """The district's school years and terms.

    Ordered by id."""
    where = {"status": Status.ACTIVE.value}
    return await ports.sessions.find(call, About(), where, after, limit)
