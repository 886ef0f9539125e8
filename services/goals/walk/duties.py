"""Walks follow a person whose two records have become one, and go with the goal that they have led
to, or where that is ordered."""

from __future__ import annotations

from datetime import datetime

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
from services.goals.walk.cases import BY_DATE, Ports
from services.goals.walk.domain import Walk


async def transfer_walks(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All walks of the record that is given up, of whatever year and state."""
    now = ports.clock.now()
    return await merges.move_each(ports.view, ports.path, call, todo, now, "teacher", BY_DATE)


def _gone(event: Event) -> Asked:
    return Asked(event.envelope.occurred_at, {})


async def erase_left_walks(ports: Ports, call: Call, todo: Todo) -> None:
    """All that have led to a goal which is no more."""
    await erase_each(ports.path, call, {"goal": todo.aggregate}, lambda walk: walk.erase())


def _names(walk: Walk) -> list[str]:
    """Also who has answered or chosen on the way."""
    said = (each.by for each in (*walk.answers, *walk.taken_back))
    chosen = (each.by for each in walk.choices)
    return [walk.teacher, walk.transferred_from, walk.started_by, *said, *chosen]


def all_walks(path: WritePath[Walk]) -> ErasesToo:
    """What goes with an order to erase a teacher's goals."""
    return all_begun(
        path,
        lambda walk: walk.started_at,
        lambda walk: walk.transferred_from,
        _names,
        BY_DATE,
        hangs_on=lambda walk: walk.goal,
    )


def erasable_walks(path: WritePath[Walk]) -> Erasable[Walk]:
    """One walk: her coach has a part in it."""
    return hers_alone(path, lambda walk: walk.teacher, lambda walk: walk.transferred_from, _names)


def walks_of_goals(path: WritePath[Walk]) -> Along[Walk]:
    """What a goal is kept for, since they go with it."""
    return Along(path, "goal", lambda walk: (walk.school_year, walk.started_at), _names)


DUTIES = (
    Duty("transfer_walks", merges.ASKS, transfer_walks),
    Duty("erase_walks", {goals.GoalErased.DESCRIPTOR.full_name: _gone}, erase_left_walks),
)
