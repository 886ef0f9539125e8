"""Goals and relationships: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.goals.v1 import events_pb2 as published
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.goals.domain.goal import Goal, GoalEvent
from services.goals.domain.goal_outline import Direction, GoalState, GoalSummary
from services.goals.domain.relationship import (
    Acknowledgment,
    Relationship,
    RelationshipEvent,
    RelationshipState,
)

RELATIONSHIP_EVENTS = {
    RelationshipEvent.PROPOSED: published.RelationshipProposed,
    RelationshipEvent.CARRIED_OVER: published.RelationshipCarriedOver,
    RelationshipEvent.ACCEPTED: published.RelationshipAccepted,
    RelationshipEvent.DECLINED: published.RelationshipDeclined,
    RelationshipEvent.ENDED: published.RelationshipEnded,
}
GOAL_EVENTS = {
    GoalEvent.DRAFTED: published.GoalDrafted,
    GoalEvent.EDITED: published.GoalEdited,
    GoalEvent.WITHDRAWN: published.GoalWithdrawn,
    GoalEvent.BASELINE_SET: published.GoalBaselineSet,
    GoalEvent.ACTIVATED: published.GoalActivated,
    GoalEvent.REVISED: published.GoalRevised,
    GoalEvent.PROGRESS_RECORDED: published.GoalProgressRecorded,
    GoalEvent.PROGRESS_CORRECTED: published.GoalProgressCorrected,
    GoalEvent.PROGRESS_VOIDED: published.GoalProgressVoided,
    GoalEvent.REOPENED: published.GoalReopened,
    GoalEvent.ACHIEVED: published.GoalAchieved,
    GoalEvent.ABANDONED: published.GoalAbandoned,
}
RELATIONSHIP_STATES = {
    RelationshipState.PROPOSED: published.RELATIONSHIP_STATE_PROPOSED,
    RelationshipState.ACTIVE: published.RELATIONSHIP_STATE_ACTIVE,
    RelationshipState.DECLINED: published.RELATIONSHIP_STATE_DECLINED,
    RelationshipState.ENDED: published.RELATIONSHIP_STATE_ENDED,
}
_ACKNOWLEDGMENTS = {Acknowledgment.COACH_LEADS: published.ACKNOWLEDGMENT_COACH_LEADS}
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


def relationship_snapshot(relationship: Relationship) -> published.RelationshipSnapshot:
    return published.RelationshipSnapshot(
        relationship_id=relationship.id,
        coach_id=relationship.coach,
        teacher_id=relationship.teacher,
        school_year=relationship.school_year,
        state=RELATIONSHIP_STATES[relationship.state],
        proposed_by=relationship.proposed_by,
        proposed_at=stamp(relationship.proposed_at),
        accepted_at=stamp(relationship.accepted_at),
        ended_at=stamp(relationship.ended_at),
        acknowledged=[_ACKNOWLEDGMENTS[each] for each in relationship.acknowledged],
        carried_over_from=relationship.carried_over_from or 0,
    )


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
        progress_count=len(counting),
        last_progress_at=stamp(newest.at) if newest else None,
        drafted_at=stamp(goal.drafted_at),
        activated_at=stamp(goal.activated_at),
        closed_at=stamp(goal.closed_at),
    )


def encode_relationship(relationship: Relationship, event: RelationshipEvent) -> EncodedEvent:
    message = RELATIONSHIP_EVENTS[event](relationship=relationship_snapshot(relationship))
    key = f"{relationship.district}:{relationship.teacher}"
    return encoded(message, (key,), relationship.school_year)


def encode_goal(goal: Goal, event: GoalEvent) -> EncodedEvent:
    message = GOAL_EVENTS[event](goal=goal_snapshot(goal))
    return encoded(message, (f"{goal.district}:{goal.teacher}",), goal.school_year)


def _with_rounds(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2: what the teacher acknowledged, and earlier rounds."""
    return {**state, "acknowledged": [], "earlier": []}


def _with_origin(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3: what was carried over from another school year."""
    earlier = [{**each, "carried_over_from": None} for each in state["earlier"]]
    return {**state, "earlier": earlier, "carried_over_from": None}


RELATIONSHIPS = AggregateCodec(
    "relationship", Relationship, encode_relationship, [_with_rounds, _with_origin]
)
GOALS = AggregateCodec("goal", Goal, encode_goal)
GOAL_SUMMARIES = SummaryCodec(GOALS, GoalSummary)
