from __future__ import annotations

from services.chassis.call import Call
from services.goals.application.ports import Ports
from services.goals.domain.goal import Goal


async def activate_goal(ports: Ports, call: Call, goal_id: str) -> Goal:
    """Begin to pursue a draft; the owner only, and only with a baseline."""

    async def act(goal: Goal) -> None:
        await ports.access.allow(call, teacher=goal.teacher)
        goal.activate(call.principal.person, ports.clock.now())

    return await ports.goals.change(call, goal_id, act)
