"""Observations: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.observations.v1 import observation_events_pb2 as published
from services.access.erasures import receipts
from services.access.retention_report import reports_of
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.observations.observation.domain import Observation, ObservationEvent
from services.observations.observation.outline import ObservationOutline, ObservationState, Score
from services.observations.observation.scores import ScoreEvent

OBSERVATION_EVENTS = messages_of(
    published.DESCRIPTOR, "Observation", ObservationEvent, ScoreEvent, Last
)
_OBSERVATION_STATES = numbers_of(ObservationState, published.ObservationState.DESCRIPTOR)


def observation_snapshot(observation: ObservationOutline) -> published.ObservationSnapshot:
    """What everybody may know of it: no notes, no scores before it is shared, and none that was
    voided."""
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
        left_behind_at=stamp(observation.left_behind_at),
        transferred_from_id=observation.transferred_from,
        scores=[_score(each) for each in observation.counting] if observation.shared else (),
        corrected_at=stamp(observation.corrected_at),
    )


def _score(score: Score) -> published.Score:
    return published.Score(
        criterion_id=score.criterion,
        score=score.score,
        scale_min=score.scale_min,
        scale_max=score.scale_max,
        reversed=score.reversed,
    )


def encode_observation(
    observation: Observation, event: ObservationEvent | ScoreEvent | Last
) -> EncodedEvent:
    if event is Last.ERASED:
        only = published.ObservationSnapshot(observation_id=observation.id)
        before = (observation.transferred_from,) if observation.transferred_from else ()
        keys = keys_about(observation.district, observation.teacher, left=before)
        return encoded(OBSERVATION_EVENTS[event](observation=only), keys, observation.school_year)
    message = OBSERVATION_EVENTS[event](observation=observation_snapshot(observation))
    moved = event is ObservationEvent.TRANSFERRED and observation.transferred_from
    left = [observation.transferred_from] if moved else []
    keys = keys_about(observation.district, observation.teacher, left=left)
    return encoded(message, keys, observation.school_year)


def with_scheduler(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says who planned it, whoever observes now."""
    observers = [each["observer"] for each in state.get("handed_over", ())]
    return {**state, "scheduled_by": (*observers, state["observer"])[0]}


def _not_left_behind(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 says since when it waits for the teacher."""
    return {**state, "left_behind_at": None}


def _transferred_from_nobody(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 4 says whose it was before two records of one person became one."""
    return {**state, "transferred_from": ""}


def _never_corrected(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 5 says what was said before it was corrected, and which scores were voided."""
    counting = {"voided_at": None, "voided_by": ""}
    scores = [{**counting, **each} for each in state["scores"]]
    return {**state, "scores": scores, "corrections": [], "corrected_at": None}


OBSERVATIONS = AggregateCodec(
    "observation",
    Observation,
    encode_observation,
    [with_scheduler, _not_left_behind, _transferred_from_nobody, _never_corrected],
)
OBSERVATION_SUMMARIES = SummaryCodec(OBSERVATIONS, ObservationOutline)
RECEIPTS = receipts(published.ErasureCarriedOut)
REPORTS = reports_of(published.RetentionReported)
