"""What is read of trials, many at once."""

from __future__ import annotations

from services.access.guarded import About
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.fields import IdOrMe
from services.chassis.write.by_date import Order
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.goals.trial.cases import BY_DATE, Ports
from services.goals.trial.outline import TrialState, TrialSummary


async def list_trials(
    ports: Ports,
    call: Call,
    *,
    teacher_id: IdOrMe | None = None,
    school_year: QueryYear | None = None,
    state: TrialState | None = None,
    order: Order = Order.NEWEST,
    taken_back: bool = False,
    after: str,
    limit: int,
) -> Found[TrialSummary]:
    """A teacher's trials, the caller's own where nobody is named, by when they were planned:
    without reflections and comments; withdrawn ones with `taken_back`, or where their state is
    asked for."""
    teacher = teacher_id or ports.summaries.own(call)
    return await ports.summaries.find(
        call,
        About(teacher=teacher),
        where(teacher=teacher, school_year=school_year, state=state),
        after,
        limit,
        by=BY_DATE.first(order),
        unless=None if taken_back or state else {"state": TrialState.WITHDRAWN.value},
    )
