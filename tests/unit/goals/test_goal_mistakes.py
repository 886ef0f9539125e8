"""How mistakes about a goal are put right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.chassis.kernel import Kind
from services.goals.goal.domain import Edit, Goal, GoalEvent
from services.goals.goal.outline import GoalState
from services.goals.goal.progress import MOST_CORRECTIONS, ProgressEvent
from tests.support.clocks import START
from tests.unit.goals.test_goal import COACH, TEACHER, active, draft, fault

STRANGER = "coach-2"
LATER = START + timedelta(hours=1)


def measured(*values: float) -> Goal:
    goal = active()
    for value in values:
        goal.record_progress(value, "noted", COACH, START)
        goal.take_event()
    return goal


def by_coach(baseline: float | None = None) -> Goal:
    goal = draft(baseline)
    goal.drafted_by = COACH
    return goal


@pytest.mark.parametrize("person", [TEACHER, COACH])
def test_a_draft_is_edited_by_its_owner_and_its_author(person: str) -> None:
    goal = by_coach(35)
    goal.edit(person, Edit(statement="All speak", target=70, due="2027-05-31"))
    assert goal.take_event() is GoalEvent.EDITED
    assert (goal.statement, goal.target, goal.due) == ("All speak", 70, "2027-05-31")
    assert goal.focus_skill == "questioning"
    goal.edit(person, Edit(due=""))
    assert goal.due == ""


def test_an_edit_that_says_the_same_is_no_event() -> None:
    goal = by_coach(35)
    goal.edit(TEACHER, Edit(target=goal.target))
    assert goal.take_event() is None


def test_an_edit_keeps_the_target_ahead_of_the_baseline() -> None:
    goal = by_coach(35)
    assert fault(lambda: goal.edit(TEACHER, Edit(target=30)))[1] == "target_behind_baseline"


@pytest.mark.parametrize("person", [TEACHER, COACH])
def test_a_draft_is_withdrawn_by_its_owner_and_its_author(person: str) -> None:
    goal = by_coach()
    goal.withdraw(person, LATER)
    assert goal.take_event() is GoalEvent.WITHDRAWN
    assert (goal.state, goal.closed_at) == (GoalState.WITHDRAWN, LATER)
    assert fault(lambda: goal.activate(TEACHER, LATER)) == (Kind.CONFLICT, "not_draft")


def test_nobody_else_edits_or_withdraws() -> None:
    goal = by_coach()
    assert fault(lambda: goal.edit(STRANGER, Edit(target=70))) == (Kind.FORBIDDEN, "author_only")
    assert fault(lambda: goal.withdraw(STRANGER, LATER)) == (Kind.FORBIDDEN, "author_only")
    unknown_author = draft()
    assert fault(lambda: unknown_author.withdraw("", LATER)) == (Kind.FORBIDDEN, "author_only")


def test_what_is_active_is_neither_edited_nor_withdrawn() -> None:
    goal = active()
    assert fault(lambda: goal.edit(TEACHER, Edit(target=70))) == (Kind.CONFLICT, "not_draft")
    assert fault(lambda: goal.withdraw(TEACHER, LATER)) == (Kind.CONFLICT, "not_draft")


@pytest.mark.parametrize("person", [TEACHER, COACH])
def test_a_mistyped_value_is_corrected_and_what_it_was_is_kept(person: str) -> None:
    goal = measured(40, 940)
    goal.correct_progress(2, 44, None, "typed a 9", person, LATER)
    assert goal.take_event() is ProgressEvent.CORRECTED
    corrected = goal.progress[1]
    assert (corrected.value, corrected.note, corrected.by) == (44, "noted", COACH)
    (was,) = corrected.earlier
    assert (was.value, was.reason, was.by, was.at) == (940, "typed a 9", person, LATER)


def test_a_correction_that_changes_nothing_records_nothing() -> None:
    goal = measured(40, 940)
    goal.take_event()
    for note in (None, "noted"):
        goal.correct_progress(2, 940, note, "sent twice", COACH, LATER)
    goal.revise(TEACHER, LATER, "sent twice", target=goal.target, statement=goal.statement, due="")
    assert goal.take_event() is None
    assert (goal.progress[1].earlier, goal.earlier, goal.revision) == ((), [], 1)
    goal.correct_progress(2, 940, "another note", "r", COACH, LATER)
    assert [each.note for each in goal.progress[1].earlier] == ["noted"]


def test_a_voided_value_no_longer_counts_but_stays() -> None:
    goal = measured(40, 940)
    goal.void_progress(2, COACH, LATER)
    assert goal.take_event() is ProgressEvent.VOIDED
    assert [each.value for each in goal.counting] == [40]
    assert (goal.progress[1].voided_by, goal.progress[1].voided_at) == (COACH, LATER)
    again = (Kind.CONFLICT, "progress_voided")
    assert fault(lambda: goal.void_progress(2, COACH, LATER)) == again
    assert fault(lambda: goal.correct_progress(2, 1, None, "", COACH, LATER)) == again


def test_only_who_recorded_a_value_and_the_owner_put_it_right() -> None:
    goal = measured(40)
    refused = (Kind.FORBIDDEN, "author_only")
    assert fault(lambda: goal.void_progress(1, STRANGER, LATER)) == refused
    assert fault(lambda: goal.correct_progress(1, 44, None, "", STRANGER, LATER)) == refused


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_a_number_that_there_is_not(number: int) -> None:
    goal = measured(40)
    assert fault(lambda: goal.void_progress(number, TEACHER, LATER))[0] is Kind.NOT_FOUND


def test_corrections_of_a_value_are_bounded() -> None:
    goal = measured(40)
    for value in range(MOST_CORRECTIONS):
        goal.correct_progress(1, value, None, "again", TEACHER, LATER)
        goal.take_event()
    refused = (Kind.LIMITED, "too_many_corrections")
    assert fault(lambda: goal.correct_progress(1, 44, None, "", TEACHER, LATER)) == refused


@pytest.mark.parametrize("closing", ["achieve", "abandon"])
def test_a_closing_is_taken_back_for_a_day(closing: str) -> None:
    goal = active()
    getattr(goal, closing)(TEACHER, START)
    goal.take_event()
    goal.activate(TEACHER, START + timedelta(days=1))
    assert goal.take_event() is GoalEvent.REOPENED
    assert (goal.state, goal.closed_at, goal.activated_at) == (GoalState.ACTIVE, None, START)


def test_after_a_day_a_closing_is_for_good_and_never_somebody_elses() -> None:
    goal = active()
    goal.achieve(TEACHER, START)
    goal.take_event()
    assert fault(lambda: goal.activate(COACH, START)) == (Kind.FORBIDDEN, "owner_only")
    late = START + timedelta(days=1, seconds=1)
    assert fault(lambda: goal.activate(TEACHER, late)) == (Kind.CONFLICT, "closed_for_good")


def test_a_revision_puts_a_baseline_right_and_takes_a_date_away() -> None:
    goal = active()
    goal.due = "2027-03-31"
    goal.revise(TEACHER, LATER, "mistyped", baseline=30, due="")
    assert (goal.baseline, goal.due) == (30, "")
    assert (goal.earlier[0].baseline, goal.earlier[0].due) == (35, "2027-03-31")
    goal.take_event()
    ahead = (Kind.INVALID, "target_behind_baseline")
    assert fault(lambda: goal.revise(TEACHER, LATER, "no", baseline=90)) == ahead
