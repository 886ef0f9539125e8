from __future__ import annotations

from services.chassis.call import Call
from services.goals.application.ports import Ports
from services.goals.domain.goal import Goal


async def set_baseline(ports: Ports, call: Call, goal_id: str, *, value: float) -> Goal:
    """Say where a draft starts from, in the goal's unit."""

    async def act(goal: Goal) -> None:
        await ports.access.allow(call, teacher=goal.teacher)
        goal.set_baseline(value)

    return await ports.goals.change(call, goal_id, act)
