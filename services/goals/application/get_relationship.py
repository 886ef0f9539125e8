from __future__ import annotations

from services.chassis.call import Call
from services.goals.application.ports import Ports
from services.goals.domain.relationship import Relationship


async def get_relationship(ports: Ports, call: Call, relationship_id: str) -> Relationship:
    relationship = await ports.relationships.get(call.district, relationship_id)
    await ports.access.allow(call, parties=(relationship.coach, relationship.teacher))
    return relationship
