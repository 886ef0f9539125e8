from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.roster.application.ports import Ports
from services.roster.domain.academic_session import AcademicSession
from services.roster.domain.record import Status


async def list_academic_sessions(
    ports: Ports, call: Call, *, after: str, limit: int
) -> Found[AcademicSession]:
    """The district's school years and terms, ordered by id."""
    await ports.access.allow(call)
    return await ports.sessions.find(call.district, {"status": Status.ACTIVE.value}, after, limit)
