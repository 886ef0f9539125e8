"""What is read of trials, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.access import merges
from services.access.guarded import About
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.fields import IdOrMe
from services.chassis.write.by_date import Order
from services.chassis.write.documents import Scalar, where
from services.chassis.write.loading import Found
from services.goals.trial.cases import BY_DATE, Ports, state_told
from services.goals.trial.outline import TAKEN_BACK, TrialState, TrialSummary, told_to_others


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
    asked for. To whoever neither is the teacher nor planned it what was declined is withdrawn."""
    teacher, reader = teacher_id or ports.summaries.own(call), call.principal.person
    asked, either = where(teacher=teacher, school_year=school_year, state=state), []
    if reader != teacher:
        records = await merges.records_of(ports.view, call.district, reader)
        either = _told(state, records, taken_back)
        if state is TrialState.WITHDRAWN:
            del asked["state"]
    found = await ports.summaries.find(
        call,
        About(teacher=teacher),
        asked,
        after,
        limit,
        by=BY_DATE.first(order),
        unless=None if taken_back or state else {"state": TrialState.WITHDRAWN.value},
        either=either,
    )
    told = [replace(each, state=await state_told(ports, call, each)) for each in found.items]
    return replace(found, items=[each for each in told if state in (None, each.state)])


def _told(
    state: TrialState | None, records: Sequence[str], taken_back: bool
) -> list[dict[str, Scalar]]:
    """What another reader is to find, one of these: of what was declined what she planned, by
    whichever of her `records`."""
    planned: list[dict[str, Scalar]] = [
        {"state": TrialState.DECLINED.value, "planned_by": each} for each in records
    ]
    if state is TrialState.DECLINED:
        return planned
    if state is TrialState.WITHDRAWN:
        return [{"state": each.value} for each in TrialState if told_to_others(each) is state]
    if state or taken_back:
        return []
    others: list[dict[str, Scalar]] = [
        {"state": each.value} for each in TrialState if each not in TAKEN_BACK
    ]
    return [*others, *planned]
