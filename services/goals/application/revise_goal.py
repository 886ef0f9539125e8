from __future__ import annotations

from services.chassis.call import Call
from services.goals.application.ports import Ports
from services.goals.domain.goal import Goal


async def revise_goal(
    ports: Ports,
    call: Call,
    goal_id: str,
    *,
    reason: str,
    statement: str | None,
    target: float | None,
    due: str | None,
    baseline: float | None,
) -> Goal:
    """Change what an active goal says, with a reason; the owner only. The old version is
    kept."""

    async def act(goal: Goal) -> None:
        await ports.access.allow(call, teacher=goal.teacher)
        goal.revise(
            call.principal.person,
            ports.clock.now(),
            reason,
            statement=statement,
            target=target,
            due=due,
            baseline=baseline,
        )

    return await ports.goals.change(call, goal_id, act)
