from __future__ import annotations

from services.chassis.call import Call
from services.goals.application.ports import Ports
from services.goals.domain.relationship import Relationship


async def end_relationship(ports: Ports, call: Call, relationship_id: str) -> Relationship:
    """End a relationship or withdraw a proposal. The coach's access closes with it."""

    async def act(relationship: Relationship) -> None:
        await ports.access.allow(call, parties=(relationship.coach, relationship.teacher))
        relationship.end(ports.clock.now())

    return await ports.relationships.change(call, relationship_id, act)
