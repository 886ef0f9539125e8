"""Lists of observations."""

from __future__ import annotations

from collections.abc import Mapping

from services.access.guarded import About
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.fields import Day, Id, IdOrMe
from services.chassis.write.by_date import Order
from services.chassis.write.documents import Scalar, where
from services.chassis.write.loading import Found
from services.observations.observation.cases import BY_DATE, Ports
from services.observations.observation.outline import (
    SHARED,
    ObservationOutline,
    ObservationState,
)

_GONE = {"state": ObservationState.CANCELLED.value}


def seen_by(person: str) -> list[Mapping[str, Scalar]]:
    """What `ObservationOutline.visible_to` is true of, as a store is asked for it."""
    return [*({"state": each.value} for each in SHARED), {"observer": person}, {"teacher": person}]


async def list_observations(
    ports: Ports,
    call: Call,
    *,
    teacher_id: IdOrMe | None = None,
    observer_id: IdOrMe | None = None,
    school_year: QueryYear | None = None,
    state: ObservationState | None = None,
    class_id: Id | None = None,
    from_date: Day | None = None,
    to_date: Day | None = None,
    order: Order = Order.NEWEST,
    taken_back: bool = False,
    after: str,
    limit: int,
) -> Found[ObservationOutline]:
    """Observations of a teacher that the caller may see, by when they take place; of the caller
    herself where nobody is named, and without their notes. Or, with `observer_id` alone, those by
    an observer. Cancelled ones with `taken_back`, or where their state is asked for.

    Of an observer's those are given whose teacher lets the caller in today."""
    by = BY_DATE.first(order).between(*ports.days.span(call.district, from_date, to_date))
    unless = None if taken_back or state is not None else _GONE
    teacher = teacher_id or (None if observer_id else ports.summaries.own(call))
    asked = where(
        teacher=teacher,
        observer=observer_id,
        school_year=school_year,
        state=state,
        class_id=class_id,
    )

    reader = call.principal.person
    either = [] if reader in (teacher, observer_id) else seen_by(reader)
    if teacher is not None:
        about = About(teacher=teacher)
        return await ports.summaries.find(call, about, asked, after, limit, by, unless, either)
    return await ports.summaries.find_admitted(
        call,
        About(teacher=observer_id),
        asked,
        after,
        limit,
        lambda each: each.teacher,
        by,
        unless,
        either,
    )
