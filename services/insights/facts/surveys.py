"""What events say of surveys of a teacher's students."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coaching.surveys.v1 import administration_events_pb2 as surveys
from services.chassis.views.projection import Event
from services.insights.facts.reading import about_teacher, full_names, state_name

STATES: Mapping[int, str] = {
    surveys.ADMINISTRATION_STATE_SCHEDULED: "scheduled",
    surveys.ADMINISTRATION_STATE_OPEN: "open",
    surveys.ADMINISTRATION_STATE_CLOSED: "closed",
    surveys.ADMINISTRATION_STATE_CANCELLED: "cancelled",
}
TYPES = full_names(
    surveys.AdministrationScheduled,
    surveys.AdministrationOpened,
    surveys.AdministrationSeatsAdded,
    surveys.AdministrationClosed,
    surveys.AdministrationReopened,
    surveys.AdministrationSealed,
    surveys.AdministrationCancelled,
)


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
