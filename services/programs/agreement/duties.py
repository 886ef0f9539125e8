"""What the coach sees follows from an agreement that both have accepted; it ends with its
relationship, goes with it, and along when two records of a person become one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from coaching.programs.v1 import agreement_events_pb2 as agreements
from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.access import erasures, merges
from services.access.retention import Along
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.duties.each import change_each, erase_each, unless_erased
from services.chassis.kernel import if_there
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.programs.agreement.cases import BY_DATE, Ports
from services.programs.agreement.domain import Agreement


def _accepted(event: Event) -> Asked:
    message: Any = event.message
    accepted: agreements.AgreementSnapshot = message.agreement
    said = {"relationship": accepted.relationship_id, "number": accepted.in_force.number}
    return Asked(event.envelope.occurred_at, said)


async def show_as_agreed(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """Let the coach see what both have agreed on, while that is in force: unless the teacher has
    said something else since she agreed, which then stays, or their relationship is over."""
    there = ports.path.get(call.district, todo.aggregate)
    found = await unless_erased(ports.path, call, todo.aggregate, there)
    agreed = found.in_force if found is not None else None
    if agreed is None or agreed.number != todo.value["number"]:
        return None
    sees, heard = agreed.terms.coach_sees, agreed.heard
    changed = ports.relationships.change(
        call, todo.value["relationship"], lambda each: each.show_as_agreed(sees, heard)
    )
    await if_there(changed)
    return None


def _ended(event: Event) -> Asked | None:
    message: Any = event.message
    ended: relationships.RelationshipSnapshot = message.relationship
    if not ended.HasField("ended_at"):
        return None
    return Asked(event.envelope.occurred_at, {"ended_at": ended.ended_at.ToDatetime(UTC)})


async def end_agreements(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """End what the two had agreed on or offered until their relationship ended. What they have
    since it was begun anew stays, however late this is."""
    until, at = todo.value["ended_at"], ports.clock.now()
    of = {"relationship": todo.aggregate}
    await change_each(ports.path, call, of, lambda each: each.finish(until, at))
    return None


def _gone(event: Event) -> Asked:
    return Asked(event.envelope.occurred_at, {})


async def erase_left_agreements(ports: Ports, call: Call, todo: Todo) -> None:
    """That of a relationship which is no more, erased or with its time over."""
    of = {"relationship": todo.aggregate}
    await erase_each(ports.path, call, of, lambda each: each.erase())


async def transfer_agreements(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All of the record that is given up, on either side, with the relationship that the other one
    has now: over, since the two agree anew."""

    async def move(call: Call, merge: merges.Merge) -> None:
        act = partial(_transfer, ports, merge)
        await change_each(ports.path, call, {"sides": merge.source}, act, BY_DATE)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


async def _transfer(ports: Ports, merge: merges.Merge, each: Agreement) -> None:
    for side, before in ((each.teacher, each.teacher_before), (each.coach, each.coach_before)):
        if merge.takes(side, before) and await merge.holds(ports.view, before):
            two = (merge.target if one == merge.source else one for one in each.sides)
            year = str(each.school_year)
            of = ports.relationships.derived_id(each.district, *two, year)
            each.transfer(merge.source, merge.target, of, ports.clock.now())
            return


async def erase_agreements(
    ports: Ports, call: Call, hers: erasures.Hers, ordered_at: datetime
) -> None:
    """All of a teacher that were begun before the order, as her relationships: those in which she
    coaches are the others'. Raises as `erase_each`, when all else is done."""

    async def act(each: Agreement) -> None:
        goes = each.begun_at <= ordered_at and hers.has(each.teacher_before)
        if goes and not await hers.keeps(each, _names(each), each.relationship):
            each.erase()

    await erasures.first_to_last(
        erase_each(ports.path, call, {"teacher": record}, act) for record in hers.records
    )


def _names(each: Agreement) -> tuple[str, ...]:
    return (*each.sides, each.teacher_before, each.coach_before)


def agreements_of_relationships(path: WritePath[Agreement]) -> Along[Agreement]:
    """What a relationship is kept for, since they go with it."""
    return Along(path, "relationship", lambda each: (each.school_year, each.begun_at), _names)


_ENDS: Mapping[str, Asks] = {relationships.RelationshipEnded.DESCRIPTOR.full_name: _ended}
DUTIES = (
    Duty(
        "show_as_agreed",
        {agreements.AgreementAccepted.DESCRIPTOR.full_name: _accepted},
        show_as_agreed,
    ),
    Duty("end_agreements", _ENDS, end_agreements),
    Duty("transfer_agreements", merges.ASKS, transfer_agreements),
    Duty(
        "erase_agreements",
        {relationships.RelationshipErased.DESCRIPTOR.full_name: _gone},
        erase_left_agreements,
    ),
)
