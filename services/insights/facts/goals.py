"""What events say of goals."""

from __future__ import annotations

from typing import Any

from coaching.goals.v1 import goal_events_pb2 as goals
from services.chassis.views.projection import Event
from services.chassis.words import events_with, words_of
from services.insights.facts.reading import about_teacher, state_name

STATES = words_of(goals.GoalState.DESCRIPTOR)
TYPES = events_with(goals.GoalSnapshot.DESCRIPTOR)
_INCREASE = {
    goals.DIRECTION_UNSPECIFIED: True,
    goals.DIRECTION_INCREASE: True,
    goals.DIRECTION_DECREASE: False,
}  # of another direction this build cannot tell what is better


def snapshot(event: Event) -> goals.GoalSnapshot:
    """Raises InvalidEvent as `about_teacher`."""
    message: Any = event.message
    said: goals.GoalSnapshot = message.goal
    about_teacher(event, said)
    return said


def state(said: goals.GoalSnapshot) -> str:
    return state_name(STATES, said.state, "a goal")


def increase(said: goals.GoalSnapshot) -> bool | None:
    return _INCREASE.get(said.direction)
