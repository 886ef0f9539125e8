"""Answers about coaching sessions, over REST and gRPC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import Before, PageResource, Resource, Written
from services.programs.session.domain import CoachingSession
from services.programs.session.outline import (
    Activity,
    Barrier,
    CoachingSessionOutline,
    CoachingSessionState,
    Modality,
    SessionKind,
    TimeSpent,
)


class SessionTeacherResource(Resource):
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")


class TimeSpentResource(Resource):
    activity: Activity
    minutes: int


class SessionCorrectionResource(Resource):
    """What was recorded of a session before it was put right or voided; of who came, how many."""

    held_at: datetime
    activities: list[TimeSpentResource]
    attended: int
    modality: Modality
    barriers: list[Barrier]
    materials_unit: str | None
    summary: Written
    reason: Written
    corrected_by: str
    corrected_by_name: str | None = name_of("corrected_by")
    corrected_at: datetime


class CoachingSessionSummaryResource(Acted):
    """A session without its summary."""

    coaching_session_id: str
    coach_id: str
    coach_name: str | None = name_of("coach_id")
    teachers: list[SessionTeacherResource]
    kind: SessionKind
    school_year: int
    state: CoachingSessionState
    starts_at: datetime
    scheduled_by: str
    scheduled_by_name: str | None = name_of("scheduled_by")
    scheduled_at: datetime
    recorded_at: datetime | None
    modality: Modality
    minutes: int
    activities: list[TimeSpentResource]
    invited: int
    barriers: list[Barrier]
    materials_unit: str | None
    series_id: str | None
    circle_id: str | None
    summarized_at: datetime | None
    cancelled_at: datetime | None
    corrected_at: datetime | None
    voided_at: datetime | None
    version: int


class PlannedBeforeResource(Resource):
    """When and how a session was to be held, until it was moved or recorded otherwise."""

    starts_at: datetime
    modality: Modality
    changed_by: str
    changed_by_name: str | None = name_of("changed_by")
    changed_at: datetime


class CoachingSessionResource(CoachingSessionSummaryResource):
    summary: Written
    corrections: Before[SessionCorrectionResource]
    plans: Before[PlannedBeforeResource]


class SessionOccurrenceResource(Resource):
    coaching_session_id: str
    starts_at: datetime
    state: CoachingSessionState


class SessionSeriesResource(Resource):
    """All of a series, the oldest first."""

    series_id: str
    coaching_sessions: list[SessionOccurrenceResource]


R = TypeVar("R", bound=CoachingSessionSummaryResource)


class CoachingSessionPage(PageResource):
    coaching_sessions: list[CoachingSessionSummaryResource]


def coaching_session_summary(session: CoachingSessionOutline) -> CoachingSessionSummaryResource:
    return _told(CoachingSessionSummaryResource, session)


def coaching_session_resource(session: CoachingSession) -> CoachingSessionResource:
    """One session with its summary, for its coach and whom it is of: until it is held who is to
    come, then who came. What it was before it was put right is told to nobody else who may read
    it."""
    return _told(
        CoachingSessionResource,
        session,
        summary=session.summary,
        corrections=[
            SessionCorrectionResource(
                held_at=each.was.held_at,
                activities=_spent(each.was.activities),
                attended=len(each.was.came),
                modality=each.was.modality,
                barriers=list(each.was.barriers),
                materials_unit=each.was.materials_unit or None,
                summary=each.was.summary,
                reason=each.reason,
                corrected_by=each.by,
                corrected_at=each.at,
            )
            for each in session.corrections
        ],
        plans=[
            PlannedBeforeResource(
                starts_at=each.starts_at,
                modality=each.modality,
                changed_by=each.by,
                changed_at=each.at,
            )
            for each in session.plans
        ],
    )


def series_resource(series: str, sessions: Sequence[CoachingSession]) -> SessionSeriesResource:
    return SessionSeriesResource(
        series_id=series,
        coaching_sessions=[
            SessionOccurrenceResource(
                coaching_session_id=each.id, starts_at=each.starts_at, state=each.state
            )
            for each in sessions
        ],
    )


def _spent(activities: Sequence[TimeSpent]) -> list[TimeSpentResource]:
    return [TimeSpentResource(activity=each.activity, minutes=each.minutes) for each in activities]


def _told(shown: type[R], session: CoachingSessionOutline, **more: Any) -> R:
    return shown(
        coaching_session_id=session.id,
        coach_id=session.coach,
        teachers=[SessionTeacherResource(teacher_id=each) for each in session.teachers],
        kind=session.kind,
        school_year=session.school_year,
        state=session.state,
        starts_at=session.starts_at,
        scheduled_by=session.scheduled_by,
        scheduled_at=session.scheduled_at,
        recorded_at=session.recorded_at,
        modality=session.modality,
        minutes=session.minutes,
        activities=_spent(session.activities),
        invited=session.invited,
        barriers=list(session.barriers),
        materials_unit=session.materials_unit or None,
        series_id=session.series or None,
        circle_id=session.circle or None,
        summarized_at=session.summarized_at,
        cancelled_at=session.cancelled_at,
        corrected_at=session.corrected_at,
        voided_at=session.voided_at,
        version=session.version,
        **more,
    )
