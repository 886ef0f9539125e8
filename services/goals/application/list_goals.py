from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.goals.application.ports import Ports
from services.goals.domain.goal_outline import GoalState, GoalSummary


async def list_goals(
    ports: Ports, call: Call, *, teacher: str, taken_back: bool = False, after: str, limit: int
) -> Found[GoalSummary]:
    """A teacher's goals of all years, ordered by id; withdrawn drafts where `taken_back`."""
    await ports.access.allow(call, teacher=teacher)
    page = await ports.goal_summaries.find(call.district, {"teacher": teacher}, after, limit)
    return page.where(lambda each: taken_back or each.state is not GoalState.WITHDRAWN)
