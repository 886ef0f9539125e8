from __future__ import annotations

from services.chassis.call import Call
from services.goals.application.ports import Ports
from services.goals.domain.goal import Goal


async def correct_progress(
    ports: Ports,
    call: Call,
    goal_id: str,
    number: int,
    *,
    value: float,
    note: str | None,
    reason: str,
) -> Goal:
    """Put a mistyped progress value right; who recorded it and the owner may. What it was
    before is kept."""

    async def act(goal: Goal) -> None:
        await ports.access.allow(call, teacher=goal.teacher)
        by, at = call.principal.person, ports.clock.now()
        goal.correct_progress(number, value, note, reason, by, at)

    return await ports.goals.change(call, goal_id, act)
