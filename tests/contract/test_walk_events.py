"""What the goals service publishes of walks, example by example."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.goals.walk.codec import WALKS
from services.goals.walk.domain import Walk
from services.goals.walk.outline import OfferKind
from tests.support.clocks import START
from tests.support.golden import assert_golden
from tests.support.practices import CANARY, COACH, TEACHER, new_tree, new_walk

TREE = new_tree()


def after(*acts: Callable[[Walk], object]) -> Walk:
    """The event is the last one's."""
    walk = new_walk()
    for act in acts:
        walk.take_event()
        act(walk)
    return walk


def answered(walk: Walk) -> None:
    walk.answer(TREE, "listen", "wait", CANARY, TEACHER, START)


def chosen(walk: Walk) -> None:
    walk.choose(TREE, "listen", OfferKind.MEASURE, "talk-share", CANARY, COACH, START)


EVENTS = [
    ("WalkStarted", after()),
    ("WalkChosen", after(chosen)),
    ("WalkAnswered", after(chosen, answered)),
    ("WalkSteppedBack", after(answered, lambda walk: walk.step_back(TEACHER, START))),
    (
        "WalkCompleted",
        after(chosen, answered, lambda walk: walk.complete(TREE, "goal-1", TEACHER, START)),
    ),
    ("WalkAbandoned", after(lambda walk: walk.abandon(TEACHER, START))),
    ("WalkTransferred", after(chosen, answered, lambda walk: walk.transfer("teacher-2"))),
    ("WalkErased", after(answered, lambda walk: walk.erase())),
]


@pytest.mark.parametrize(("name", "walk"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, walk: Walk) -> None:
    event = walk.take_event()
    walk.record(event)
    encoded = WALKS.encode(walk, event)
    assert encoded.type == f"coaching.goals.v1.{name}"
    assert_golden("goals", encoded)
    assert CANARY.encode() not in encoded.data


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, walk in EVENTS:
        state = WALKS.to_state(walk)
        assert WALKS.from_state(walk.id, "north", 0, state) == walk
