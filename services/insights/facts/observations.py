"""Observations of the teacher: when, never how they were scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coaching.observations.v1 import observation_events_pb2 as observations
from services.chassis.views.projection import Event, Fact, Fold
from services.insights.facts.reading import (
    card_fact,
    full_name,
    instant,
    state_name,
)

STATES: Mapping[int, str] = {
    observations.OBSERVATION_STATE_SCHEDULED: "scheduled",
    observations.OBSERVATION_STATE_IN_PROGRESS: "in_progress",
    observations.OBSERVATION_STATE_COMPLETED: "completed",
    observations.OBSERVATION_STATE_SHARED: "shared",
    observations.OBSERVATION_STATE_ACKNOWLEDGED: "acknowledged",
    observations.OBSERVATION_STATE_CANCELLED: "cancelled",
}


def observation(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    said: observations.ObservationSnapshot = message.observation
    value = {
        "tool": said.tool_id,
        "observer": said.observer_id,
        "state": state_name(STATES, said.state, "an observation"),
        "completed_at": instant(said, "completed_at"),
        "shared_at": instant(said, "shared_at"),
        "acknowledged_at": instant(said, "acknowledged_at"),
    }
    return [card_fact(event, said, "observations", value)]


FOLDS: dict[str, Fold] = {
    full_name(message): observation
    for message in (
        observations.ObservationScheduled,
        observations.ObservationRescheduled,
        observations.ObservationScored,
        observations.ObservationCompleted,
        observations.ObservationReopened,
        observations.ObservationCancelled,
        observations.ObservationHandedOver,
        observations.ObservationShared,
        observations.ObservationAcknowledged,
    )
}
