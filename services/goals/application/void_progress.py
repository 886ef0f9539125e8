from __future__ import annotations

from services.chassis.call import Call
from services.goals.application.ports import Ports
from services.goals.domain.goal import Goal


async def void_progress(ports: Ports, call: Call, goal_id: str, number: int) -> Goal:
    """Let a progress value no longer count; who recorded it and the owner may."""

    async def act(goal: Goal) -> None:
        await ports.access.allow(call, teacher=goal.teacher)
        goal.void_progress(number, call.principal.person, ports.clock.now())

    return await ports.goals.change(call, goal_id, act)
