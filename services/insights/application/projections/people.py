"""A person's names and schools, on one card per school year that the roster covers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coaching.roster.v1 import events_pb2 as roster
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event, Fact, Fold
from services.insights.application.projections.reading import CARDS, card_row, full_name


def person(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    said: roster.Person = message.person
    if event.envelope.key != f"{event.envelope.district}:{said.person_id}":
        raise InvalidEvent("the key names another person")
    value = {
        "given": said.given_name,
        "family": said.family_name,
        "schools": sorted({role.org_id for role in said.roles if role.org_id}),
    }
    return [
        Fact(
            CARDS,
            card_row(event.envelope.key, year),
            "person",
            event.envelope.aggregate_id,
            value,
        )
        for year in sorted(set(said.school_years))
    ]


FOLDS: dict[str, Fold] = {
    full_name(roster.PersonUpserted): person,
    full_name(roster.PersonRemoved): person,
}
