"""Lists of goals, and of what has become of one."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.guarded import About
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.fields import Day, Id, IdOrMe
from services.chassis.write.by_date import Order
from services.chassis.write.documents import where
from services.chassis.write.entries import Numbered
from services.chassis.write.loading import Found
from services.goals.goal.cases import BY_DATE, Ports
from services.goals.goal.domain import Goal
from services.goals.goal.outline import GoalState, GoalSummary, Progress, Revision


async def list_progress(
    ports: Ports, call: Call, goal_id: Id, *, after: str, limit: int
) -> Found[Numbered[Progress]]:
    """All progress of a goal, the newest first, voided values too."""
    goal = await ports.goals.get(call, goal_id)
    held = [Numbered(*each) for each in enumerate(goal.progress, goal.settled + 1)]
    return await ports.progress.page(goal.district, goal.id, held, after, limit)


@dataclass(frozen=True, slots=True)
class Revised:
    """What a goal said before it was revised, and the goal, which has the evidence."""

    goal: Goal
    said: Revision


async def list_revisions(
    ports: Ports, call: Call, goal_id: Id, *, after: str, limit: int
) -> Found[Revised]:
    """All that a goal has said before it was revised, the newest first.

    With the evidence from which that comes, also where the link to it was voided since."""
    goal = await ports.goals.get(call, goal_id)
    held = [Numbered(each.number, each) for each in goal.earlier]
    page = await ports.revisions.page(goal.district, goal.id, held, after, limit)
    return Found([Revised(goal, each.part) for each in page.items], page.after, page.left_out)


async def list_goals(
    ports: Ports,
    call: Call,
    *,
    teacher_id: IdOrMe | None = None,
    school_year: QueryYear | None = None,
    state: GoalState | None = None,
    class_id: Id | None = None,
    from_date: Day | None = None,
    to_date: Day | None = None,
    order: Order = Order.NEWEST,
    taken_back: bool = False,
    after: str,
    limit: int,
) -> Found[GoalSummary]:
    """A teacher's goals, the caller's own where nobody is named, by when they were drafted:
    without the texts noted on the way; withdrawn drafts with `taken_back`, or where their state
    is asked for."""
    teacher = teacher_id or ports.summaries.own(call)
    asked = where(teacher=teacher, school_year=school_year, state=state, class_id=class_id)
    every = taken_back or state is not None
    return await ports.summaries.find(
        call,
        About(teacher=teacher),
        asked,
        after,
        limit,
        by=BY_DATE.first(order).between(*ports.days.span(call.district, from_date, to_date)),
        unless=None if every else {"state": GoalState.WITHDRAWN.value},
    )
