"""What was granted is over with the relationship that came of it, and what waits with its year.

The relationship is that of the request's two and its school year. Either of them may be another
record by the time at which its end is followed, so that is looked at again when a request moves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

from coaching.programs.v1 import coaching_request_events_pb2 as requests
from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.access import merges
from services.access.retention import newest
from services.access.school_year import first_day, last_day
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Todo
from services.chassis.duties.each import change_each, unless_erased
from services.chassis.kernel import if_there
from services.chassis.views.projection import Event
from services.chassis.write.documents import where
from services.programs.relationship.domain import Relationship
from services.programs.request.cases import BY_DATE, Ports
from services.programs.request.domain import CoachingRequest, RequestState

EARLIEST = timedelta(hours=14)  # that a day begins somewhere before it does in UTC
SIDES = ("teacher", "coach")
_Act = Callable[[str, CoachingRequest], Awaitable[None]]


def _ended(event: Event) -> Asked | None:
    message: Any = event.message
    told: relationships.RelationshipSnapshot = message.relationship
    if not told.HasField("ended_at") or told.transferred_from_id:
        return None
    said = {
        "coach": told.coach_id,
        "teacher": told.teacher_id,
        "year": told.school_year,
        "ended_at": told.ended_at.ToDatetime(UTC),
        "to": told.handed_over_to_id,
    }
    return Asked(event.envelope.occurred_at, said)


ENDS: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _ended
    for message in (relationships.RelationshipDeclined, relationships.RelationshipEnded)
}


async def end_granted(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """What was granted is over with the relationship that came of it, declined or ended; not what
    was granted since. Where it is of another record by now, `end_moved` has found or will find
    it. Where another coach goes on, it goes on with her; it is over where by the last look there
    is nothing with her, since she may not coach any more."""
    value, now = todo.value, ports.clock.now()
    to = await merges.kept_of(ports.access, call.district, value["to"]) if value["to"] else ""
    again = merges.look_again(todo, now) if to else None
    waits = False

    async def act(each: CoachingRequest) -> None:
        nonlocal waits
        if each.school_year != value["year"]:
            return
        there = await _relationship(ports, each, coach=to) if to else None
        if there is not None and there.open:
            each.go_on_with(to, value["ended_at"])
        elif again is None or _over_since(there, value["ended_at"]):
            each.finish(value["ended_at"], now)
        else:
            waits = True

    two = {"teacher": value["teacher"], "coach": value["coach"]}
    await change_each(ports.path, replace(call, key=""), two, act, BY_DATE)
    return again if waits else None


def _over_since(there: Relationship | None, since: datetime) -> bool:
    return there is not None and there.ended_at is not None and there.ended_at >= since


async def end_moved(ports: Ports, call: Call, merge: merges.Merge) -> None:
    """What the record that is kept has been granted is over where its relationship is, which may
    have ended under the ids of before. As long as that is open it goes along, maybe after this:
    it is looked at again. So it is where it was handed over, as in `end_granted`."""

    async def act(side: str, each: CoachingRequest) -> None:
        both = [
            await _relationship(ports, each),
            await _relationship(ports, each, **{side: merge.source}),
        ]
        known = [one for one in both if one is not None]
        until = newest(*(one.ended_at for one in known))
        if until is None or any(one.open for one in known):
            return
        for one in known:
            if one.handover is not None and one.handover.began_at == until:
                to = await merges.kept_of(ports.access, call.district, one.handover.successor)
                there = await _relationship(ports, each, coach=to)
                if there is not None and there.open:
                    each.go_on_with(to, until)
                if not _over_since(there, until):
                    return
        each.finish(until, ports.clock.now())

    await _each_granted(ports, call, merge.target, act)


async def end_parted(ports: Ports, call: Call, merge: merges.Merge) -> None:
    """Before it is given back: what was granted is over, since its relationship is not given back,
    unless the two have another one by now."""

    async def act(side: str, each: CoachingRequest) -> None:
        before = each.transferred_from if side == "teacher" else each.coach_before
        if not merge.takes(getattr(each, side), before) or not await merge.holds(ports.view):
            return
        hers = await _relationship(ports, each, **{side: merge.target})
        proposed = hers or await _relationship(ports, each)
        if proposed is not None and not (hers is not None and hers.open):
            each.end(ports.clock.now())

    await _each_granted(ports, call, merge.source, act)


async def _each_granted(ports: Ports, call: Call, person: str, act: _Act) -> None:
    alone = replace(call, key="")  # it is moved under that key
    for side in SIDES:
        granted = where(**{side: person}, state=RequestState.GRANTED)
        await change_each(ports.path, alone, granted, partial(act, side), BY_DATE)


async def _relationship(ports: Ports, of: CoachingRequest, **other: str) -> Relationship | None:
    """That of its two, or of one of them with an `other`. 1 database command."""
    two = {"coach": of.coach, "teacher": of.teacher, **other}
    path, year = ports.relationships, str(of.school_year)
    id_ = path.derived_id(of.district, two["coach"], two["teacher"], year)
    return await if_there(path.get(of.district, id_))


def _made(event: Event) -> Asked:
    """Due when no request of the year can be over anywhere yet, but soon may."""
    message: Any = event.message
    told: requests.CoachingRequestSnapshot = message.coaching_request
    over = datetime.combine(first_day(told.school_year + 1), time(), UTC)
    return Asked(over - EARLIEST, {"year": told.school_year})


MADE: Mapping[str, Asks] = {requests.CoachingRequestMade.DESCRIPTOR.full_name: _made}


async def end_request_at_last(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """Who still waits when the school year is over waits no more. What was granted is over with
    its relationship, and at last when none of that year counts any more."""
    year, now = todo.value["year"], ports.clock.now()
    over, today = last_day(year), ports.access.today(call.district)
    if today <= over:
        return ports.days.ends(call.district, over)
    counts = ports.access.rules(call.district).relationships.last_day(year)

    def act(each: CoachingRequest) -> None:
        if each.state is RequestState.WAITING or today > counts:
            each.end(now)

    alone = replace(call, key="")  # looked at twice
    changed = ports.path.change(alone, todo.aggregate, act)
    found = await unless_erased(ports.path, alone, todo.aggregate, changed)
    return ports.days.ends(call.district, counts) if found is not None and found.open else None
