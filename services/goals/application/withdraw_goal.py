from __future__ import annotations

from services.chassis.call import Call
from services.goals.application.ports import Ports
from services.goals.domain.goal import Goal


async def withdraw_goal(ports: Ports, call: Call, goal_id: str) -> Goal:
    """Take back a draft that should not have been; its owner and its author may."""

    async def act(goal: Goal) -> None:
        await ports.access.allow(call, teacher=goal.teacher)
        goal.withdraw(call.principal.person, ports.clock.now())

    return await ports.goals.change(call, goal_id, act)
