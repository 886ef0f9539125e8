"""What is said of one district's broken data: all is counted, little is logged."""

from __future__ import annotations

import pytest

from services.chassis.metrics import TROUBLES, Metrics
from services.chassis.troubles import MOST, Troubles


def test_each_is_counted_and_a_district_is_named_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    metrics, now = Metrics(), [0.0]
    troubles = Troubles(metrics, lambda: now[0])
    for _ in range(50):
        troubles.tell("a card", "north", KeyError("a name"))
        troubles.tell("a card", "south")
    assert [each.getMessage() for each in caplog.records] == [
        "district north: a card: others are served",
        "district south: a card: others are served",
    ]
    now[0] = 61.0
    troubles.tell("a card", "north")
    assert len(caplog.records) == 3
    assert metrics.of(TROUBLES, "a card")._value.get() == 101


def test_what_is_remembered_is_bounded() -> None:
    troubles = Troubles()
    for number in range(3 * MOST):
        troubles.tell("a card", f"d{number}")
    assert len(troubles._said) <= MOST
