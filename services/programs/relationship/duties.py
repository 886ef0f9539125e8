"""A relationship ends by itself when its school year and the district's grace are over, or with the
one of the year beside it; it goes along when two records of a person become one, and is erased on
order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from functools import partial
from typing import Any

from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.access import erasures, merges
from services.access.retention import Along, Retained, newest
from services.access.retention_report import RetentionReport
from services.access.school_year import first_day
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.duties.each import change_each, unless_erased
from services.chassis.kernel import Fault, already_there, if_there
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.programs.relationship.cases import Ports
from services.programs.relationship.domain import Relationship
from services.programs.relationship.going_on import (
    EARLIEST,
    GOES_ON,
    ON_ITS_DAY,
    begin_handed_over,
    go_on_that_day,
)


def _begun(event: Event) -> Asked:
    """Due when no relationship of the year can be over anywhere yet, but soon may."""
    message: Any = event.message
    begun: relationships.RelationshipSnapshot = message.relationship
    over = datetime.combine(first_day(begun.school_year + 1), time(), UTC)
    return Asked(over - EARLIEST, {"year": begun.school_year})


def _begun_accepted(event: Event) -> Asked | None:
    """What begins by a handover was never proposed: that is the first which is told of it."""
    return _begun(event) if event.envelope.version == 1 else None


async def end_at_last(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """End it, proposed or active, once it does not count any more: by the district's grace as it
    is then."""
    last = ports.access.rules(call.district).relationships.last_day(todo.value["year"])
    if ports.access.today(call.district) <= last:
        return ports.days.ends(call.district, last)

    def act(relationship: Relationship) -> None:
        if relationship.open:
            relationship.end(call.principal.id, ports.clock.now())

    changed = ports.path.change(call, todo.aggregate, act)
    await unless_erased(ports.path, call, todo.aggregate, changed)
    return None


_ASKS: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _begun
    for message in (
        relationships.RelationshipProposed,
        relationships.RelationshipCarriedOver,
        relationships.RelationshipTransferred,
    )
} | {relationships.RelationshipAccepted.DESCRIPTOR.full_name: _begun_accepted}


def _ended(event: Event) -> Asked | None:
    """Of what let the coach in, or would have: not of a proposal that is taken back. What has ended
    under other ids tells of itself under these."""
    message: Any = event.message
    ended: relationships.RelationshipSnapshot = message.relationship
    over = ended.state == relationships.RELATIONSHIP_STATE_ENDED and not ended.transferred_from_id
    if not (over and ended.HasField("accepted_at") and ended.HasField("ended_at")):
        return None
    said = {
        "coach": ended.coach_id,
        "teacher": ended.teacher_id,
        "year": ended.school_year,
        "accepted_at": ended.accepted_at.ToDatetime(UTC),
        "ended_at": ended.ended_at.ToDatetime(UTC),
    }
    return Asked(event.envelope.occurred_at, said)


_ENDS: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _ended
    for message in (relationships.RelationshipEnded, relationships.RelationshipTransferred)
}


async def end_beside(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """Where somebody ended one that its year had begun: end the two's of the year before, or in the
    grace it would let the coach in again. And those of later years that are active by the
    acceptance which is withdrawn with it, kept when they were carried over. What was proposed or
    accepted anew since stays, however late this is."""
    value = todo.value
    year, at, accepted = value["year"], value["ended_at"], value["accepted_at"]
    there = ports.path.get(call.district, todo.aggregate)
    found = await unless_erased(ports.path, call, todo.aggregate, there)
    if found is None or not found.was_ended(at):
        return None

    async def end(of: int, ends: Callable[[Relationship], bool]) -> None:
        def act(known: Relationship) -> None:
            if ends(known):
                known.end(call.principal.id, ports.clock.now())

        id_ = ports.path.derived_id(call.district, value["coach"], value["teacher"], str(of))
        await if_there(ports.path.change(call, id_, act))

    if ports.days.school_year_of(call.district, at) >= year:
        await end(year - 1, lambda known: known.begun_by(at))
    for later in (year + 1, year + 2):  # in the grace there are those of three years
        await end(later, lambda known: known.rests_on(accepted))
    return None


async def transfer_relationships(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """What the record that is given up had with others is had by the other one: a relationship of
    its own takes the place of each, since an id is of two people and a year. Nothing is made of
    what would be of a person with herself. Parted again, what only came so is over, or a coach
    would see the work of one who never agreed to it; who was merged by mistake proposes anew."""

    async def move(call: Call, merge: merges.Merge) -> None:
        for side in ("coach", "teacher"):
            act = partial(_part, ports, merge)
            if not merge.back:
                act = partial(_transfer, ports, call, merge)
            await change_each(ports.path, call, {side: merge.source}, act)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


async def _part(ports: Ports, merge: merges.Merge, kept: Relationship) -> None:
    if kept.came_from == merge.target and await merge.holds(ports.view):
        kept.part(merge.target, ports.clock.now())


async def _transfer(ports: Ports, call: Call, merge: merges.Merge, old: Relationship) -> None:
    if old.transferred_from or not await merge.holds(ports.view):
        return
    coach, teacher = (
        merge.target if each == merge.source else each for each in (old.coach, old.teacher)
    )
    if coach != teacher:
        id_ = ports.path.derived_id(old.district, coach, teacher, str(old.school_year))
        new = old.for_sides(id_, coach, teacher)
        # changed by somebody once it was made: it is looked at, and not answered as before
        call = replace(call, key=f"{call.key}:{old.version}")
        try:
            await ports.path.create(call, new)
        except Fault as fault:
            if not already_there(fault):
                raise
            at = ports.clock.now()
            # what is erased stays so: this one gives way all the same, and so do those behind it
            changed = ports.path.change(call, id_, lambda known: known.take_over(new, at))
            await unless_erased(ports.path, call, id_, changed)
    old.give_way(ports.clock.now())


async def erase_relationships(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All relationships of a teacher that were proposed before the order, for the first time. Those
    in which she coaches are the others'. With what other rooms have of her, since the receipt is of
    all."""
    work = erasures.ToErase(ports.path, ports.receipts, ports.drafts, too=ports.erased_too)
    hers, now = await erasures.Hers.of(ports.view, call.district, todo), ports.clock.now()
    return await erasures.carry_out(work, call, todo, now, hers, _began, _nobody, _names)


