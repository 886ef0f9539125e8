"""What callers do with orgs."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.guarded import About, GuardedList
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.write.loading import Found
from services.roster.org.domain import Org
from services.roster.record import Status


@dataclass(frozen=True, slots=True)
class Ports:
    orgs: GuardedList[Org]
    names: Names


async def list_orgs(ports: Ports, call: Call, *, after: str, limit: int) -> Found[Org]:
    """The district's schools, departments and itself.

    Ordered by id."""
    where = {"status": Status.ACTIVE.value}
    return await ports.orgs.find(call, About(), where, after, limit)
