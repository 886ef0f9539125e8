"""A strategy: its author's until she publishes it, and never changed silently."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.chassis.kernel import Fault
from services.goals.strategy.domain import MOST_STRATEGY_REVISIONS, Strategy, StrategyState
from tests.support.clocks import START
from tests.support.practices import COACH, SAYS, TEACHER, new_strategy

LATER = START + timedelta(days=3)
OTHERWISE = replace(SAYS, title="Another")


def private() -> Strategy:
    strategy = new_strategy()
    strategy.take_event()
    return strategy


def published() -> Strategy:
    strategy = private()
    strategy.publish(COACH, START)
    strategy.take_event()
    return strategy


def refused(code: str, act: object) -> Fault:
    assert callable(act)
    with pytest.raises(Fault) as raised:
        act()
    assert raised.value.code == code
    return raised.value


def test_a_private_one_is_its_authors_alone() -> None:
    mine = private()
    assert mine.visible_to(COACH)
    assert not mine.visible_to(TEACHER)
    refused("author_only", lambda: mine.publish(TEACHER, START))
    refused("unknown_strategy", lambda: mine.check_offered((TEACHER, COACH), "/strategy_id"))
    mine.check_offered((COACH, COACH), "/strategy_id")
    mine.withdraw(COACH, LATER)
    assert not mine.visible_to(TEACHER)
    refused("unknown_strategy", lambda: mine.check_offered((COACH,), "/strategy_id"))


def test_a_published_one_is_for_all_and_says_why_it_changed() -> None:
    strategy = published()
    assert strategy.visible_to(TEACHER)
    strategy.check_offered((TEACHER, COACH), "/strategy_id")
    refused("author_only", lambda: strategy.revise(OTHERWISE, "why", TEACHER, LATER))
    strategy.revise(OTHERWISE, "why", COACH, LATER)
    (before,) = strategy.earlier
    assert (strategy.says, strategy.revision) == (OTHERWISE, 2)
    assert (before.number, before.said, before.reason, before.at) == (1, SAYS, "why", LATER)
    strategy.take_event()
    strategy.revise(OTHERWISE, "again", COACH, LATER)
    assert (strategy.revision, strategy.take_event()) == (2, None)


def test_what_it_said_while_it_was_private_goes_with_publishing() -> None:
    strategy = private()
    strategy.revise(OTHERWISE, "A name was in it", COACH, START)
    strategy.take_event()
    assert [each.said for each in strategy.earlier] == [SAYS]
    strategy.publish(COACH, START)
    strategy.take_event()
    assert (strategy.earlier, strategy.revision, strategy.says) == ((), 2, OTHERWISE)
    strategy.revise(SAYS, "why", COACH, LATER)
    assert [(each.number, each.said) for each in strategy.earlier] == [(2, OTHERWISE)]


def test_who_is_in_charge_of_it_acts_for_an_author_who_has_left() -> None:
    strategy = published()
    strategy.revise(OTHERWISE, "why", "admin-1", LATER, in_charge=True)
    strategy.take_event()
    strategy.retire("admin-1", LATER, in_charge=True)
    assert strategy.visible_to(TEACHER)
    refused("strategy_retired", lambda: strategy.check_offered((TEACHER,), "/strategy_id"))
    refused("strategy_closed", lambda: strategy.revise(SAYS, "why", COACH, LATER))


def test_what_stands_there_twice_is_named() -> None:
    said = ("a", "b", "a")
    for name, twice in (("tag", replace(SAYS, tags=said)), ("move", replace(SAYS, moves=said))):
        fault = refused(f"{name}_repeated", lambda twice=twice: new_strategy(twice))
        assert fault.place == f"/{name}s/2"


def test_its_revisions_have_a_bound() -> None:
    strategy = published()
    for number in range(MOST_STRATEGY_REVISIONS):
        strategy.revise(replace(SAYS, title=str(number)), "why", COACH, LATER)
        strategy.take_event()
    refused("too_many_revisions", lambda: strategy.revise(SAYS, "why", COACH, LATER))


def test_it_follows_its_author() -> None:
    strategy = published()
    strategy.revise(OTHERWISE, "why", COACH, LATER)
    strategy.take_event()
    strategy.transfer("coach-2")
    assert (strategy.author, strategy.earlier[0].by) == ("coach-2", "coach-2")
    assert strategy.transferred_from == COACH


class StrategyLives(RuleBasedStateMachine):
    """The model: a word, all that it has said, and how much of that before it was published."""

    def __init__(self) -> None:
        super().__init__()
        self.strategy = private()
        self.state, self.said, self.forgotten = "private", [SAYS], 0

    @rule(
        step=st.sampled_from(["publish", "withdraw", "retire"]),
        who=st.sampled_from([COACH, TEACHER]),
    )
    def steps(self, step: str, who: str) -> None:
        after = {
            ("private", "publish"): "published",
            ("private", "withdraw"): "withdrawn",
            ("published", "retire"): "retired",
        }.get((self.state, step))
        try:
            getattr(self.strategy, step)(who, LATER)
        except Fault:
            assert after is None or who != COACH
        else:
            assert after is not None
            assert who == COACH
            assert self.strategy.take_event() is not None
            self.state = after
            self.forgotten = len(self.said) - 1 if step == "publish" else self.forgotten

    @rule(title=st.sampled_from("abc"), who=st.sampled_from([COACH, TEACHER]))
    def revises(self, title: str, who: str) -> None:
        says = replace(SAYS, title=title)
        may = who == COACH and self.state in ("private", "published")
        try:
            self.strategy.revise(says, "why", who, LATER)
        except Fault:
            assert not may or len(self.said) > MOST_STRATEGY_REVISIONS
        else:
            assert may
            assert (self.strategy.take_event() is None) is (says == self.said[-1])
            if says != self.said[-1]:
                self.said.append(says)

    @invariant()
    def only_what_was_private_is_forgotten(self) -> None:
        strategy, gone = self.strategy, self.forgotten
        assert strategy.state is StrategyState(self.state)
        assert [*(each.said for each in strategy.earlier), strategy.says] == self.said[gone:]
        numbers = [each.number for each in strategy.earlier]
        assert numbers == list(range(gone + 1, len(self.said)))
        assert strategy.revision == len(self.said)


TestStrategyLives = StrategyLives.TestCase
TestStrategyLives.settings = settings(max_examples=500, stateful_step_count=50, deadline=None)
