from __future__ import annotations

from services.chassis.call import Call
from services.goals.application.ports import Ports
from services.goals.domain.goal import Goal


async def abandon_goal(ports: Ports, call: Call, goal_id: str) -> Goal:
    """Give up a draft or an active goal; the owner only."""

    async def act(goal: Goal) -> None:
        await ports.access.allow(call, teacher=goal.teacher)
        goal.abandon(call.principal.person, ports.clock.now())

    return await ports.goals.change(call, goal_id, act)