def _nobody(_: Relationship) -> str:
    """What another record had stays with that record, and is only repeated by hers."""
    return ""


def _names(each: Relationship) -> tuple[str, ...]:
    """On either of whom a legal hold keeps it, with what hangs on it, and to whom it goes."""
    to = (each.handover.successor, each.handover.proposed_by) if each.handover else ()
    return (each.teacher, each.coach, each.transferred_from, each.came_from, *to)


def _began(relationship: Relationship) -> datetime:
    return relationship.first_proposed_at


def kept_relationships(
    ports: Ports, reports: WritePath[RetentionReport], along: Sequence[Along[Any]] = ()
) -> Retained[Relationship]:
    """Relationships that are over, as long as the district keeps them; they end by themselves.
    `along`: what goes with one."""
    return Retained(
        "relationships",
        ports.path,
        reports,
        ports.drafts,
        ports.view,
        ports.days,
        ports.clock,
        _names,
        _touched,
        along=along,
    )


def _touched(each: Relationship) -> datetime | None:
    return None if each.open else newest(each.proposed_at, each.accepted_at, each.ended_at)


DUTIES = (
    Duty("end_relationships", _ASKS, end_at_last),
    Duty("end_beside", _ENDS, end_beside),
    Duty("go_on_that_day", ON_ITS_DAY, go_on_that_day),
    Duty("begin_handed_over", GOES_ON, begin_handed_over),
    Duty("transfer_relationships", merges.ASKS, transfer_relationships),
    Duty("erase_relationships", erasures.ASKS, erase_relationships),
)
