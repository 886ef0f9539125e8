"""The teacher's goals: measures and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coaching.goals.v1 import goal_events_pb2 as goals
from services.chassis.views.projection import Event, Fact, Fold
from services.insights.facts.reading import (
    card_fact,
    day,
    full_name,
    instant,
    number,
    state_name,
)

STATES: Mapping[int, str] = {
    goals.GOAL_STATE_DRAFT: "draft",
    goals.GOAL_STATE_ACTIVE: "active",
    goals.GOAL_STATE_ACHIEVED: "achieved",
    goals.GOAL_STATE_ABANDONED: "abandoned",
    goals.GOAL_STATE_WITHDRAWN: "withdrawn",
}
_INCREASE = {
    goals.DIRECTION_UNSPECIFIED: True,
    goals.DIRECTION_INCREASE: True,
    goals.DIRECTION_DECREASE: False,
}  # of another direction this build cannot tell what is better


def goal(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    said: goals.GoalSnapshot = message.goal
    value = {
        "state": state_name(STATES, said.state, "a goal"),
        "measure": said.measure_id,
        "unit": said.unit,
        "increase": _INCREASE.get(said.direction),
        "target": said.target,
        "baseline": number(said, "baseline"),
        "current": number(said, "current"),
        "previous": number(said, "previous"),
        "due": day(said.due_date, "due_date") if said.due_date else None,
        "last_progress_at": instant(said, "last_progress_at"),
        "drafted_at": instant(said, "drafted_at"),
        "activated_at": instant(said, "activated_at"),
        "closed_at": instant(said, "closed_at"),
    }
    return [card_fact(event, said, "goals", value)]


FOLDS: dict[str, Fold] = {
    full_name(message): goal
    for message in (
        goals.GoalDrafted,
        goals.GoalEdited,
        goals.GoalWithdrawn,
        goals.GoalBaselineSet,
        goals.GoalActivated,
        goals.GoalRevised,
        goals.GoalProgressRecorded,
        goals.GoalProgressCorrected,
        goals.GoalProgressVoided,
        goals.GoalReopened,
        goals.GoalAchieved,
        goals.GoalAbandoned,
    )
}
