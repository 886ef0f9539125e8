"""What every service reads of a cover: whom it lets take which classes, and what closes it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from google.protobuf.message import Message

from coaching.roster.v1 import cover_events_pb2 as covers
from services.access.profile import Profile, profile_of
from services.access.projection import COLLECTION, FOLDS, row_of_parked
from services.chassis.field_names import field_name
from services.chassis.log.envelope import Envelope
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import GONE, Event
from tests.support.clocks import START

DAY = date(2026, 10, 5)
COVER = "0f0c9a4e-0000-4000-8000-000000000041"


def envelope(message: Message, person: str) -> Envelope:
    type_ = message.DESCRIPTOR.full_name
    return Envelope("e", type_, "north", f"north:{person}", COVER, 1, START, 0)


def entered(state: Any = covers.COVER_STATE_OPEN) -> covers.CoverEntered:
    said = covers.CoverSnapshot(
        cover_id=COVER,
        teacher_id="away",
        substitute_id="substitute",
        class_ids=["k1"],
        begin_date="2026-10-05",
        end_date="2026-10-09",
        state=state,
    )
    return covers.CoverEntered(cover=said)


def read(message: Message, person: str, incomplete: dict[str, int] | None = None) -> Profile:
    event = Event(envelope(message, person), message)
    (fact,) = FOLDS[message.DESCRIPTOR.full_name](event)
    value = {"v": 1, **fact.value}
    facts = {fact.group: {field_name(fact.id): value}}
    return profile_of({"_id": fact.row, "facts": facts, "incomplete": incomplete or {}})


def test_the_substitute_alone_takes_the_classes_on_its_days() -> None:
    (cover,) = read(entered(), "substitute").covers
    assert (cover.teacher, set(cover.classes)) == ("away", {"k1"})
    held = [cover.holds_on(date(2026, 10, day)) for day in (4, 5, 9, 10)]
    assert held == [False, True, True, False]
    assert read(entered(), "away").covers == ()


def test_a_message_in_somebody_elses_row_is_refused() -> None:
    with pytest.raises(InvalidEvent):
        read(entered(), "nobody")


@pytest.mark.parametrize("state", [covers.COVER_STATE_ENDED, 41])
def test_what_has_ended_or_only_a_newer_build_knows_opens_nothing(state: Any) -> None:
    (cover,) = read(entered(state), "substitute").covers
    assert not cover.holds_on(DAY)


@pytest.mark.parametrize("kind", [covers.CoverChanged, covers.CoverEnded])
def test_a_change_that_could_not_be_read_closes_it(kind: Any) -> None:
    marked = row_of_parked(envelope(kind(), "substitute"))
    assert marked == [(COLLECTION, "north:substitute")]
    (cover,) = read(entered(), "substitute", {field_name(COVER): 2}).covers
    assert not cover.holds_on(DAY)


def test_it_is_gone_from_the_rows_of_records_that_it_named_before() -> None:
    known = entered().cover
    known.teacher_before_id, known.substitute_before_id = "old-away", "old-substitute"
    moved = covers.CoverTransferred(cover=known)
    for person, left in (("substitute", False), ("old-substitute", True), ("old-away", True)):
        event = Event(envelope(moved, person), moved)
        (fact,) = FOLDS[moved.DESCRIPTOR.full_name](event)
        assert (fact.value == GONE) is left, person
    with pytest.raises(InvalidEvent):
        read(moved, "nobody")
