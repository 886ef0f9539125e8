"""What is ordered for a person of several records begins once no hold is on any of them, and is of
those, too, of which it was not known yet that they are hers; and what services say that they have
erased is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.privacy.v1 import erasure_events_pb2 as published
from coaching.programs.v1 import relationship_events_pb2 as programs
from coaching.roster.v1 import match_events_pb2 as matches
from coaching.surveys.v1 import administration_events_pb2 as surveys
from services.access import merges
from services.access.directory import ReadsAnew
from services.access.merges import records_of
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.kernel import Clock, Fault, Kind, if_there
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.privacy.erasure.domain import (
    IN_TIME,
    LOOKS_AGAIN,
    SETTLES,
    Erasure,
    ErasureState,
    looks_whether_done,
)
from services.privacy.in_force import holds_in_force

SEES = "see_erasure_done"


@dataclass(frozen=True, slots=True)
class DutyPorts:
    path: WritePath[Erasure]
    view: ReadsAnew
    clock: Clock


def _pending(event: Event) -> Asked | None:
    message: Any = event.message
    said: published.ErasureSnapshot = message.erasure
    if said.state != published.ERASURE_STATE_PENDING:
        return None
    return Asked(event.envelope.occurred_at + SETTLES, {})


async def begin_erasure(ports: DutyPorts, call: Call, todo: Todo) -> datetime | None:
    """Begin what is pending, unless a legal hold is on any record of hers, or there are more on
    others than an order can tell of: then it is looked at again later. What somebody defers
    meanwhile, who is about to place one, stays pending. Raises Fault UNAVAILABLE where which
    records are hers, or whose a hold is, is not known yet."""
    return await _begin(ports, call, await ports.path.get(call.district, todo.aggregate))


def _released(event: Event) -> Asked:
    message: Any = event.message
    return Asked(event.envelope.occurred_at, {"person": message.erasure.person_id})


async def begin_others(ports: DutyPorts, call: Call, todo: Todo) -> datetime | None:
    """Begin what waits on her other records for the hold that was lifted. Raises as
    `begin_erasure`."""
    again: list[datetime] = []
    for record in await records_of(ports.view, call.district, todo.value["person"], whichever=True):
        id_ = ports.path.derived_id(call.district, record)
        found = await if_there(ports.path.get(call.district, id_))
        at = None if found is None else await _begin(ports, call, found)
        again += [] if at is None else [at]
    return min(again, default=None)


async def _begin(ports: DutyPorts, call: Call, found: Erasure) -> datetime | None:
    """When to look again."""
    looked_at = ports.clock.now()
    if found.state is not ErasureState.PENDING:
        return None
    assert found.begins_at is not None
    if looked_at < found.begins_at:
        return found.begins_at
    records = await records_of(ports.view, call.district, found.person, whichever=True)
    for record in records:
        id_ = ports.path.derived_id(call.district, record)
        other = await if_there(ports.path.get(call.district, id_))
        if other is not None and other.state is ErasureState.HELD:
            return looked_at + LOOKS_AGAIN
    holds = await holds_in_force(ports.path, ports.view, call.district)
    if holds is None:
        return looked_at + LOOKS_AGAIN

    def begin(erasure: Erasure) -> None:
        erasure.begin(records, holds, looked_at, ports.clock.now())

    call = replace(call, key=f"{call.key}:{looked_at.isoformat()}")
    begun = await ports.path.change(call, found.id, begin)
    return begun.begins_at if begun.state is ErasureState.PENDING else None


def _carried_out(event: Event) -> Asked:
    message: Any = event.message
    said = message.receipt
    _, service, _ = event.envelope.type.split(".", 2)
    value = {
        "erasure": said.erasure_id,
        "under_way": said.erasure_version,
        "erased": said.erased,
        "service": service,
    }
    return Asked(event.envelope.occurred_at, value)


async def confirm_erasure(ports: DutyPorts, call: Call, todo: Todo) -> None:
    """Note it. An order that is unknown here was given after the backup that was restored: it is
    given again, and carried out again."""
    said, said_at, at = todo.value, todo.fact["at"], ports.clock.now()

    def act(erasure: Erasure) -> None:
        erasure.confirm(said["service"], said["under_way"], said["erased"], said_at, at)

    await if_there(ports.path.change(call, said["erasure"], act))


_ASKS: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _carried_out
    for message in (
        goals.ErasureCarriedOut,
        observations.ErasureCarriedOut,
        programs.ErasureCarriedOut,
        surveys.ErasureCarriedOut,
    )
}


def _under_way(event: Event) -> Asked | None:
    message: Any = event.message
    said: published.ErasureSnapshot = message.erasure
    if said.state != published.ERASURE_STATE_UNDER_WAY:
        return None
    return Asked(event.envelope.occurred_at + IN_TIME, {})


async def see_erasure_done(ports: DutyPorts, call: Call, todo: Todo) -> datetime | None:
    """Look whether what came to be under way an hour ago is done. As long as it is not, this is
    what tells (`TandemErasureLate`): it is looked at again, and again."""
    found = await ports.path.get(call.district, todo.aggregate)
    if found.state is not ErasureState.UNDER_WAY or found.under_way != todo.version:
        return None
    held = await ports.path.find(call.district, {"state": ErasureState.HELD.value}, "", 1)
    return ports.clock.now() + looks_whether_done(bool(held.items or held.left_out))


async def extend_erasure(ports: DutyPorts, call: Call, todo: Todo) -> datetime | None:
    """Two records are one person. Where an order about the one was given after that, and began
    before it was known here, the same is ordered of the other: it waits for whatever hold is on
    any of them. Looked at once more for an order that was being given meanwhile, and again as long
    as another order about it waits. Raises as `Merge.holds`."""
    merge, now = merges.Merge.of(todo), ports.clock.now()
    if not await merge.holds(ports.view):
        return None
    waits = False
    pairs = ((merge.source, merge.target), (merge.target, merge.source))
    for record, other in pairs:
        id_ = ports.path.derived_id(call.district, record)
        found = await if_there(ports.path.get(call.district, id_))
        if found is not None and found.lacks(other, todo.fact["at"]):
            waits |= not await _extended(ports, call, other, found, now)
    if todo.looked_at is None:
        return now + SETTLES
    return now + LOOKS_AGAIN if waits else None


async def _extended(
    ports: DutyPorts, call: Call, record: str, order: Erasure, now: datetime
) -> bool:
    """By whoever gave the order. False: another one about it waits, or is under way."""
    assert order.ordered_at is not None
    by, until = order.ordered_by, order.ordered_at
    id_ = ports.path.derived_id(call.district, record)
    call = replace(call, key=f"{call.key}:{record}:{now.isoformat()}")
    try:
        changed = await if_there(
            ports.path.change(call, id_, lambda known: known.extend(by, now, until))
        )
    except Fault as fault:
        if (fault.kind, fault.code) != (Kind.CONFLICT, "already_ordered"):
            raise
        return False
    if changed is None:
        new = Erasure(id=id_, district=call.district, person=record, changed_at=now)
        new.extend(by, now, until)
        await ports.path.create(call, new)
    return True


def _merged(event: Event) -> Asked | None:
    return merges.ASKS[event.envelope.type](event)


_MERGED: Mapping[str, Asks] = {matches.PersonMerged.DESCRIPTOR.full_name: _merged}
_PENDING: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _pending
    for message in (published.ErasureOrdered, published.ErasureReleased)
}
_UNDER_WAY: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _under_way
    for message in (published.ErasureOrdered, published.ErasureReleased, published.ErasureBegun)
}
_RELEASED: Mapping[str, Asks] = {published.ErasureReleased.DESCRIPTOR.full_name: _released}
DUTIES = (
    Duty("begin_erasure", _PENDING, begin_erasure),
    Duty("begin_others", _RELEASED, begin_others),
    Duty("confirm_erasure", _ASKS, confirm_erasure),
    Duty("extend_erasure", _MERGED, extend_erasure),
    Duty(SEES, _UNDER_WAY, see_erasure_done),
)
