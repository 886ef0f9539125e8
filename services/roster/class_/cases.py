"""What callers do with classes."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.access import Access
from services.access.guarded import About, GuardedList
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import IdOrMe
from services.chassis.write.documents import Scalar
from services.chassis.write.loading import Found
from services.chassis.write.write_path import WritePath
from services.roster.class_.domain import Class
from services.roster.record import Status


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` is for those of many teachers: who may is then decided for all at once."""

    classes: GuardedList[Class]
    path: WritePath[Class]
    names: Names
    access: Access


async def list_classes(
    ports: Ports, call: Call, *, teacher_id: IdOrMe | None = None, after: str, limit: int
) -> Found[Class]:
    """A teacher's classes; where nobody is named all, for the district, and the caller's own.

    Ordered by id."""
    where: dict[str, Scalar] = {"status": Status.ACTIVE.value}
    teacher_id = teacher_id or await ports.classes.own_or_all(call)
    if teacher_id:
        where["teachers"] = teacher_id
        return await ports.classes.find(call, About(teacher=teacher_id), where, after, limit)
    look = await ports.access.allow_many(call)
    page = await ports.path.find(call.district, where, after, limit)
    taught = {each for found in page.items for each in found.teachers}
    look.shown(taught)
    return page
