"""Trials follow a person whose two records have become one, and go with the goal that they come
from, or where that is ordered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from coaching.goals.v1 import goal_events_pb2 as goals
from services.access import merges
from services.access.artifact_erasures import Erasable, hers_alone
from services.access.erasures import ErasesToo, all_begun
from services.access.retention import Along
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Duty, Todo
from services.chassis.duties.each import erase_each
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.goals.trial.cases import BY_DATE, Ports
from services.goals.trial.domain import Trial


async def transfer_trials(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All trials of the record that is given up, of whatever year and state."""
    now = ports.clock.now()
    return await merges.move_each(ports.view, ports.path, call, todo, now, "teacher", BY_DATE)


def _gone(event: Event) -> Asked:
    return Asked(event.envelope.occurred_at, {})


async def erase_left_trials(ports: Ports, call: Call, todo: Todo) -> None:
    """All that come from a goal which is no more, erased or with its time over."""
    await erase_each(ports.path, call, {"goal": todo.aggregate}, lambda trial: trial.erase())


def _names(trial: Trial) -> list[str]:
    """Also who has planned it, or said something to it."""
    by = (each.by for each in trial.comments)
    return [trial.teacher, trial.transferred_from, trial.planned_by, *by]


def all_trials(path: WritePath[Trial]) -> ErasesToo:
    """What goes with an order to erase a teacher's goals."""
    return all_begun(
        path,
        lambda trial: trial.planned_at,
        lambda trial: trial.transferred_from,
        _names,
        BY_DATE,
        hangs_on=lambda trial: trial.goal,
    )


def erasable_trials(path: WritePath[Trial], along: Sequence[Along[Any]]) -> Erasable[Trial]:
    """One trial, with what goes `along` with it: her coach has a part in it."""
    before = attrgetter("transferred_from")
    return hers_alone(path, lambda trial: trial.teacher, before, _names, along=along)


def trials_of_goals(path: WritePath[Trial]) -> Along[Trial]:
    """What a goal is kept for, since they go with it."""
    return Along(path, "goal", lambda trial: (trial.school_year, trial.planned_at), _names)


DUTIES = (
    Duty("transfer_trials", merges.ASKS, transfer_trials),
    Duty("erase_trials", {goals.GoalErased.DESCRIPTOR.full_name: _gone}, erase_left_trials),
)
