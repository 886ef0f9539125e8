"""What the goals service publishes of strategies and trials, example by example."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from services.chassis.kernel import Aggregate
from services.goals.evidence.domain import GoalEvidenceKind
from services.goals.strategy.codec import STRATEGIES
from services.goals.strategy.domain import Strategy
from services.goals.trial.codec import TRIALS
from services.goals.trial.domain import Trial
from services.goals.trial.outline import TrialOutcome
from tests.support.clocks import START
from tests.support.golden import assert_golden
from tests.support.practices import CANARY, COACH, SAYS, TEACHER, new_strategy, new_trial

A = TypeVar("A", bound=Aggregate)
LATER = START + timedelta(hours=5)
DAY = "2026-10-12"


def strategy(*acts: Callable[[Strategy], object]) -> Strategy:
    return _after(new_strategy(), acts)


def trial(*acts: Callable[[Trial], object]) -> Trial:
    return _after(new_trial(), acts)


def _after(new: A, acts: Sequence[Callable[[A], object]]) -> A:
    """The event is the last one's."""
    for act in acts:
        new.take_event()
        act(new)
    return new


def published(each: Strategy) -> None:
    each.publish(COACH, START)


def agreed(each: Trial) -> None:
    each.agree(TEACHER, START, DAY)


def tried(each: Trial) -> None:
    each.try_out(TEACHER, LATER)


def reflected(each: Trial) -> None:
    each.reflect(TEACHER, LATER, CANARY, True)


def closed(each: Trial) -> None:
    each.close(TEACHER, LATER, TrialOutcome.ADAPT, [(GoalEvidenceKind.SURVEY, "survey-1")])


def linked(each: Trial) -> None:
    each.link_result(GoalEvidenceKind.STUDENT_WORK, "work-1", TEACHER, LATER)


OTHERWISE = replace(SAYS, moves=(CANARY,))
EVENTS: list[tuple[str, Any]] = [
    ("StrategyWritten", strategy()),
    ("StrategyPublished", strategy(published)),
    ("StrategyRevised", strategy(published, lambda s: s.revise(OTHERWISE, CANARY, COACH, LATER))),
    ("StrategyRetired", strategy(published, lambda s: s.retire(COACH, LATER))),
    ("StrategyWithdrawn", strategy(lambda s: s.withdraw(COACH, LATER))),
    ("StrategyTransferred", strategy(lambda s: s.transfer("coach-2"))),
    ("StrategyErased", strategy(lambda s: s.erase())),
    ("TrialProposed", trial()),
    ("TrialAgreed", trial(agreed)),
    (
        "TrialEdited",
        trial(
            agreed,
            lambda t: t.edit(
                TEACHER, LATER, words=CANARY, check_back_in=9, check_back="2026-10-16"
            ),
        ),
    ),
    ("TrialWithdrawn", trial(lambda t: t.withdraw(COACH, LATER))),
    ("TrialRehearsed", trial(agreed, lambda t: t.rehearse(TEACHER, LATER))),
    ("TrialTried", trial(agreed, tried)),
    ("TrialReflected", trial(agreed, tried, reflected)),
    ("TrialClosed", trial(agreed, tried, reflected, closed)),
    ("TrialSteppedBack", trial(agreed, tried, lambda t: t.step_back(TEACHER, LATER))),
    ("TrialResultLinked", trial(agreed, tried, linked)),
    ("TrialResultVoided", trial(agreed, tried, linked, lambda t: t.void_result(1, TEACHER, LATER))),
    ("TrialCommented", trial(agreed, lambda t: t.comment(COACH, LATER, CANARY))),
    ("TrialTransferred", trial(agreed, lambda t: t.transfer("teacher-2"))),
    ("TrialErased", trial(agreed, lambda t: t.erase())),
]
CODECS: dict[type, Any] = {Strategy: STRATEGIES, Trial: TRIALS}


@pytest.mark.parametrize(("name", "aggregate"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, aggregate: Any) -> None:
    event = aggregate.take_event()
    aggregate.record(event)
    encoded = CODECS[type(aggregate)].encode(aggregate, event)
    assert encoded.type == f"coaching.goals.v1.{name}"
    assert_golden("goals", encoded)
    assert CANARY.encode() not in encoded.data


def test_that_one_was_declined_is_published_as_that_it_was_withdrawn() -> None:
    over = (trial(lambda t: t.decline(TEACHER, LATER)), trial(lambda t: t.withdraw(COACH, LATER)))
    declined, withdrawn = (TRIALS.encode(each, each.take_event()) for each in over)
    assert declined == withdrawn
    assert declined.type == "coaching.goals.v1.TrialWithdrawn"


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, aggregate in EVENTS:
        codec = CODECS[type(aggregate)]
        state = codec.to_state(aggregate)
        assert codec.from_state(aggregate.id, "north", 0, state) == aggregate


def test_of_a_private_strategy_it_is_not_told_what_it_is_for() -> None:
    private = new_strategy()
    data = STRATEGIES.encode(private, private.take_event()).data
    assert b"questioning" not in data
    assert COACH.encode() not in data
