"""What the goals service publishes of decision trees, example by example."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.goals.tree.codec import TREES
from services.goals.tree.domain import Tree
from tests.support.clocks import START
from tests.support.golden import assert_golden
from tests.support.practices import CANARY, COACH, new_tree


def after(*acts: Callable[[Tree], object]) -> Tree:
    """The event is the last one's."""
    tree = new_tree()
    for act in acts:
        tree.take_event()
        act(tree)
    return tree


def published(tree: Tree) -> None:
    tree.publish(COACH, START)


EVENTS = [
    ("TreeDrafted", after()),
    ("TreeEdited", after(lambda tree: tree.edit(CANARY, CANARY, tree.steps[1:], COACH))),
    ("TreePublished", after(published)),
    ("TreeRetired", after(published, lambda tree: tree.retire(COACH, START))),
    ("TreeWithdrawn", after(lambda tree: tree.withdraw(COACH, START))),
    ("TreeTransferred", after(published, lambda tree: tree.transfer("coach-2"))),
]


@pytest.mark.parametrize(("name", "tree"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, tree: Tree) -> None:
    event = tree.take_event()
    tree.record(event)
    encoded = TREES.encode(tree, event)
    assert encoded.type == f"coaching.goals.v1.{name}"
    assert_golden("goals", encoded)
    assert CANARY.encode() not in encoded.data


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, tree in EVENTS:
        state = TREES.to_state(tree)
        assert TREES.from_state(tree.id, "north", 0, state) == tree
