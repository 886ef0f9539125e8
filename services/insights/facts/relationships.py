"""Who coaches the teacher."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.chassis.views.projection import Event, Fact, Fold
from services.insights.facts.reading import card_fact, full_name, instant


def relationship(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    said: relationships.RelationshipSnapshot = message.relationship
    value = {
        "coach": said.coach_id,
        "active": said.state == relationships.RELATIONSHIP_STATE_ACTIVE,
        "accepted_at": instant(said, "accepted_at"),
        "carried_over_at": instant(said, "proposed_at") if said.carried_over_from else None,
    }
    return [card_fact(event, said, "relationships", value)]


FOLDS: dict[str, Fold] = {
    full_name(message): relationship
    for message in (
        relationships.RelationshipProposed,
        relationships.RelationshipCarriedOver,
        relationships.RelationshipAccepted,
        relationships.RelationshipDeclined,
        relationships.RelationshipEnded,
    )
}
