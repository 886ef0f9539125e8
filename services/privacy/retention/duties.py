"""Each day of a district begins a round of its clock, and what services find in it is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.privacy.v1 import policy_events_pb2 as policies
from coaching.programs.v1 import relationship_events_pb2 as programs
from coaching.surveys.v1 import administration_events_pb2 as surveys
from services.access.days import Days
from services.access.directory import ReadsManyAnew
from services.access.merges import records_of_all
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.duties.each import every
from services.chassis.kernel import Clock, if_there
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.privacy.erasure.domain import Erasure, ErasureState
from services.privacy.policy.domain import DataUsePolicy
from services.privacy.retention.cases import OF_THE_DISTRICT
from services.privacy.retention.domain import (
    MOST_HELD,
    InForce,
    KeptFor,
    RetentionClock,
    RoundFound,
    YearFound,
)

AT_NIGHT = timedelta(hours=2)  # after the district's day has begun


@dataclass(frozen=True, slots=True)
class ClockPorts:
    path: WritePath[RetentionClock]
    versions: WritePath[DataUsePolicy]
    erasures: WritePath[Erasure]
    view: ReadsManyAnew
    days: Days
    clock: Clock


def _enacted(event: Event) -> Asked:
    message: Any = event.message
    said: policies.PolicySnapshot = message.policy
    return Asked(event.envelope.occurred_at, {"number": said.number})


async def ask_retention(ports: ClockPorts, call: Call, todo: Todo) -> datetime | None:
    """Begin the day's round, as long as this version of the policy is the one in force; one that
    keeps everything for good at most one, where a version before it did not."""
    number = int(todo.value["number"])
    newer_id = ports.versions.derived_id(call.district, str(number + 1))
    newer = await if_there(ports.versions.get(call.district, newer_id))
    policy = await ports.versions.get(call.district, todo.aggregate)
    if (newer is not None and newer.enacted) or policy.enacted_at is None:
        return None
    terms = tuple(KeptFor(each.record.value, each.days) for each in policy.terms.retention)
    now = ports.clock.now()
    today = ports.days.day_of(call.district, now)
    held = await _held(ports, call)
    in_force = InForce(number, policy.enacted_at, terms)
    call = replace(call, key=f"{call.key}:{today}")
    id_ = ports.path.derived_id(call.district, OF_THE_DISTRICT)

    def ask(retention: RetentionClock) -> None:
        retention.ask(in_force, held, today.isoformat(), now)

    changed = await if_there(ports.path.change(call, id_, ask))
    if changed is None and terms:
        first = RetentionClock(id=id_, district=call.district)
        ask(first)
        await ports.path.create(call, first)
    return ports.days.ends(call.district, today) + AT_NIGHT if terms else None


async def _held(ports: ClockPorts, call: Call) -> tuple[str, ...]:
    """Whom a legal hold is on now, by all records of hers, since what is hers may be kept by any of
    them; more than a round can tell of where there are too many. Raises Fault UNAVAILABLE where
    this build cannot read one, or which records are one person is not known yet."""
    held: list[str] = []
    async for each in every(ports.erasures, call.district, {"state": ErasureState.HELD.value}):
        held.append(each.person)
        if len(held) > MOST_HELD:
            break
    return tuple(await records_of_all(ports.view, call.district, held, MOST_HELD))


def _reported(event: Event) -> Asked:
    message: Any = event.message
    said = message.report
    value = {
        "retention": said.retention_id,
        "round": said.round,
        "record": said.record,
        "years": [[each.school_year, each.records] for each in said.years],
        **{name: getattr(said, name) for name in _FOUND},
    }
    return Asked(event.envelope.occurred_at, value)


_FOUND = ("due", "held", "later", "erased", "complete")


async def note_retention(ports: ClockPorts, call: Call, todo: Todo) -> None:
    """Note what a service has found. A clock that is unknown here was begun after the backup that
    was restored: it begins anew."""
    said = todo.value
    found = RoundFound(
        record=said["record"],
        at=todo.fact["at"],
        years=tuple(YearFound(*each) for each in said["years"]),
        **{name: said[name] for name in _FOUND},
    )

    def act(retention: RetentionClock) -> None:
        retention.note(said["round"], found)

    await if_there(ports.path.change(call, said["retention"], act))


_ASKS: Mapping[str, Asks] = {policies.PolicyEnacted.DESCRIPTOR.full_name: _enacted}
_REPORTS: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _reported
    for message in (
        goals.RetentionReported,
        observations.RetentionReported,
        programs.RetentionReported,
        surveys.RetentionReported,
    )
}
DUTIES = (
    Duty("ask_retention", _ASKS, ask_retention),
    Duty("note_retention", _REPORTS, note_retention),
)
