"""What events say of who coaches a teacher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.chassis.views.projection import Event
from services.insights.facts.reading import about_teacher, full_names, state_name

STATES: Mapping[int, str] = {
    relationships.RELATIONSHIP_STATE_PROPOSED: "proposed",
    relationships.RELATIONSHIP_STATE_ACTIVE: "active",
    relationships.RELATIONSHIP_STATE_DECLINED: "declined",
    relationships.RELATIONSHIP_STATE_ENDED: "ended",
}
TYPES = full_names(
    relationships.RelationshipProposed,
    relationships.RelationshipCarriedOver,
    relationships.RelationshipAccepted,
    relationships.RelationshipDeclined,
    relationships.RelationshipEnded,
)


def snapshot(event: Event) -> relationships.RelationshipSnapshot:
    """Raises InvalidEvent as `about_teacher`."""
    message: Any = event.message
    said: relationships.RelationshipSnapshot = message.relationship
    about_teacher(event, said)
    return said


def state(said: relationships.RelationshipSnapshot) -> str:
    return state_name(STATES, said.state, "a relationship")


def active(said: relationships.RelationshipSnapshot) -> bool:
    return said.state == relationships.RELATIONSHIP_STATE_ACTIVE
