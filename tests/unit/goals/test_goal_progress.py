"""A goal holds its newest progress and revisions, and says the same as if it held them all."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from unittest.mock import patch

import pytest

from services.chassis.kernel import Fault, Kind
from services.goals.goal import progress
from services.goals.goal.codec import GOALS, goal_snapshot
from services.goals.goal.domain import KEPT_REVISIONS, Goal
from services.goals.goal.outline import MOST_PROGRESS, MOST_REVISIONS, EarlierProgress, Progress
from services.goals.goal.progress import KEPT
from tests.support.clocks import START
from tests.unit.goals.test_goal import COACH, TEACHER, active, fault


def recorded(count: int) -> tuple[Goal, dict[int, Progress]]:
    """A goal with so many values, and what has left it."""
    goal = active()
    left: dict[int, Progress] = {}
    for number in range(1, count + 1):
        goal.record_progress(number, "", COACH, START)
        goal.take_event()
        left.update(goal.take_left())
    return goal, left


def test_the_oldest_leave_many_at_once_and_keep_their_numbers() -> None:
    goal, left = recorded(2 * KEPT)
    assert (len(goal.progress), goal.settled, left) == (2 * KEPT, 0, {})
    goal, left = recorded(2 * KEPT + 1)
    assert (len(goal.progress), goal.settled) == (KEPT, KEPT + 1)
    assert [each.value for each in left.values()] == list(left) == list(range(1, KEPT + 2))
    said = goal_snapshot(goal)
    assert (said.current, said.previous, said.progress_count) == (41, 40, 41)


def test_a_goal_grows_no_more_with_its_history() -> None:
    few, many = (len(str(GOALS.to_state(recorded(count)[0]))) for count in (60, 960))
    assert many < 1.1 * few


def test_there_is_an_end_to_them_all_the_same() -> None:
    goal, _ = recorded(MOST_PROGRESS)
    refused = fault(lambda: goal.record_progress(1, "", COACH, START))
    assert refused == (Kind.LIMITED, "too_much_progress")


def test_what_has_left_is_put_right_like_all_else() -> None:
    goal, left = recorded(50)
    goal.correct_progress(3, 33, "again", "mistyped", COACH, START, left[3])
    was = EarlierProgress(3, "", reason="mistyped", by=COACH, at=START)
    assert goal.take_left() == [(3, Progress(33, START, COACH, "again", (was,)))]
    goal.take_event()
    goal.void_progress(4, TEACHER, START, left[4])
    (voided,) = goal.take_left()
    assert voided == (4, replace(left[4], voided_at=START, voided_by=TEACHER))
    assert goal_snapshot(goal).progress_count == 49
    goal.take_event()
    again = fault(lambda: goal.void_progress(4, TEACHER, START, voided[1]))
    assert again == (Kind.CONFLICT, "progress_voided")
    assert fault(lambda: goal.void_progress(5, TEACHER, START))[0] is Kind.NOT_FOUND


def test_it_says_where_it_stands_whatever_is_voided() -> None:
    goal, _ = recorded(50)
    for number in range(50, goal.settled + 2, -1):
        goal.void_progress(number, TEACHER, START)
        goal.take_event()
    for number in (goal.settled + 1, goal.settled + 2):
        with pytest.raises(Fault, match="too_many_voided"):
            goal.void_progress(number, TEACHER, START)
    goal.record_progress(7, "", COACH, START)
    goal.take_event()
    goal.void_progress(goal.settled + 1, TEACHER, START)
    said = goal_snapshot(goal)
    assert (said.current, said.previous) == (7, goal.settled + 2)


def test_what_it_said_long_ago_leaves_it_too() -> None:
    goal, left = active(), []
    for number in range(1, MOST_REVISIONS + 1):
        goal.revise(TEACHER, START, f"reason {number}", target=100 + number)
        goal.take_event()
        left += goal.take_left()
        assert len(goal.earlier) <= 2 * KEPT_REVISIONS
    every = [*left, *((each.number, each) for each in goal.earlier)]
    assert [number for number, _ in every] == list(range(1, MOST_REVISIONS + 1))
    assert [each.reason for _, each in every] == [f"reason {n}" for n, _ in every]
    refused = fault(lambda: goal.revise(TEACHER, START, "why", target=999))
    assert refused == (Kind.LIMITED, "too_many_revisions")


@pytest.mark.parametrize("seed", range(60))
def test_it_says_what_one_that_holds_them_all_says(seed: int) -> None:
    chance, goal, whole = Random(seed), active(), active()
    left: dict[int, Progress] = {}

    def act(on: Goal, kept: int, what: str, number: int, value: int) -> str:
        one = left.get(number) if number <= on.settled else None
        with patch.object(progress, "KEPT", kept):
            try:
                if what == "record":
                    on.record_progress(value, "", COACH, START)
                elif what == "correct":
                    on.correct_progress(number, value, None, "r", TEACHER, START, one)
                else:
                    on.void_progress(number, TEACHER, START, one)
            except Fault as refused:
                return refused.code
            finally:
                on.take_event()
        return ""

    for step in range(50):
        what = chance.choice(("record", "record", "correct", "void"))
        number = chance.randint(1, len(whole.progress) + 1)
        told = act(goal, 3, what, number, step)
        leaves = goal.take_left()
        if told:
            assert not leaves
        if told != "too_many_voided":
            assert act(whole, MOST_PROGRESS, what, number, step) == told
        left.update(leaves)
        assert goal_snapshot(goal) == goal_snapshot(whole)
        held = dict(enumerate(goal.progress, goal.settled + 1))
        assert {**left, **held} == dict(enumerate(whole.progress, 1))
    assert left
