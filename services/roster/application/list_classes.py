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
    where: dict[str, str | int | bool] = {"status": Status.ACTIVE.value}
    if teacher:
        await ports.access.allow(call, teacher=teacher)
        where["teachers"] = teacher
        return await ports.classes.find(call.district, where, after, limit)
    look = await ports.access.allow_many(call)
    page = await ports.classes.find(call.district, where, after, limit)
    taught = {each for found in page.items for each in found.teachers}
    look.shown(len(taught - {call.principal.person}))
    return page
