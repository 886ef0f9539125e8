"""A circle ends by itself when its school year and the district's grace are over; it goes along
when two records of a person become one, is erased on order, and when it has had its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

from coaching.programs.v1 import circle_events_pb2 as circles
from services.access import erasures, merges
from services.access.retention import Retained, erase_expired, newest
from services.access.retention_report import RetentionReport
from services.access.retention_round import ASKS as RETENTION_ASKS
from services.access.school_year import first_day
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.duties.each import change_each, erase_each, every, unless_erased
from services.chassis.views.projection import Event
from services.chassis.write.ids import id_after
from services.chassis.write.write_path import WritePath
from services.programs.circle.cases import BY_DATE, Ports
from services.programs.circle.domain import Circle
from services.programs.circle.outline import CircleKind, CircleState
from services.programs.session.domain import CoachingSession

EARLIEST = timedelta(hours=14)  # that a day begins somewhere before it does in UTC


def _begun(event: Event) -> Asked:
    """Due when no circle of the year can be over anywhere yet, but soon may."""
    message: Any = event.message
    begun: circles.CircleSnapshot = message.circle
    over = datetime.combine(first_day(begun.school_year + 1), time(), UTC)
    return Asked(over - EARLIEST, {"year": begun.school_year})


_ASKS: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _begun
    for message in (circles.CircleProposed, circles.CircleRestated)
}


async def end_circle_at_last(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """End it, joined or not, once it does not count any more: by the grace that the district gives
    its relationships, as it is then."""
    last = ports.access.rules(call.district).relationships.last_day(todo.value["year"])
    if ports.access.today(call.district) <= last:
        return ports.days.ends(call.district, last)
    at = ports.clock.now()
    changed = ports.path.change(call, todo.aggregate, lambda circle: circle.finish(at))
    await unless_erased(ports.path, call, todo.aggregate, changed)
    return None


async def transfer_circles(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All that name the record that is given up, or once did: whoever has the other one is asked
    anew, and shows nothing before."""

    async def move(call: Call, merge: merges.Merge) -> None:
        async def act(each: Circle) -> None:
            before = each.came_from(merge.source)
            if merge.takes(merge.source, before) and await merge.holds(ports.view, before):
                each.transfer(merge.source, merge.target, ports.clock.now())

        for side in ("people", "facilitator"):
            await change_each(ports.path, call, {side: merge.source}, act)
        if not merge.back:
            await _end_twins(ports, replace(call, key=f"{call.key}:twins"), merge.target)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


async def _end_twins(ports: Ports, call: Call, person: str) -> None:
    """Of two teachers and a year there is one pair that is open: where two records of one person
    had one each with the same other, that in which more have joined goes on, of two alike the one
    that was proposed first."""
    pairs: dict[tuple[frozenset[str], int], list[Circle]] = {}
    async for each in every(ports.path, call.district, {"named": person}, BY_DATE):
        if each.kind is CircleKind.PAIR and each.state is not CircleState.ENDED:
            two = frozenset(one.person for one in each.members)
            pairs.setdefault((two, each.school_year), []).append(each)
    for twins in pairs.values():
        twins.sort(key=lambda each: (-len(each.joined), each.proposed_at, each.id))
        for other in twins[1:]:
            ended = ports.path.change(call, other.id, lambda pair: pair.finish(ports.clock.now()))
            await unless_erased(ports.path, call, other.id, ended)


async def erase_circles(
    ports: Ports, call: Call, hers: erasures.Hers, ordered_at: datetime
) -> None:
    """All that a person was a member of and that were proposed before the order, for the first
    time, with what was published of them: a pair is gone for both, and of a group the others have
    another that takes its place, with their sessions. Those that she only facilitates are the
    teachers'. Raises as `erase_each`, when all else is done."""

    async def of_her(record: str, each: Circle) -> None:
        goes = each.first_proposed_at <= ordered_at and hers.has(each.came_from(record))
        if goes and not await hers.keeps(each, _whose(each)):
            if each.kind is CircleKind.GROUP and set(each.people) - {record}:
                others = each.without(record, id_after(each.id, record), ordered_at)
                await erasures.restate(ports.path, call, others)
                await _sessions_follow(ports, call, each, others)
            each.erase()

    await erasures.first_to_last(
        erase_each(ports.path, call, {"people": record}, partial(of_her, record))
        for record in hers.records
    )


async def _sessions_follow(ports: Ports, call: Call, before: Circle, after: Circle) -> None:
    """What the others have of a group, also without her, is of the one in its place before it
    goes: nothing says afterwards which that is."""
    call = replace(call, key="")  # a session may be looked at for each who is of it

    def act(session: CoachingSession) -> None:
        session.follow(before.id, after.id)

    for person in after.people:
        await change_each(ports.sessions, call, {"teachers": person}, act)


def kept_circles(ports: Ports, reports: WritePath[RetentionReport]) -> Retained[Circle]:
    """Circles that are over, as long as the district keeps them; they end by themselves."""
    return Retained(
        "circles",
        ports.path,
        reports,
        ports.drafts,
        ports.view,
        ports.days,
        ports.clock,
        _whose,
        lambda each: (
            newest(each.proposed_at, each.began_at, each.ended_at)
            if each.ended_at is not None
            else None
        ),
    )


def _whose(each: Circle) -> list[str]:
    """Also who left it: her id stands in its events."""
    return [*filter(None, [*each.people, each.facilitator]), *(one.before for one in each.records)]


DUTIES = (
    Duty("end_circles", _ASKS, end_circle_at_last),
    Duty("transfer_circles", merges.ASKS, transfer_circles),
)
RETENTION_DUTIES: tuple[Duty[Retained[Circle]], ...] = (
    Duty("erase_expired_circles", RETENTION_ASKS, erase_expired),
)
