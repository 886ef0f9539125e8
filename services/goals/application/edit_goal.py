from __future__ import annotations

from services.access.ties import check_class
from services.chassis.call import Call
from services.goals.application.ports import Ports
from services.goals.domain.goal import Edit, Goal


async def edit_goal(ports: Ports, call: Call, goal_id: str, edit: Edit) -> Goal:
    """Change what a draft says; its owner and its author may. Raises INVALID where she does
    not teach the class."""

    async def act(goal: Goal) -> None:
        await ports.access.allow(call, teacher=goal.teacher)
        goal.edit(call.principal.person, edit)
        await check_class(ports.access, call.district, goal.teacher, edit.class_id or "")

    return await ports.goals.change(call, goal_id, act)
