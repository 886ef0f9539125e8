from __future__ import annotations

from collections.abc import Collection

from services.chassis.call import Call
from services.chassis.kernel import conflict
from services.goals.application.leading import needed_of
from services.goals.application.ports import Ports
from services.goals.domain.relationship import Acknowledgment, Relationship


async def accept_relationship(
    ports: Ports,
    call: Call,
    relationship_id: str,
    *,
    acknowledged: Collection[Acknowledgment] = (),
) -> Relationship:
    """Accept a proposal, as the side that did not make it; or, as the teacher, accept anew
    what has become true of her coach. Raises CONFLICT where the coach may not coach today."""

    async def act(relationship: Relationship) -> None:
        await ports.access.allow(call, parties=(relationship.coach, relationship.teacher))
        hindrance = await ports.access.hindrance(call.district, relationship.coach)
        if hindrance is not None:
            raise conflict(hindrance.code, hindrance.detail)
        relationship.accept(
            call.principal.person,
            ports.clock.now(),
            needed=await needed_of(ports, relationship),
            acknowledged=acknowledged,
        )

    return await ports.relationships.change(call, relationship_id, act)
