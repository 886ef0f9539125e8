from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.goals.application.ports import Ports
from services.goals.domain.relationship import Relationship


async def list_relationships(
    ports: Ports, call: Call, *, coach: str, teacher: str, after: str, limit: int
) -> Found[Relationship]:
    """Those of a coach, of a teacher or of the two, ordered by id; neither named: the
    caller's own as a coach."""
    if not coach and not teacher:
        coach = call.principal.person
    where = {name: value for name, value in (("coach", coach), ("teacher", teacher)) if value}
    await ports.access.allow(call, parties=tuple(where.values()))
    return await ports.relationships.find(call.district, where, after, limit)
