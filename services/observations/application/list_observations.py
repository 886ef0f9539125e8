from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.observations.application.ports import Ports
from services.observations.domain.observation import ObservationOutline, ObservationState


async def list_observations(
    ports: Ports, call: Call, *, teacher: str, taken_back: bool = False, after: str, limit: int
) -> Found[ObservationOutline]:
    """Of a teacher those that the caller may see, ordered by id; cancelled ones where
    `taken_back`."""
    await ports.access.allow(call, teacher=teacher)

    def shown(each: ObservationOutline) -> bool:
        kept = taken_back or each.state is not ObservationState.CANCELLED
        return kept and each.visible_to(call.principal.person)

    visible: list[ObservationOutline] = []
    left_out = 0
    while True:
        wanted = limit - len(visible)
        page = await ports.observation_summaries.find(
            call.district, {"teacher": teacher}, after, wanted
        )
        visible += page.where(shown).items
        left_out += page.left_out
        after = page.after
        large = len(page.items) + page.left_out < wanted
        if large or not after or len(visible) == limit:
            return Found(visible, after, left_out)
