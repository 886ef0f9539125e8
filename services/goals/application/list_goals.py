from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.goals.application.ports import Ports
from services.goals.domain.goal_outline import GoalSummary


async def list_goals(
    ports: Ports, call: Call, *, teacher: str, after: str, limit: int
) -> Found[GoalSummary]:
    """A teacher's goals of all years, ordered by id."""
    await ports.access.allow(call, teacher=teacher)
    return await ports.goal_summaries.find(call.district, {"teacher": teacher}, after, limit)
