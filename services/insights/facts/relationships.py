"""What events say of who coaches a teacher."""

from __future__ import annotations

from typing import Any

from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.chassis.views.projection import Event
from services.chassis.words import events_with, words_of
from services.insights.facts.reading import about_teacher, state_name

STATES = words_of(relationships.RelationshipState.DESCRIPTOR)
_ACTIVE = (relationships.RELATIONSHIP_STATE_ACTIVE, relationships.RELATIONSHIP_STATE_PAUSED)
TYPES = events_with(relationships.RelationshipSnapshot.DESCRIPTOR)


def snapshot(event: Event) -> relationships.RelationshipSnapshot:
    """Raises InvalidEvent as `about_teacher`."""
    message: Any = event.message
    said: relationships.RelationshipSnapshot = message.relationship
    about_teacher(event, said)
    return said


def state(said: relationships.RelationshipSnapshot) -> str:
    return state_name(STATES, said.state, "a relationship")


def active(said: relationships.RelationshipSnapshot) -> bool:
    """Also while it is paused."""
    return said.state in _ACTIVE
