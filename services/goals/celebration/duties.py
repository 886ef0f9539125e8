"""Celebrations follow a person whose two records have become one, and go with the goal or the trial
that they are of, or where that is ordered."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.goals.v1 import trial_events_pb2 as trials
from services.access import merges
from services.access.erasures import ErasesToo, all_begun
from services.access.retention import Along
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Duty, Todo
from services.chassis.duties.each import erase_each
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.goals.celebration.cases import BY_DATE, Ports
from services.goals.celebration.domain import Celebration


async def transfer_celebrations(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All celebrations of the record that is given up, of whatever year and state."""
    now = ports.clock.now()
    return await merges.move_each(ports.view, ports.path, call, todo, now, "teacher", BY_DATE)


def _gone(event: Event) -> Asked:
    return Asked(event.envelope.occurred_at, {})


async def erase_celebrations_of_goals(ports: Ports, call: Call, todo: Todo) -> None:
    """All that are of a goal which is no more, erased or with its time over."""
    await erase_each(ports.path, call, {"goal": todo.aggregate}, lambda each: each.erase())


async def erase_celebrations_of_trials(ports: Ports, call: Call, todo: Todo) -> None:
    """All that are of a trial which is no more."""
    await erase_each(ports.path, call, {"trial": todo.aggregate}, lambda each: each.erase())


def _names(celebration: Celebration) -> list[str]:
    """Also who has sent it."""
    return [celebration.teacher, celebration.transferred_from, celebration.sent_by]


def all_celebrations(path: WritePath[Celebration]) -> ErasesToo:
    """What goes with an order to erase a teacher's goals: before the trials, on which some hang."""
    return all_begun(
        path,
        attrgetter("sent_at"),
        attrgetter("transferred_from"),
        _names,
        BY_DATE,
        hangs_on=lambda celebration: celebration.trial or celebration.goal,
    )


def celebrations_of(path: WritePath[Celebration], by: str) -> Along[Celebration]:
    """What a goal or a trial is kept for, since they go with it: found `by` its id."""
    return Along(path, by, lambda each: (each.school_year, each.sent_at), _names)


_ERASED = {
    "goals": goals.GoalErased.DESCRIPTOR.full_name,
    "trials": trials.TrialErased.DESCRIPTOR.full_name,
}
DUTIES = (
    Duty("transfer_celebrations", merges.ASKS, transfer_celebrations),
    Duty("erase_celebrations_of_goals", {_ERASED["goals"]: _gone}, erase_celebrations_of_goals),
    Duty("erase_celebrations_of_trials", {_ERASED["trials"]: _gone}, erase_celebrations_of_trials),
)
