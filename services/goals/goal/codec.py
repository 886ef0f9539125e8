"""Goals: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.goals.v1 import goal_events_pb2 as published
from services.chassis.write.entries import EntryCodec
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.goals.goal.domain import Goal, GoalEvent
from services.goals.goal.outline import Direction, GoalState, GoalSummary, Progress, Revision
from services.goals.goal.progress import ProgressEvent

EVENTS = {
    GoalEvent.DRAFTED: published.GoalDrafted,
    GoalEvent.EDITED: published.GoalEdited,
    GoalEvent.WITHDRAWN: published.GoalWithdrawn,
    GoalEvent.BASELINE_SET: published.GoalBaselineSet,
    GoalEvent.ACTIVATED: published.GoalActivated,
    GoalEvent.REVISED: published.GoalRevised,
    ProgressEvent.RECORDED: published.GoalProgressRecorded,
    ProgressEvent.CORRECTED: published.GoalProgressCorrected,
    ProgressEvent.VOIDED: published.GoalProgressVoided,
    GoalEvent.REOPENED: published.GoalReopened,
    GoalEvent.ACHIEVED: published.GoalAchieved,
    GoalEvent.ABANDONED: published.GoalAbandoned,
}
_GOAL_STATES = {
    GoalState.DRAFT: published.GOAL_STATE_DRAFT,
    GoalState.ACTIVE: published.GOAL_STATE_ACTIVE,
    GoalState.ACHIEVED: published.GOAL_STATE_ACHIEVED,
    GoalState.ABANDONED: published.GOAL_STATE_ABANDONED,
    GoalState.WITHDRAWN: published.GOAL_STATE_WITHDRAWN,
}
_DIRECTIONS = {
    Direction.INCREASE: published.DIRECTION_INCREASE,
    Direction.DECREASE: published.DIRECTION_DECREASE,
}


def goal_snapshot(goal: Goal | GoalSummary) -> published.GoalSnapshot:
    """References and numbers only: the statement and the notes stay here."""
    counting = goal.counting
    newest = counting[-1] if counting else None
    return published.GoalSnapshot(
        goal_id=goal.id,
        teacher_id=goal.teacher,
        school_year=goal.school_year,
        state=_GOAL_STATES[goal.state],
        revision=goal.revision,
        class_id=goal.class_id,
        focus_skill=goal.focus_skill,
        measure_id=goal.measure,
        unit=goal.unit,
        direction=_DIRECTIONS[goal.direction],
        baseline=goal.baseline,
        target=goal.target,
        due_date=goal.due,
        current=newest.value if newest else None,
        previous=counting[-2].value if len(counting) > 1 else None,
        progress_count=goal.settled_counting + len(counting),
        last_progress_at=stamp(newest.at) if newest else None,
        drafted_at=stamp(goal.drafted_at),
        activated_at=stamp(goal.activated_at),
        closed_at=stamp(goal.closed_at),
    )


def encode_goal(goal: Goal, event: GoalEvent | ProgressEvent) -> EncodedEvent:
    message = EVENTS[event](goal=goal_snapshot(goal))
    key = f"{goal.district}:{goal.teacher}"
    left = goal.take_left()
    entries = (*PROGRESS.entries(left), *REVISIONS.entries(left))
    return encoded(message, (key,), goal.school_year, entries)


def none_settled(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says how many progress values have left the goal."""
    return {"settled": 0, "settled_counting": 0, **state}


PROGRESS = EntryCodec("goal_progress", "goal", Progress)
REVISIONS = EntryCodec("goal_revision", "goal", Revision)
GOALS = AggregateCodec("goal", Goal, encode_goal, [none_settled])
GOAL_SUMMARIES = SummaryCodec(GOALS, GoalSummary)
