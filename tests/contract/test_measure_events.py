"""What the goals service publishes of measures, example by example."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.goals.measure.codec import MEASURES
from services.goals.measure.domain import Direction, Measure, SaidOfMeasure
from tests.support.clocks import START
from tests.support.golden import assert_golden

CANARY = "canary-free-text"
SAID = SaidOfMeasure(CANARY, "minutes", Direction.DECREASE, retired=True)


def measure() -> Measure:
    new = Measure(
        id="north/measure/minutes-lost",
        district="north",
        code="minutes-lost",
        said=SAID,
        stated_at=START,
        stated_by="admin-1",
    )
    new.state(SAID, "admin-1", START)
    return new


def test_an_event_is_published_as_its_example_says() -> None:
    new = measure()
    encoded = MEASURES.encode(new, new.take_event())
    assert encoded.type == "coaching.goals.v1.MeasureStated"
    assert_golden("goals", encoded)
    assert CANARY.encode() not in encoded.data


def test_what_is_stored_is_read_back_the_same() -> None:
    new = measure()
    assert MEASURES.from_state(new.id, "north", 0, MEASURES.to_state(new)) == new


@pytest.mark.parametrize(
    "other", [SaidOfMeasure(CANARY, "hours", Direction.DECREASE, retired=True), SAID]
)
def test_only_what_is_said_anew_is_an_event(other: SaidOfMeasure) -> None:
    known, later = measure(), START + timedelta(days=1)
    known.take_event()
    known.version = 1
    known.state(other, "admin-2", later)
    assert known.said == other
    assert (known.take_event() is None) == (other == SAID)
    assert known.stated_by == ("admin-1" if other == SAID else "admin-2")
