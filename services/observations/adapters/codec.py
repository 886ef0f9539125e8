"""Tools and observations: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.observations.v1 import events_pb2 as published
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.observations.domain.observation import (
    Observation,
    ObservationEvent,
    ObservationOutline,
    ObservationState,
    Score,
)
from services.observations.domain.tool import Tool, ToolEvent, ToolState, ToolSummary

TOOL_EVENTS = {
    ToolEvent.DRAFTED: published.ToolDrafted,
    ToolEvent.PUBLISHED: published.ToolPublished,
    ToolEvent.WITHDRAWN: published.ToolWithdrawn,
}
OBSERVATION_EVENTS = {
    ObservationEvent.SCHEDULED: published.ObservationScheduled,
    ObservationEvent.SCORED: published.ObservationScored,
    ObservationEvent.COMPLETED: published.ObservationCompleted,
    ObservationEvent.RESCHEDULED: published.ObservationRescheduled,
    ObservationEvent.REOPENED: published.ObservationReopened,
    ObservationEvent.CANCELLED: published.ObservationCancelled,
    ObservationEvent.HANDED_OVER: published.ObservationHandedOver,
    ObservationEvent.SHARED: published.ObservationShared,
    ObservationEvent.ACKNOWLEDGED: published.ObservationAcknowledged,
}
_TOOL_STATES = {
    ToolState.DRAFT: published.TOOL_STATE_DRAFT,
    ToolState.PUBLISHED: published.TOOL_STATE_PUBLISHED,
    ToolState.WITHDRAWN: published.TOOL_STATE_WITHDRAWN,
}
_OBSERVATION_STATES = {
    ObservationState.SCHEDULED: published.OBSERVATION_STATE_SCHEDULED,
    ObservationState.IN_PROGRESS: published.OBSERVATION_STATE_IN_PROGRESS,
    ObservationState.COMPLETED: published.OBSERVATION_STATE_COMPLETED,
    ObservationState.SHARED: published.OBSERVATION_STATE_SHARED,
    ObservationState.ACKNOWLEDGED: published.OBSERVATION_STATE_ACKNOWLEDGED,
    ObservationState.CANCELLED: published.OBSERVATION_STATE_CANCELLED,
}


def tool_snapshot(tool: Tool | ToolSummary) -> published.ToolSnapshot:
    """References only: title, attribution and the texts of criteria stay here."""
    return published.ToolSnapshot(
        tool_id=tool.id,
        state=_TOOL_STATES[tool.state],
        criterion_ids=[criterion.id for criterion in tool.criteria],
        license=tool.license,
    )


def observation_snapshot(observation: ObservationOutline) -> published.ObservationSnapshot:
    """What everybody may know of it: no notes, and no scores before it is shared."""
    return published.ObservationSnapshot(
        observation_id=observation.id,
        observer_id=observation.observer,
        teacher_id=observation.teacher,
        class_id=observation.class_id,
        goal_id=observation.goal,
        tool_id=observation.tool,
        school_year=observation.school_year,
        state=_OBSERVATION_STATES[observation.state],
        setting=observation.setting,
        scheduled_for=stamp(observation.scheduled_for),
        completed_at=stamp(observation.completed_at),
        shared_at=stamp(observation.shared_at),
        acknowledged_at=stamp(observation.acknowledged_at),
        cancelled_at=stamp(observation.cancelled_at),
        scores=scores_of(observation) if observation.shared else (),
    )


def scores_of(observation: ObservationOutline) -> list[published.Score]:
    return [_score(each) for each in observation.scores]


def _score(score: Score) -> published.Score:
    return published.Score(
        criterion_id=score.criterion,
        score=score.score,
        scale_min=score.scale_min,
        scale_max=score.scale_max,
        reversed=score.reversed,
    )


def encode_tool(tool: Tool, event: ToolEvent) -> EncodedEvent:
    message = TOOL_EVENTS[event](tool=tool_snapshot(tool))
    return encoded(message, (f"{tool.district}:{tool.id}",))


def encode_observation(observation: Observation, event: ObservationEvent) -> EncodedEvent:
    message = OBSERVATION_EVENTS[event](observation=observation_snapshot(observation))
    key = f"{observation.district}:{observation.teacher}"
    return encoded(message, (key,), observation.school_year)


def with_scheduler(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says who planned it, whoever observes now."""
    observers = [each["observer"] for each in state.get("handed_over", ())]
    return {**state, "scheduled_by": (*observers, state["observer"])[0]}


TOOLS = AggregateCodec("tool", Tool, encode_tool)
OBSERVATIONS = AggregateCodec("observation", Observation, encode_observation, [with_scheduler])
TOOL_SUMMARIES = SummaryCodec(TOOLS, ToolSummary)
OBSERVATION_SUMMARIES = SummaryCodec(OBSERVATIONS, ObservationOutline)
