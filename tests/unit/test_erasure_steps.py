"""However often holds are placed on a person, one more can be, and all can still be erased."""

from __future__ import annotations

from services.privacy.erasure.domain import MOST_STEPS, Erasure, ErasureAct, ErasureState
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
