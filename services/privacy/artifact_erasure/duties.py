"""What is ordered about one thing begins once no legal hold is on whom it is about, is asked again
until the service that has it has said that it is gone, and that it has is noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.privacy.v1 import artifact_erasure_events_pb2 as published
from coaching.privacy.v1 import erasure_events_pb2 as erasures
from coaching.programs.v1 import relationship_events_pb2 as programs
from coaching.surveys.v1 import administration_events_pb2 as surveys
from services.access.artifact_erasures import LASTS
from services.access.directory import ReadsAnew
from services.access.merges import records_of
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.duties.each import every
from services.chassis.kernel import Clock, if_there
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.privacy.artifact_erasure.domain import WAITING, ArtifactErasure, ArtifactErasureState
from services.privacy.erasure.domain import (
    IN_TIME,
    LOOKS_AGAIN,
    SETTLES,
    Erasure,
    ErasureState,
    looks_whether_done,
)
from services.privacy.in_force import holds_in_force

SEES = "see_artifact_erased"


@dataclass(frozen=True, slots=True)
class DutyPorts:
    path: WritePath[ArtifactErasure]
    erasures: WritePath[Erasure]
    view: ReadsAnew
    clock: Clock


def _ordered(event: Event) -> Asked:
    return Asked(event.envelope.occurred_at + SETTLES, {})


async def begin_artifact_erasure(ports: DutyPorts, call: Call, todo: Todo) -> datetime | None:
    """Ask for it, unless a legal hold is on any record of hers, and again every ten minutes until
    it is said to be gone; under a hold it waits, and where there are more on others than an order
    can tell of. Raises Fault UNAVAILABLE where which records are
    hers is not known yet."""
    return await _begin(ports, call, await ports.path.get(call.district, todo.aggregate))


def _released(event: Event) -> Asked:
    message: Any = event.message
    return Asked(event.envelope.occurred_at, {"person": message.erasure.person_id})


async def begin_released_artifacts(ports: DutyPorts, call: Call, todo: Todo) -> datetime | None:
    """Begin what waits, of any record of hers, for the hold that was lifted. Raises as
    `begin_artifact_erasure`."""
    soon = ports.clock.now() + SETTLES
    again: list[datetime] = []
    for record in await records_of(ports.view, call.district, todo.value["person"], whichever=True):
        waiting = {"person": record, "state": ArtifactErasureState.PENDING.value}
        async for each in every(ports.path, call.district, waiting):
            at = await _begin(ports, call, each)
            again += [at] if at is not None and at <= soon else []
    return min(again, default=None)


async def _begin(ports: DutyPorts, call: Call, found: ArtifactErasure) -> datetime | None:
    """When to look again."""
    looked_at = ports.clock.now()
    if found.state not in WAITING:
        return None
    at = _next(found)
    if looked_at < at:
        return at
    records = await records_of(ports.view, call.district, found.person, whichever=True)
    held = await _is_held(ports, call, records)
    holds = None if held else await holds_in_force(ports.erasures, ports.view, call.district)

    def act(order: ArtifactErasure) -> None:
        now = ports.clock.now()
        if holds is not None:
            order.begin(records, holds, looked_at, now)
        elif order.state is ArtifactErasureState.UNDER_WAY:
            order.defer(now)

    call = replace(call, key=f"{call.key}:{looked_at.isoformat()}")
    known = await ports.path.change(call, found.id, act)
    return looked_at + LOOKS_AGAIN if holds is None else _next(known)


def _next(order: ArtifactErasure) -> datetime:
    """When something is to be done about one that waits, or is under way."""
    if order.state is ArtifactErasureState.UNDER_WAY and order.asked_at is not None:
        return max(order.begins_at, order.asked_at + LASTS)
    return order.begins_at


async def _is_held(ports: DutyPorts, call: Call, records: Sequence[str]) -> bool:
    for record in records:
        id_ = ports.erasures.derived_id(call.district, record)
        known = await if_there(ports.erasures.get(call.district, id_))
        if known is not None and known.state is ErasureState.HELD:
            return True
    return False


def _carried_out(event: Event) -> Asked:
    message: Any = event.message
    said = message.receipt
    _, service, _ = event.envelope.type.split(".", 2)
    value = {
        "order": said.erasure_id,
        "asked": said.erasure_version,
        "erased": said.erased,
        "service": service,
    }
    return Asked(event.envelope.occurred_at, value)


async def confirm_artifact_erasure(ports: DutyPorts, call: Call, todo: Todo) -> None:
    """Note it, of an order about one thing. One that is unknown here was given after the backup
    that was restored."""
    said, at = todo.value, ports.clock.now()

    def act(order: ArtifactErasure) -> None:
        order.confirm(said["service"], said["asked"], said["erased"], at)

    await if_there(ports.path.change(call, said["order"], act))


def _under_way(event: Event) -> Asked | None:
    """Once, not each time that it is asked."""
    message: Any = event.message
    said: published.ArtifactErasureSnapshot = message.artifact_erasure
    since = said.since.ToDatetime(UTC)
    return Asked(since + IN_TIME, {"since": since}) if said.since == said.asked_at else None


async def see_artifact_erased(ports: DutyPorts, call: Call, todo: Todo) -> datetime | None:
    """Look whether what is under way for an hour is done. As long as it is not, this is what tells
    (`TandemErasureLate`)."""
    found = await ports.path.get(call.district, todo.aggregate)
    waits = found.state is ArtifactErasureState.UNDER_WAY and found.since == todo.value["since"]
    if not waits:
        return None
    held = await ports.erasures.find(call.district, {"state": ErasureState.HELD.value}, "", 1)
    return ports.clock.now() + looks_whether_done(bool(held.items or held.left_out))


_ORDERED: Mapping[str, Asks] = {published.ArtifactErasureOrdered.DESCRIPTOR.full_name: _ordered}
_UNDER_WAY: Mapping[str, Asks] = {published.ArtifactErasureBegun.DESCRIPTOR.full_name: _under_way}
_CARRIED_OUT: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _carried_out
    for message in (
        goals.ErasureCarriedOut,
        observations.ErasureCarriedOut,
        programs.ErasureCarriedOut,
        surveys.ErasureCarriedOut,
    )
}
_RELEASED: Mapping[str, Asks] = {erasures.ErasureReleased.DESCRIPTOR.full_name: _released}
DUTIES = (
    Duty("begin_artifact_erasure", _ORDERED, begin_artifact_erasure),
    Duty("begin_released_artifacts", _RELEASED, begin_released_artifacts),
    Duty("confirm_artifact_erasure", _CARRIED_OUT, confirm_artifact_erasure),
    Duty(SEES, _UNDER_WAY, see_artifact_erased),
)
