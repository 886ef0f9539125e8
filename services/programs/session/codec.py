"""Coaching sessions: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.programs.v1 import coaching_session_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.session.domain import CoachingSession
from services.programs.session.outline import (
    CoachingSessionOutline,
    CoachingSessionState,
    Happened,
    SessionEvent,
)

COACHING_SESSION_EVENTS = messages_of(published.DESCRIPTOR, "CoachingSession", SessionEvent, Last)
_STATES = numbers_of(CoachingSessionState, published.CoachingSessionState.DESCRIPTOR)


def coaching_session_snapshot(
    session: CoachingSessionOutline,
) -> published.CoachingSessionSnapshot:
    """What is published of it: no summary, nobody who did not come, and not what stood in
    the way, which may be said of a person."""
    return published.CoachingSessionSnapshot(
        coaching_session_id=session.id,
        coach_id=session.coach,
        teacher_ids=session.teachers,
        kind=session.kind,
        school_year=session.school_year,
        state=_STATES[session.state],
        starts_at=stamp(session.starts_at),
        scheduled_at=stamp(session.scheduled_at),
        recorded_at=stamp(session.recorded_at),
        modality=session.modality,
        minutes=session.minutes,
        activities=[
            published.TimeSpent(activity=each.activity, minutes=each.minutes)
            for each in session.activities
        ],
        invited=session.invited,
        materials_unit=session.materials_unit,
        series_id=session.series,
        circle_id=session.circle,
        summarized_at=stamp(session.summarized_at),
        cancelled_at=stamp(session.cancelled_at),
        corrected_at=stamp(session.corrected_at),
        voided_at=stamp(session.voided_at),
    )


def encode_coaching_session(session: CoachingSession, happened: Happened | Last) -> EncodedEvent:
    """One record for each of its teachers and those who have just left it; of none of them, one of
    its own."""
    if isinstance(happened, Last):
        event: SessionEvent | Last = happened
        left = tuple(each.before for each in session.moved)
        told = published.CoachingSessionSnapshot(coaching_session_id=session.id)
    else:
        event, left = happened.event, happened.left
        told = coaching_session_snapshot(session)
    message = COACHING_SESSION_EVENTS[event](coaching_session=told)
    keys = keys_about(session.district, *session.teachers, left=left, nobody=session.id)
    return encoded(message, keys, session.school_year)


def _restated_at_first(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says when it last took another's place: until then only its first version did."""
    return {**state, "restated": 1}


def _of_a_coach(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 says of which circle it is, and whose words its summary is: until then its
    coach's."""
    return {**state, "circle": "", "written_by": state["coach"] if state["summary"] else ""}


COACHING_SESSIONS = AggregateCodec(
    "coaching_session",
    CoachingSession,
    encode_coaching_session,
    [_restated_at_first, _of_a_coach],
)
COACHING_SESSION_SUMMARIES = SummaryCodec(COACHING_SESSIONS, CoachingSessionOutline)
