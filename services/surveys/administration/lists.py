"""What callers read of administrations: one, a teacher's, and those that are open in a class.

Results are their teacher's alone for as long as the data-use policy in force says; who else may
read the survey finds none in it until then.
"""

from __future__ import annotations

from dataclasses import replace

from services.access.guarded import About
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.fields import Day, Id, IdOrMe
from services.chassis.write.by_date import Order
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.surveys.administration.cases import BY_DATE, Ports, as_seen
from services.surveys.administration.domain import Administration
from services.surveys.administration.outline import AdministrationOutline, AdministrationState


async def get_administration(ports: Ports, call: Call, administration_id: Id) -> Administration:
    """One administration; its results once it is closed, to its teacher before anybody else. Who
    reads it by a share is not told who did what with it."""
    found = await ports.administrations.get(call, administration_id)
    shared = replace(found, history=()) if call.as_it_stands else found
    return await as_seen(ports, call, shared)


async def list_administrations(
    ports: Ports,
    call: Call,
    *,
    teacher_id: IdOrMe | None = None,
    school_year: QueryYear | None = None,
    state: AdministrationState | None = None,
    class_id: Id | None = None,
    from_date: Day | None = None,
    to_date: Day | None = None,
    order: Order = Order.NEWEST,
    taken_back: bool = False,
    after: str,
    limit: int,
) -> Found[AdministrationOutline]:
    """A teacher's surveys, the caller's own where nobody is named, by when they were planned;
    cancelled ones with `taken_back`, or where their state is asked for."""
    teacher = teacher_id or ports.summaries.own(call)
    asked = where(teacher=teacher, school_year=school_year, state=state, class_id=class_id)
    every = taken_back or state is not None
    page = await ports.summaries.find(
        call,
        About(teacher=teacher),
        asked,
        after,
        limit,
        by=BY_DATE.first(order).between(*ports.days.span(call.district, from_date, to_date)),
        unless=None if every else {"state": AdministrationState.CANCELLED.value},
    )
    return replace(page, items=[await as_seen(ports, call, each) for each in page.items])


async def list_open_administrations(
    ports: Ports, call: Call, class_id: Id, *, after: str, limit: int
) -> Found[AdministrationOutline]:
    """A class's open surveys, for whoever may have to close them in the teacher's place: who
    teaches it today, and the district's administrators.

    Ordered by id."""
    about = About(class_id=class_id)
    asked = where(class_id=class_id, state=AdministrationState.OPEN.value)
    page = await ports.summaries.find_of_many(
        call, about, asked, after, limit, lambda each: each.teacher
    )
    return replace(page, items=[each.for_others() for each in page.items])
