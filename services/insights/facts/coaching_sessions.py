"""What events say of coaching sessions, which may be of several teachers."""

from __future__ import annotations

from typing import Any

from coaching.programs.v1 import coaching_session_events_pb2 as sessions
from services.chassis.log.envelope import Envelope
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event
from services.chassis.words import events_with, words_of
from services.insights.facts.reading import SCHOOL_YEARS, state_name

STATES = words_of(sessions.CoachingSessionState.DESCRIPTOR)
TYPES = events_with(sessions.CoachingSessionSnapshot.DESCRIPTOR)


def of_nobody(envelope: Envelope) -> bool:
    """Whether it is of no teacher: time in support of them, whose key is its own."""
    return envelope.key == f"{envelope.district}:{envelope.aggregate_id}"


def snapshot(event: Event) -> sessions.CoachingSessionSnapshot:
    """Raises InvalidEvent for a key that names no teacher, and for a year that is none or another
    than the envelope's."""
    message: Any = event.message
    said: sessions.CoachingSessionSnapshot = message.coaching_session
    if event.envelope.key.count(":") != 1:
        raise InvalidEvent("the key names no teacher")
    if said.school_year not in SCHOOL_YEARS:
        raise InvalidEvent("no school year")
    if event.envelope.year not in (0, said.school_year):
        raise InvalidEvent("ce_year is another year")
    return said


def has_left(event: Event, said: sessions.CoachingSessionSnapshot) -> bool:
    """Whether it tells one who was of it that she is no more."""
    district, _, teacher = event.envelope.key.partition(":")
    return district != event.envelope.district or teacher not in said.teacher_ids


def state(said: sessions.CoachingSessionSnapshot) -> str:
    return state_name(STATES, said.state, "a coaching session")


def counts(said: sessions.CoachingSessionSnapshot) -> bool:
    """Whether it was held, and was not voided since."""
    return said.state in (
        sessions.COACHING_SESSION_STATE_HELD,
        sessions.COACHING_SESSION_STATE_SUMMARIZED,
    )


def to_come(said: sessions.CoachingSessionSnapshot) -> bool:
    return said.state == sessions.COACHING_SESSION_STATE_SCHEDULED


def held(said: sessions.CoachingSessionSnapshot) -> bool:
    """Whether it begins when it was held, and not when it is planned for. What was voided was held
    or missed before: only of what was held it says into what its minutes went."""
    voided = said.state == sessions.COACHING_SESSION_STATE_VOIDED
    return counts(said) or (voided and bool(said.activities))
