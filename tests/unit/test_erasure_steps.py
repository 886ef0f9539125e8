"""However often holds are placed on a person, one more can be, and all can still be erased."""

from __future__ import annotations

from services.privacy.erasure.domain import MOST_STEPS, Erasure, ErasureState
from services.privacy.erasure.outline import ErasureAct
from tests.support.clocks import START


def test_the_newest_steps_are_kept_with_the_last_order_and_nothing_is_refused_for_them() -> None:
    erasure = Erasure(id="e", district="north", person="teacher", changed_at=START)
    erasure.hold("admin", START)
    erasure.take_event()
    erasure.order("officer", START)
    erasure.take_event()
    for _ in range(MOST_STEPS):
        erasure.release("admin", START, settles=True)
        erasure.take_event()
        erasure.hold("admin", START)
        erasure.take_event()
    assert erasure.state is ErasureState.HELD
    assert len(erasure.steps) == MOST_STEPS
    assert erasure.ordered_by == "officer"
    assert erasure.steps[-1].step is ErasureAct.HELD
    erasure.withdraw("admin", START)
    erasure.take_event()
    erasure.release("admin", START)
    erasure.take_event()
    erasure.order("another", START)
    assert (erasure.ordered_by, len(erasure.steps)) == ("another", MOST_STEPS)


def test_who_placed_the_hold_in_force_is_known_however_often_something_was_ordered_under_it() -> (
    None
):
    erasure = Erasure(id="e", district="north", person="teacher", changed_at=START)
    erasure.hold("holder", START)
    erasure.take_event()
    for _ in range(MOST_STEPS):
        erasure.order("officer", START)
        erasure.take_event()
        erasure.withdraw("admin", START)
        erasure.take_event()
    erasure.order("officer", START)
    erasure.take_event()
    assert len(erasure.steps) == MOST_STEPS
    assert [each.by for each in erasure.steps if each.step is ErasureAct.HELD] == ["holder"]
    assert erasure.ordered_by == "officer"
    erasure.release("admin", START)
    assert erasure.steps[0].step is not ErasureAct.HELD, "it is not in force any more"
