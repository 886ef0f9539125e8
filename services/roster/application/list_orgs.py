from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.roster.application.ports import Ports
from services.roster.domain.org import Org
from services.roster.domain.record import Status


async def list_orgs(ports: Ports, call: Call, *, after: str, limit: int) -> Found[Org]:
    """The district's schools and other orgs, ordered by id."""
    await ports.access.allow(call)
    return await ports.orgs.find(call.district, {"status": Status.ACTIVE.value}, after, limit)
