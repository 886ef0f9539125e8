from __future__ import annotations

from collections.abc import Sequence

from services.chassis.call import Call
from services.observations.application.ports import Ports
from services.observations.domain.observation import Observation


async def list_observations(
    ports: Ports, call: Call, *, teacher: str, after: str, limit: int
) -> Sequence[Observation]:
    """Of a teacher those that the caller may see, ordered by id."""
    await ports.access.allow(call, teacher=teacher)
    visible: list[Observation] = []
    while True:
        found = await ports.observations.find(call.district, {"teacher": teacher}, after, limit)
        visible += (each for each in found if each.visible_to(call.principal.person))
        if len(visible) >= limit or len(found) < limit:
            return visible[:limit]
        after = found[-1].id
