"""What events say of surveys of a teacher's students."""

from __future__ import annotations

from typing import Any

from coaching.surveys.v1 import administration_events_pb2 as surveys
from services.chassis.views.projection import Event
from services.chassis.words import events_with, words_of
from services.insights.facts.reading import about_teacher, state_name

STATES = words_of(surveys.AdministrationState.DESCRIPTOR)
TYPES = events_with(surveys.AdministrationSnapshot.DESCRIPTOR)


def snapshot(event: Event) -> surveys.AdministrationSnapshot:
    """Raises InvalidEvent as `about_teacher`."""
    message: Any = event.message
    said: surveys.AdministrationSnapshot = message.administration
    about_teacher(event, said)
    return said


def state(said: surveys.AdministrationSnapshot) -> str:
    return state_name(STATES, said.state, "a survey")


def cancelled(said: surveys.AdministrationSnapshot) -> bool:
    return said.state == surveys.ADMINISTRATION_STATE_CANCELLED


def series(said: surveys.AdministrationSnapshot) -> str:
    """With which others its results may be joined; before there were forks, with those of the same
    instrument."""
    return said.series_id or said.instrument_id
