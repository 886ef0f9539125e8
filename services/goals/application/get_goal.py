from __future__ import annotations

from services.chassis.call import Call
from services.goals.application.ports import Ports
from services.goals.domain.goal import Goal


async def get_goal(ports: Ports, call: Call, goal_id: str) -> Goal:
    goal = await ports.goals.get(call.district, goal_id)
    await ports.access.allow(call, teacher=goal.teacher)
    return goal
