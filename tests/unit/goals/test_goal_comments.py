"""What its owner and her coach say of a goal."""

from __future__ import annotations

from datetime import timedelta

from services.chassis.kernel import Kind
from services.goals.comment.domain import COMMENTS
from services.goals.goal.codec import GOALS
from services.goals.goal.domain import Goal, GoalEvent
from services.goals.goal.duties import _names, _touched
from tests.support.clocks import START
from tests.unit.goals.test_goal import COACH, TEACHER, active, draft, fault

LATER = START + timedelta(days=90)
WORDS = "canary-words"


def commented(goal: Goal, *by: str) -> Goal:
    for each in by:
        goal.comment(each, LATER, WORDS)
        assert goal.take_event() is GoalEvent.COMMENTED
    return goal


def test_a_draft_and_what_came_of_a_goal_are_spoken_of_and_what_was_withdrawn_is_not() -> None:
    goal = commented(draft(), COACH, TEACHER)
    assert [(each.by, each.text) for each in goal.comments] == [(COACH, WORDS), (TEACHER, WORDS)]
    closed = active()
    closed.achieve(TEACHER, START)
    closed.take_event()
    commented(closed, COACH)
    goal.withdraw(TEACHER, LATER)
    goal.take_event()
    withdrawn = (Kind.CONFLICT, "goal_withdrawn")
    assert fault(lambda: goal.comment(COACH, LATER, WORDS)) == withdrawn
    goal.void_comment(1, COACH, LATER)
    assert goal.comments[0].text == ""


def test_a_comment_is_its_authors_to_take_away_and_not_the_owners() -> None:
    goal = commented(active(), COACH)
    assert fault(lambda: goal.void_comment(1, TEACHER, LATER)) == (Kind.FORBIDDEN, "author_only")
    assert fault(lambda: goal.void_comment(2, COACH, LATER))[0] is Kind.NOT_FOUND
    goal.void_comment(1, COACH, LATER)
    assert goal.take_event() is GoalEvent.COMMENTED
    assert [(each.text, each.voided_by) for each in goal.comments] == [("", COACH)]
    assert fault(lambda: goal.void_comment(1, COACH, LATER)) == (Kind.CONFLICT, "comment_voided")


def test_nobody_takes_the_room_that_another_needs_for_her_comments() -> None:
    goal = commented(active(), *[COACH] * COMMENTS.by_one)
    full = (Kind.LIMITED, "too_many_comments")
    goal.void_comment(1, COACH, LATER)
    goal.take_event()
    assert fault(lambda: goal.comment(COACH, LATER, WORDS)) == full
    commented(goal, *[TEACHER] * (COMMENTS.most - COMMENTS.by_one))
    assert fault(lambda: goal.comment(TEACHER, LATER, WORDS)) == full


def test_it_is_no_progress_of_a_goal_and_its_words_are_not_published() -> None:
    before = active()
    quiet = GOALS.encode(before, GoalEvent.COMMENTED)
    goal = commented(active(), TEACHER, COACH)
    goal.void_comment(2, COACH, LATER + timedelta(days=1))
    told = GOALS.encode(goal, GoalEvent.COMMENTED)
    assert WORDS.encode() not in told.data
    assert quiet.data != told.data
    assert (goal.counting, goal.evidence_counting) == ([], [])


def test_who_has_said_something_is_named_by_it_and_keeps_it_for_a_time() -> None:
    goal = commented(active(), COACH)
    assert COACH in _names(goal)
    assert _touched(goal) == LATER


def test_with_her_record_goes_what_she_has_said() -> None:
    goal = commented(active(), TEACHER, COACH)
    goal.transfer("teacher-2")
    assert [each.by for each in goal.comments] == ["teacher-2", COACH]
