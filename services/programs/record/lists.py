"""What is read of planning records."""

from __future__ import annotations

from dataclasses import replace

from services.access.guarded import About
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.fields import Day, Id
from services.chassis.kernel import if_there, invalid
from services.chassis.write.by_date import Order
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.programs.record.cases import (
    BY_DATE,
    NOBODY,
    Ports,
    last_of,
    of_several,
    of_two,
    whose,
)
from services.programs.record.domain import PlanningEntry, PlanningRecord, Shared
from services.programs.record.outline import EntryKind
from services.programs.relationship.domain import Relationship


async def list_planning_entries(
    ports: Ports,
    call: Call,
    *,
    relationship_id: Id | None = None,
    circle_id: Id | None = None,
    kind: EntryKind | None = None,
    school_year: QueryYear | None = None,
    from_date: Day | None = None,
    to_date: Day | None = None,
    order: Order = Order.NEWEST,
    after: str,
    limit: int,
) -> Found[PlanningEntry]:
    """What was written in planning records while the caller was of them, by when that was.

    In that of one relationship or circle, or in all; also once she is no more of it.

    Who leads or may lead is given what she has written herself, and in the record of a teacher who
    lets her coach all of it."""
    reader = ports.entries.own(call, "/circle_id")
    by = BY_DATE.first(order).between(*ports.days.span(call.district, from_date, to_date))
    asked = where(readers=reader, record_id=relationship_id or circle_id)
    asked |= where(kind=kind, school_year=school_year)
    either = [] if await _reads_all(ports, call, relationship_id) else [{"author": reader}]
    about = About(parties=(reader,))
    found = await ports.entries.find(call, about, asked, after, limit, by, None, either)
    if relationship_id is not None and circle_id is not None:
        raise invalid("record_of_one", "Name one of the two.", "/circle_id")
    return found


async def _reads_all(ports: Ports, call: Call, relationship: str | None) -> bool:
    """As `whose` decides of each entry."""
    access, reader = ports.access, call.principal.person
    if not await access.may_lead(call.district, reader):
        return True
    two = None
    if relationship is not None:
        two = await if_there(ports.relationships.get(call.district, relationship))
    return (
        two is not None
        and two.coach == reader
        and await access.coaches(call.district, two.coach, two.teacher)
    )


async def _read_by(ports: Ports, call: Call, two: Relationship) -> Shared:
    still = await ports.access.is_side(call.district, two.coach, two.teacher)
    return of_two(two) if still else replace(of_two(two), readers=(two.teacher,))


async def _left_of(ports: Ports, call: Call, record_id: str) -> Shared | None:
    """A record whose relationship or circle is no more, but what others than whom that was erased
    for have written in it is; None where there is no entry."""
    last = await last_of(ports, call.district, record_id)
    if last is None:
        return None
    about = await whose(ports.access, last)
    return Shared(last.of, record_id, last.school_year, tuple(about.parties))


async def get_planning_record(ports: Ports, call: Call, record_id: Id) -> PlanningRecord:
    """How much was written in the record of a relationship or a circle, and where it ends.

    For who is of it today, and for who facilitates a circle: she sees that there are entries, and
    not what they say. Of one whose relationship or circle was erased, since somebody of it was, for
    who still reads what was written there last."""
    ports.access.check_scope(call)
    two = await if_there(ports.relationships.get(call.district, record_id))
    shared = await _read_by(ports, call, two) if two is not None else None
    if shared is None:
        several = await if_there(ports.circles.get(call.district, record_id))
        if several is not None:
            named = (*several.joined, *filter(None, [several.facilitator]))
            shared = replace(of_several(several), readers=named)
    if shared is None:
        shared = await _left_of(ports, call, record_id)
    about = About(parties=shared.readers or ("",)) if shared is not None else NOBODY

    async def read() -> PlanningRecord:
        assert shared is not None  # else nobody is let in
        known = PlanningRecord(shared.id, shared.of, shared.school_year)
        last = await last_of(ports, call.district, shared.id)
        if last is None:
            return known
        number, end = last.chained.number, f"{last.chained.number}:{last.chained.hash}"
        return replace(known, entries=number, last_written_at=last.written_at, end=end)

    return await ports.reads.one(call, about, read)
