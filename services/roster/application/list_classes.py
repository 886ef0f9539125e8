from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.roster.application.ports import Ports
from services.roster.domain.class_ import Class
from services.roster.domain.record import Status


async def list_classes(
    ports: Ports, call: Call, *, teacher: str, after: str, limit: int
) -> Found[Class]:
    """A teacher's classes, or all of the district without one; ordered by id."""
    await ports.access.allow(call, teacher=teacher or None)
    where: dict[str, str | int | bool] = {"status": Status.ACTIVE.value}
    if teacher:
        where["teachers"] = teacher
    return await ports.classes.find(call.district, where, after, limit)
