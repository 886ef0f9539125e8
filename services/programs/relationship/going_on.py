"""Another coach goes on by the teacher's word: what she had is over on the day that was named, and
what begins with the other one follows a moment later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.access import merges
from services.access.acknowledged import check_acknowledged
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Todo
from services.chassis.duties.each import unless_erased
from services.chassis.kernel import Fault, already_there, if_there
from services.chassis.views.projection import Event
from services.programs.relationship.cases import Ports, needed_of
from services.programs.relationship.domain import Relationship
from services.programs.relationship.handing_over import begun_by, go_on, said_since
from services.programs.relationship.outline import Handover

EARLIEST = timedelta(hours=14)  # that a day begins somewhere before it does in UTC


class _Two(NamedTuple):
    """The coach who goes on and the teacher, as they are recorded now."""

    coach: str
    teacher: str


def _from_that_day(event: Event) -> Asked | None:
    """Due when that day has begun nowhere yet, but soon may."""
    message: Any = event.message
    agreed: relationships.RelationshipSnapshot = message.relationship
    if not agreed.handed_over_from_date:
        return None
    day = date.fromisoformat(agreed.handed_over_from_date)
    return Asked(datetime.combine(day, time(), UTC) - EARLIEST, {})


ON_ITS_DAY: Mapping[str, Asks] = {
    relationships.RelationshipHandoverAccepted.DESCRIPTOR.full_name: _from_that_day
}


def _handed_over(event: Event) -> Asked | None:
    message: Any = event.message
    ended: relationships.RelationshipSnapshot = message.relationship
    return Asked(event.envelope.occurred_at, {}) if ended.handed_over_to_id else None


GOES_ON: Mapping[str, Asks] = {relationships.RelationshipEnded.DESCRIPTOR.full_name: _handed_over}


async def go_on_that_day(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """End it once the day has come on which the teacher goes on with another coach. Where that one
    may not coach her any more, leads by now and the teacher does not know, she has not acknowledged
    the data-use policy by now in force, or the two have said something else meanwhile, the coach
    whom she has stays: she is left without none."""
    there = ports.path.get(call.district, todo.aggregate)
    old = await unless_erased(ports.path, call, todo.aggregate, there)
    if old is None or old.handover is None or not old.waits_for_its_day:
        return None
    to, day = old.handover, date.fromisoformat(old.handover.from_date)
    if ports.access.today(call.district) < day:  # of its zone, or another day than was named first
        return ports.days.begins(call.district, day)
    goes_on = await _may_go_on(ports, call, old, to)

    def act(each: Relationship) -> None:
        if not each.waits_for_its_day or each.handover != to:
            return  # what was said since has a to-do of its own
        if goes_on:
            each.go_on_since_its_day(ports.clock.now())
        else:
            each.keep_coach()

    changed = ports.path.change(call, todo.aggregate, act)
    await unless_erased(ports.path, call, todo.aggregate, changed)
    return None


async def _may_go_on(ports: Ports, call: Call, old: Relationship, to: Handover) -> bool:
    two = await _two(ports, call, old, to)
    if two is None or two.coach == await merges.kept_of(ports.people, call.district, old.coach):
        return False
    if await _said_before(ports, call, old, to, two):
        return False
    try:
        await check_acknowledged(ports.access, call.district, two.teacher)
    except Fault as fault:
        if fault.code != "policy_not_acknowledged":
            raise
        return False
    id_ = ports.path.derived_id(call.district, *two, str(old.school_year))
    known = await if_there(ports.path.get(call.district, id_))
    return known is None or known.active or not (known.open or said_since(known, to))


async def _said_before(
    ports: Ports, call: Call, old: Relationship, to: Handover, two: _Two
) -> bool:
    """Whether either has said something since, under ids that they had before they were `two`."""
    coach, teacher = two
    for before in ((to.successor, old.teacher), (coach, old.teacher), (to.successor, teacher)):
        id_ = ports.path.derived_id(call.district, *before, str(old.school_year))
        known = await if_there(ports.path.get(call.district, id_))
        if before != two and known is not None and said_since(known, to):
            return True
    return False


async def _two(ports: Ports, call: Call, old: Relationship, to: Handover) -> _Two | None:
    """None where that coach may not coach her any more, or leads by now and she does not know, or
    is herself under another id."""
    kept = [
        await merges.kept_of(ports.people, call.district, each)
        for each in (to.successor, old.teacher)
    ]
    two = _Two(*kept)
    if two.coach == two.teacher or await ports.access.hindrance(call.district, *two) is not None:
        return None
    needed = await needed_of(ports, call.district, two.coach)
    return two if set(needed) <= set(to.acknowledged) else None


async def begin_handed_over(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """Begin the relationship with the coach who goes on, active by what the teacher has said when
    she accepted the handover, and since the other has ended. What either of the two has said since
    stays, however late this is. Where that coach may not coach any more, or leads by now and the
    teacher does not know, nothing begins. Either may be another record by now, which begins it,
    unless it had begun under the ids of before: then it goes along."""
    there = ports.path.get(call.district, todo.aggregate)
    old = await unless_erased(ports.path, call, todo.aggregate, there)
    to = old.handover if old is not None else None
    if old is None or to is None or to.began_at is None:
        return None
    two = await _two(ports, call, old, to)
    if two is None:
        return None
    if await _said_before(ports, call, old, to, two):
        return None
    id_ = ports.path.derived_id(call.district, *two, str(old.school_year))
    try:
        await ports.path.create(call, begun_by(old, id_, *two))
    except Fault as fault:
        if not already_there(fault):
            raise
        changed = ports.path.change(call, id_, lambda known: go_on(known, to, old))
        await unless_erased(ports.path, call, id_, changed)
    return None
