from __future__ import annotations

from services.chassis.call import Call
from services.goals.application.ports import Ports
from services.goals.domain.goal import Goal


async def record_progress(
    ports: Ports, call: Call, goal_id: str, *, value: float, note: str
) -> Goal:
    """Add a measured value, in the goal's unit."""

    async def act(goal: Goal) -> None:
        await ports.access.allow(call, teacher=goal.teacher)
        goal.record_progress(value, note, call.principal.person, ports.clock.now())

    return await ports.goals.change(call, goal_id, act)
