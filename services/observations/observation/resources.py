"""Answers about observations, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of, refers_to
from services.chassis.fields import Before, PageResource, Resource, Written
from services.observations.observation.domain import Observation
from services.observations.observation.outline import ObservationOutline, ObservationState, Setting


class GivenScoreResource(Resource):
    """A score; one that was voided no longer counts."""

    criterion_id: str
    score: float
    scale_min: float
    scale_max: float
    reversed: bool
    voided_at: datetime | None
    voided_by: str | None
    voided_by_name: str | None = name_of("voided_by")


class NoteResource(Resource):
    criterion_id: str | None
    text: Written


class ScoreCorrectionResource(Resource):
    """What was said by a criterion before that was corrected or, where `voided`, before its score
    was: the note is not told then, for it stays."""

    criterion_id: str | None
    score: float | None
    note: Written
    voided: bool
    reason: Written
    corrected_by: str
    corrected_by_name: str | None = name_of("corrected_by")
    corrected_at: datetime


class HandOverResource(Resource):
    """Who was the observer before, and who handed the observation over."""

    observer_id: str
    observer_name: str | None = name_of("observer_id")
    handed_over_by: str
    handed_over_by_name: str | None = name_of("handed_over_by")
    handed_over_at: datetime


class ObservationSummaryResource(Acted):
    """An observation without its notes."""

    observation_id: str
    observer_id: str
    observer_name: str | None = name_of("observer_id")
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    tool_id: str
    tool_title: str | None = name_of("tool_id", "tool")
    class_id: str | None
    class_title: str | None = name_of("class_id", "class", "teacher_id")
    goal_id: str | None = refers_to("goal", "teacher_id")
    school_year: int
    state: ObservationState
    setting: Setting
    scheduled_for: datetime
    scores: list[GivenScoreResource]
    completed_at: datetime | None
    shared_at: datetime | None
    acknowledged_at: datetime | None
    cancelled_at: datetime | None
    handed_over: list[HandOverResource]
    left_behind_at: datetime | None
    corrected_at: datetime | None
    corrected_after_acknowledgment: bool
    version: int


class ObservationResource(ObservationSummaryResource):
    notes: list[NoteResource]
    corrections: Before[ScoreCorrectionResource]


R = TypeVar("R", bound=ObservationSummaryResource)


class ObservationPage(PageResource):
    observations: list[ObservationSummaryResource]


def observation_summary(observation: ObservationOutline) -> ObservationSummaryResource:
    return _told(ObservationSummaryResource, observation)


def observation_resource(observation: Observation) -> ObservationResource:
    """One observation with its scores and notes, and what they were before. For the teacher and the
    observer at any time, for her other coaches once shared; what they were before is told to nobody
    else who may read it."""
    return _told(
        ObservationResource,
        observation,
        notes=[
            NoteResource(criterion_id=each.criterion or None, text=each.text)
            for each in observation.notes
        ],
        corrections=[
            ScoreCorrectionResource(
                criterion_id=each.criterion or None,
                score=each.score,
                note=each.note,
                voided=each.voided,
                reason=each.reason,
                corrected_by=each.by,
                corrected_at=each.at,
            )
            for each in observation.corrections
        ],
    )


def _told(shown: type[R], observation: ObservationOutline, **more: Any) -> R:
    return shown(
        observation_id=observation.id,
        observer_id=observation.observer,
        teacher_id=observation.teacher,
        tool_id=observation.tool,
        class_id=observation.class_id or None,
        goal_id=observation.goal or None,
        school_year=observation.school_year,
        state=observation.state,
        setting=observation.setting,
        scheduled_for=observation.scheduled_for,
        scores=[
            GivenScoreResource(
                criterion_id=each.criterion,
                score=each.score,
                scale_min=each.scale_min,
                scale_max=each.scale_max,
                reversed=each.reversed,
                voided_at=each.voided_at,
                voided_by=each.voided_by or None,
            )
            for each in observation.scores
        ],
        completed_at=observation.completed_at,
        shared_at=observation.shared_at,
        acknowledged_at=observation.acknowledged_at,
        cancelled_at=observation.cancelled_at,
        handed_over=[
            HandOverResource(
                observer_id=each.observer, handed_over_by=each.by, handed_over_at=each.at
            )
            for each in observation.handed_over
        ],
        left_behind_at=observation.left_behind_at,
        corrected_at=observation.corrected_at,
        corrected_after_acknowledgment=observation.corrected_after_acknowledgment,
        version=observation.version,
        **more,
    )
