"""The insights projection: every event type there is, and what it does to a card."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from coaching.observations.v1 import tool_events_pb2 as tool_events
from coaching.roster.v1 import events_pb2 as roster_events
from coaching.surveys.v1 import instrument_events_pb2 as instrument_events
from services.chassis.log.envelope import Envelope
from services.chassis.views.projection import Fold, Projection, Row, topics_of
from services.insights.calendar import fold as sessions
from services.insights.caseload.revision import revision
from services.insights.facts import (
    goals,
    observations,
    relationships,
    surveys,
)
from services.insights.facts.reading import CALENDARS, CARDS, full_name

GROUP = "insights"
FOLDS: Mapping[str, Fold] = {
    **relationships.FOLDS,
    **goals.FOLDS,
    **surveys.FOLDS,
    **observations.FOLDS,
    **sessions.FOLDS,
}
TOPICS = topics_of(FOLDS)

IGNORED: Mapping[str, str] = {
    full_name(roster_events.PersonUpserted): "names come from the access view",
    full_name(roster_events.PersonRemoved): "names come from the access view",
    full_name(roster_events.OrgUpserted): "a card names schools by id",
    full_name(roster_events.OrgRemoved): "a card names schools by id",
    full_name(roster_events.ClassUpserted): "no view shows classes",
    full_name(roster_events.ClassRemoved): "no view shows classes",
    full_name(instrument_events.InstrumentDrafted): "concerns no teacher",
    full_name(instrument_events.InstrumentPublished): "concerns no teacher",
    full_name(instrument_events.InstrumentWithdrawn): "concerns no teacher",
    full_name(tool_events.ToolDrafted): "concerns no teacher",
    full_name(tool_events.ToolPublished): "concerns no teacher",
    full_name(tool_events.ToolWithdrawn): "concerns no teacher",
}


def card_fields(row: Row) -> dict[str, Any]:
    """What a card is found by: `coaches` are those with an active relationship. `rev` tells
    whether a card that somebody has read is still the same."""
    _, teacher, school_year = row["_id"].split(":")
    facts = row["facts"]
    return {
        "teacher": teacher,
        "school_year": int(school_year),
        "coaches": sorted(
            {each["coach"] for each in facts.get("relationships", {}).values() if each["active"]}
        ),
        "newest_event_at": max(
            [fact["at"] for group in facts.values() for fact in group.values()], default=None
        ),
        "rev": revision(row),
    }


# These hold one fact each, by `card_fact`: in the card of the envelope's key and school year.
_ON_A_CARD: Mapping[str, Fold] = {
    **relationships.FOLDS,
    **goals.FOLDS,
    **surveys.FOLDS,
    **observations.FOLDS,
}


def place(envelope: Envelope) -> Hashable | None:
    """The fact of an event of which the envelope says the card, too."""
    fold = _ON_A_CARD.get(envelope.type)
    if fold is None or not envelope.year:
        return None
    return fold, envelope.key, envelope.year, envelope.aggregate_id


def row_of_parked(envelope: Envelope) -> Sequence[tuple[str, str]]:
    """The card that an unreadable event leaves incomplete; none for what is on no card."""
    if envelope.type in sessions.FOLDS:
        return [(CALENDARS, envelope.key)]
    if envelope.key.count(":") != 1 or not envelope.year:
        return []
    return [(CARDS, f"{envelope.key}:{envelope.year}")]


def insights_projection() -> Projection:
    return Projection(
        group=GROUP,
        topics=TOPICS,
        folds=FOLDS,
        derive={CARDS: card_fields},
        row_of_parked=row_of_parked,
        place=place,
        dated=True,
        topics_version=2,
    )
