"""What is published of records that may be one person, example by example."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.roster.match.codec import MATCHES
from services.roster.match.domain import Match, MatchReason
from tests.support.clocks import START
from tests.support.golden import assert_golden

LATER = START + timedelta(days=1)


def match() -> Match:
    return Match(
        id="5f0c9a4e-0000-4000-8000-000000000041",
        district="north",
        source="teacher-1",
        target="teacher-2",
        reason=MatchReason.STAFF_NUMBER,
        proposed_by="",
        proposed_at=START,
    ).proposed()


def after(*steps: str) -> Match:
    known = match()
    for step in steps:
        known.take_event()
        getattr(known, step)("admin-1", LATER)
    return known


EVENTS = [
    ("PersonMatchProposed", match()),
    ("PersonMerged", after("confirm")),
    ("PersonMatchDismissed", after("dismiss")),
    ("PersonSeparationBegun", after("confirm", "begin_separation")),
    ("PersonSeparated", after("confirm", "separate")),
]


@pytest.mark.parametrize(("name", "known"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_to_both_as_its_example_says(name: str, known: Match) -> None:
    event = known.take_event()
    known.record(event)
    encoded = MATCHES.encode(known, event)
    assert encoded.type == f"coaching.roster.v1.{name}"
    assert encoded.keys == ("north:teacher-1", "north:teacher-2")
    assert_golden("roster", encoded)
    again = MATCHES.from_state(known.id, "north", known.version, MATCHES.to_state(known))
    assert again == known
