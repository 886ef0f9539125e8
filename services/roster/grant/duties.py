"""A grant begins, is about to end and is over by its days alone: what is told of that, by whom asks
no clock of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from coaching.roster.v1 import grant_events_pb2 as grants
from services.access.days import Days
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.kernel import Clock
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.roster.courses import GrantCourse, course_of, warned_on
from services.roster.grant.domain import Grant, GrantState


@dataclass(frozen=True, slots=True)
class Ports:
    grants: WritePath[Grant]
    days: Days
    clock: Clock


def _given(event: Event) -> Asked:
    message: Any = event.message
    given: grants.GrantSnapshot = message.grant
    return Asked(event.envelope.occurred_at, {"given_at": given.given_at.ToDatetime(UTC)})


async def tell_days(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """Tell where it has come to since that was told, and look again when there is more to tell:
    until it is over, or was ended or changed, which asks anew."""
    known = await ports.grants.get(call.district, todo.aggregate)
    if known.state is not GrantState.OPEN or known.given_at != todo.value["given_at"]:
        return None
    today = ports.days.day_of(call.district, ports.clock.now())
    course = course_of(known.begins, known.ends, today)
    if course is not known.course:
        once = replace(call, key=f"{call.key}:{course.value}")
        await ports.grants.change(once, known.id, lambda grant: grant.go_on(today))
    return _next(ports.days, known, course)


def _next(days: Days, grant: Grant, course: GrantCourse) -> datetime | None:
    """When it is somewhere else in its days; None: never."""
    if course is GrantCourse.AHEAD:
        return days.begins(grant.district, date.fromisoformat(grant.begins))
    if not grant.ends or course is GrantCourse.LAPSED:
        return None
    if course is GrantCourse.COUNTING:
        return days.begins(grant.district, warned_on(grant.ends))
    return days.ends(grant.district, date.fromisoformat(grant.ends))


_ASKS: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _given for message in (grants.GrantGiven, grants.GrantChanged)
}
DUTIES = (Duty("tell_grant_days", _ASKS, tell_days),)
