"""What events say of observations: never how anything was scored."""

from __future__ import annotations

from typing import Any

from coaching.observations.v1 import observation_events_pb2 as observations
from services.chassis.views.projection import Event
from services.chassis.words import events_with, words_of
from services.insights.facts.reading import about_teacher, state_name

STATES = words_of(observations.ObservationState.DESCRIPTOR)
TYPES = events_with(observations.ObservationSnapshot.DESCRIPTOR)


def snapshot(event: Event) -> observations.ObservationSnapshot:
    """Raises InvalidEvent as `about_teacher`."""
    message: Any = event.message
    said: observations.ObservationSnapshot = message.observation
    about_teacher(event, said)
    return said


def state(said: observations.ObservationSnapshot) -> str:
    return state_name(STATES, said.state, "an observation")
