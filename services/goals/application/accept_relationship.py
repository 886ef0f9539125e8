from __future__ import annotations

from services.chassis.call import Call
from services.goals.application.ports import Ports
from services.goals.domain.relationship import Relationship


async def accept_relationship(ports: Ports, call: Call, relationship_id: str) -> Relationship:
    """Accept a proposal, as the side that did not make it."""

    async def act(relationship: Relationship) -> None:
        await ports.access.allow(call, parties=(relationship.coach, relationship.teacher))
        relationship.accept(call.principal.person, ports.clock.now())

    return await ports.relationships.change(call, relationship_id, act)
