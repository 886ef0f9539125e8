"""What a proto and an enum of ours both say is the same, and is told where it is not."""

from __future__ import annotations

from enum import StrEnum

import pytest

from coaching.goals.v1 import goal_events_pb2 as goals
from services.chassis.words import events_with, messages_of, numbers_of


class Way(StrEnum):
    DECREASE = "decrease"
    INCREASE = "increase"


class Wrong(StrEnum):
    INCREASE = "increase"
    SIDEWAYS = "sideways"


class Happened(StrEnum):
    BASELINE_SET = "baseline_set"


class Forgotten(StrEnum):
    NEVER_SAID = "never_said"


def test_a_member_is_the_value_of_its_name() -> None:
    assert numbers_of(Way, goals.Direction.DESCRIPTOR) == {
        Way.DECREASE: goals.DIRECTION_DECREASE,
        Way.INCREASE: goals.DIRECTION_INCREASE,
    }


def test_an_event_is_the_message_of_its_name() -> None:
    found = messages_of(goals.DESCRIPTOR, "Goal", Happened)
    assert found == {Happened.BASELINE_SET: goals.GoalBaselineSet}


def test_a_word_that_one_of_the_two_lacks_is_told_with_both_files() -> None:
    with pytest.raises(ValueError, match="lacks") as told:
        numbers_of(Wrong, goals.Direction.DESCRIPTOR)
    assert str(told.value) == (
        "Direction in proto/coaching/goals/v1/goal_events.proto lacks sideways; "
        "Wrong in tests/unit/test_words.py lacks decrease"
    )
    with pytest.raises(
        ValueError, match="lacks GoalNeverSaid, the event of Forgotten in tests/unit"
    ):
        messages_of(goals.DESCRIPTOR, "Goal", Forgotten)


def test_events_are_the_messages_that_hold_the_snapshot() -> None:
    events = events_with(goals.GoalSnapshot.DESCRIPTOR)
    assert "coaching.goals.v1.GoalDrafted" in events
    assert "coaching.goals.v1.GoalSnapshot" not in events
