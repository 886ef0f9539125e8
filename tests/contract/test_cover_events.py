"""What is published of covers, example by example."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.roster.cover.codec import COVERS
from services.roster.cover.domain import Cover, CoverReason, CoverTerms
from tests.support.clocks import START
from tests.support.golden import assert_golden

LATER = START + timedelta(days=30)
TERMS = CoverTerms(
    classes=("class-1", "class-2"),
    reason=CoverReason.LEAVE,
    begins="2026-10-05",
    ends="2027-06-30",
    over_at=START + timedelta(days=269),
    school_year=2027,
)


def cover() -> Cover:
    return Cover.enter(
        id="5f0c9a4e-0000-4000-8000-000000000041",
        district="north",
        teacher="teacher-1",
        substitute="teacher-2",
        terms=TERMS,
        by="admin-1",
        at=START,
    )


def changed() -> Cover:
    known = cover()
    known.take_event()
    over_at = START + timedelta(days=60)
    reason = CoverReason.PROFESSIONAL_LEARNING
    fewer = CoverTerms(("class-1",), reason, TERMS.begins, "2026-12-04", over_at, 2027)
    known.change(fewer, "sis", LATER)
    return known


def ended() -> Cover:
    known = cover()
    known.take_event()
    known.end("admin-2", LATER)
    return known


def transferred() -> Cover:
    known = cover()
    known.take_event()
    known.transfer("teacher-3", "teacher-4", LATER)
    return known


EVENTS = [
    ("CoverEntered", cover()),
    ("CoverChanged", changed()),
    ("CoverEnded", ended()),
    ("CoverTransferred", transferred()),
]


@pytest.mark.parametrize(("name", "known"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, known: Cover) -> None:
    event = known.take_event()
    known.record(event)
    encoded = COVERS.encode(known, event)
    assert encoded.type == f"coaching.roster.v1.{name}"
    four = name == "CoverTransferred"  # two of them, in whose rows it stood before
    whose = ["teacher-4", "teacher-3"] * four + ["teacher-2", "teacher-1"]
    assert encoded.keys == tuple(f"north:{each}" for each in whose)  # each reads it in her own row
    for why in (b"leave", b"professional"):
        assert why not in encoded.data
    assert_golden("roster", encoded)
    again = COVERS.from_state(known.id, "north", known.version, COVERS.to_state(known))
    assert again == known
