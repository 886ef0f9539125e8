"""What events say of observations: never how anything was scored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coaching.observations.v1 import observation_events_pb2 as observations
from services.chassis.views.projection import Event
from services.insights.facts.reading import about_teacher, full_names, state_name

STATES: Mapping[int, str] = {
    observations.OBSERVATION_STATE_SCHEDULED: "scheduled",
    observations.OBSERVATION_STATE_IN_PROGRESS: "in_progress",
    observations.OBSERVATION_STATE_COMPLETED: "completed",
    observations.OBSERVATION_STATE_SHARED: "shared",
    observations.OBSERVATION_STATE_ACKNOWLEDGED: "acknowledged",
    observations.OBSERVATION_STATE_CANCELLED: "cancelled",
}
TYPES = full_names(
    observations.ObservationScheduled,
    observations.ObservationRescheduled,
    observations.ObservationScored,
    observations.ObservationCompleted,
    observations.ObservationReopened,
    observations.ObservationCancelled,
    observations.ObservationHandedOver,
    observations.ObservationLeftBehind,
    observations.ObservationShared,
    observations.ObservationAcknowledged,
)


def snapshot(event: Event) -> observations.ObservationSnapshot:
    """Raises InvalidEvent as `about_teacher`."""
    message: Any = event.message
    said: observations.ObservationSnapshot = message.observation
    about_teacher(event, said)
    return said


def state(said: observations.ObservationSnapshot) -> str:
    return state_name(STATES, said.state, "an observation")
