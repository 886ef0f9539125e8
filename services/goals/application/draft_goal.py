from __future__ import annotations

from services.access.ties import check_class
from services.chassis.call import Call
from services.chassis.write.quota import Bound
from services.goals.application.ports import Ports
from services.goals.domain.goal import MOST_GOALS, Goal
from services.goals.domain.goal_outline import Direction


async def draft_goal(
    ports: Ports,
    call: Call,
    *,
    teacher: str,
    statement: str,
    focus_skill: str,
    measure: str,
    unit: str,
    direction: Direction,
    target: float,
    baseline: float | None,
    due: str,
    class_id: str,
    school_year: int | None,
) -> Goal:
    """Draft a goal for a teacher: by herself, or proposed by her coach. Raises INVALID where
    she does not teach the class."""
    await ports.access.allow(call, teacher=teacher)
    now = ports.clock.now()
    goal = Goal(
        id=ports.goals.new_id(call),
        district=call.district,
        teacher=teacher,
        school_year=ports.days.named(call.district, now, school_year),
        statement=statement,
        focus_skill=focus_skill,
        measure=measure,
        unit=unit,
        direction=direction,
        target=target,
        baseline=baseline,
        due=due,
        class_id=class_id,
        drafted_at=now,
        drafted_by=call.principal.person,
    )

    async def check() -> None:
        ports.days.check_near(call.district, now, goal.school_year)
        await check_class(ports.access, call.district, teacher, class_id)

    return await ports.goals.create(
        call, goal.drafted(), [_bound(teacher, goal.school_year)], check
    )


def _bound(teacher: str, school_year: int) -> Bound:
    return Bound(
        {"teacher": teacher, "school_year": school_year},
        MOST_GOALS,
        "too_many_goals",
        f"A teacher has at most {MOST_GOALS} goals in a school year.",
    )
