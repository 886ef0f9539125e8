"""What is said beside a goal: what speaks of it, what its owner thinks of it, and what it lacks."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest

from services.chassis.kernel import Kind
from services.goals.evidence.domain import GoalEvidenceKind
from services.goals.goal.domain import KEPT_RATINGS, Edit, Goal, GoalEvent
from services.goals.goal.outline import (
    EVIDENCE,
    MOST_EVIDENCE,
    MOST_TAGS,
    TAKEN_BACK,
)
from services.goals.goal.progress import ProgressEvent
from services.goals.goal.rules import LONGEST, SHORTEST, Aspect, advice
from tests.support.clocks import START
from tests.unit.goals.test_goal import COACH, TEACHER, active, draft, fault

LATER = START + timedelta(hours=1)
BEGINS = date(2026, 9, 1)


FULL = (Kind.LIMITED, "too_much_evidence")


def linked(goal: Goal, *observations: str, by: str = COACH) -> Goal:
    for each in observations:
        goal.link_evidence(GoalEvidenceKind.OBSERVATION, each, by, START)
        goal.take_event()
    return goal


def test_what_is_linked_already_is_no_event_and_what_was_voided_may_be_linked_again() -> None:
    goal = active()
    goal.link_evidence(GoalEvidenceKind.OBSERVATION, "one", COACH, START)
    assert goal.take_event() is ProgressEvent.EVIDENCE_LINKED
    goal.link_evidence(GoalEvidenceKind.OBSERVATION, "one", TEACHER, LATER)
    assert goal.take_event() is None
    goal.link_evidence(GoalEvidenceKind.STUDENT_WORK, "one", COACH, START)
    assert goal.take_event() is ProgressEvent.EVIDENCE_LINKED
    goal.void_evidence(1, TEACHER, LATER)
    assert goal.take_event() is ProgressEvent.EVIDENCE_VOIDED
    assert [each.kind for each in goal.evidence_counting] == [GoalEvidenceKind.STUDENT_WORK]
    goal.link_evidence(GoalEvidenceKind.OBSERVATION, "one", TEACHER, LATER)
    assert [each.by for each in goal.evidence] == [COACH, COACH, TEACHER]


def test_a_link_is_voided_once_by_who_made_it_or_the_owner() -> None:
    goal = linked(active(), "one", "two")
    refused = (Kind.FORBIDDEN, "author_only")
    assert fault(lambda: goal.void_evidence(1, "coach-2", LATER)) == refused
    goal.void_evidence(1, COACH, LATER)
    goal.take_event()
    twice = (Kind.CONFLICT, "evidence_voided")
    assert fault(lambda: goal.void_evidence(1, TEACHER, LATER)) == twice
    assert fault(lambda: goal.void_evidence(3, TEACHER, LATER))[0] is Kind.NOT_FOUND
    goal.void_evidence(2, TEACHER, LATER)


def test_links_have_a_bound_with_those_that_were_voided() -> None:
    goal = linked(active(), *map(str, range(MOST_EVIDENCE)), by=TEACHER)
    goal.void_evidence(1, TEACHER, LATER)
    goal.take_event()
    assert fault(lambda: linked(goal, "one more", by=TEACHER)) == FULL
    linked(goal, "7")  # it is there


def test_nobody_takes_the_places_that_another_needs_for_her_links() -> None:
    goal = linked(active(), *map(str, range(EVIDENCE.by_one)))
    assert fault(lambda: linked(goal, "one more")) == FULL
    others = map(str, range(EVIDENCE.by_one, EVIDENCE.by_others))
    linked(goal, *others, by="coach-2")
    assert fault(lambda: linked(goal, "one more", by="coach-3")) == FULL
    linked(goal, "one more", by=TEACHER)


def test_evidence_of_a_goal_that_was_achieved_counts_and_of_a_withdrawn_one_does_not() -> None:
    goal = active()
    goal.achieve(TEACHER, START)
    goal.take_event()
    assert len(linked(goal, "one").evidence_counting) == 1
    goal = draft()
    goal.withdraw(TEACHER, START)
    goal.take_event()
    assert fault(lambda: linked(goal, "one")) == (Kind.CONFLICT, "goal_withdrawn")


def test_a_revision_names_what_it_comes_from_and_links_what_was_not() -> None:
    goal = linked(active(), "one", "two")
    seen = [(GoalEvidenceKind.SURVEY, "three"), (GoalEvidenceKind.OBSERVATION, "two")]
    goal.revise(TEACHER, LATER, "It surprised us", target=61, evidence=[1], seen=seen)
    assert goal.take_event() is GoalEvent.REVISED
    assert [each.of for each in goal.evidence] == ["one", "two", "three"]
    assert goal.earlier[-1].evidence == (1, 2, 3)
    assert [each.of for each in goal.revised_by] == ["one", "two", "three"]
    goal.void_evidence(2, TEACHER, LATER)
    goal.take_event()
    assert goal.earlier[-1].evidence == (1, 2, 3)  # it came from that, whatever became of it
    assert [each.of for each in goal.revised_by] == ["one", "three"]
    goal.revise(TEACHER, LATER, "Once more", target=62)
    assert goal.revised_by == []


def test_a_revision_names_links_that_count_and_what_is_none_links_nothing() -> None:
    goal = linked(active(), "one", "two")
    goal.void_evidence(2, TEACHER, LATER)
    goal.take_event()
    for wrong in ([2], [3], [1, 99]):
        revise = partial(goal.revise, TEACHER, LATER, "Why", target=61, evidence=wrong)
        assert fault(revise) == (Kind.INVALID, "unknown_evidence")
    assert goal.revision == 1
    seen = [(GoalEvidenceKind.SURVEY, "three")]
    goal.revise(TEACHER, LATER, "Why", target=goal.target, seen=seen)
    assert (goal.take_event(), len(goal.evidence)) == (None, 2)
    full = linked(active(), *map(str, range(MOST_EVIDENCE)), by=TEACHER)
    revise = partial(full.revise, TEACHER, LATER, "Why", target=61, seen=seen)
    assert fault(revise) == FULL


def test_the_newest_ratings_are_kept_and_the_same_again_is_none() -> None:
    goal = active()
    for number in range(KEPT_RATINGS + 2):
        goal.rate(TEACHER, START, 1 + number % 10, 5)
        assert goal.take_event() is GoalEvent.RATED
    newest = goal.ratings[-1]
    goal.rate(TEACHER, LATER, newest.importance, newest.confidence)
    assert goal.take_event() is None
    assert len(goal.ratings) == KEPT_RATINGS
    assert (goal.ratings[0].importance, newest.importance) == (3, 2)


def test_a_closed_goal_is_rated_no_more() -> None:
    goal = active()
    goal.achieve(TEACHER, START)
    assert fault(lambda: goal.rate(TEACHER, LATER, 5, 5)) == (Kind.CONFLICT, "goal_closed")


def test_what_a_draft_aims_at_is_edited_and_taken_away_and_tags_are_few_and_each_once() -> None:
    goal = draft()
    goal.edit(TEACHER, Edit(aims_at="students", outcome_stage="practice", priority_tags=("a",)))
    assert goal.take_event() is GoalEvent.EDITED
    goal.edit(TEACHER, Edit(statement="All speak"))
    goal.take_event()
    assert (goal.aims_at, goal.outcome_stage, goal.priority_tags) == (
        "students",
        "practice",
        ("a",),
    )
    goal.edit(TEACHER, Edit(aims_at="", outcome_stage="", priority_tags=()))
    goal.take_event()
    assert (goal.aims_at, goal.outcome_stage, goal.priority_tags) == ("", "", ())
    for wrong in (("a", "a"), tuple(map(str, range(MOST_TAGS + 1)))):
        edit = partial(draft().edit, TEACHER, Edit(priority_tags=wrong))
        assert fault(edit) == (Kind.INVALID, "tags_twice")


def lacks(goal: Goal, title: str = "Talk") -> dict[Aspect, str]:
    return {each.aspect: each.lacks for each in advice(goal, BEGINS, title)}


def good() -> Goal:
    goal = draft(baseline=35)
    goal.statement = "Students explain their thinking to each other"
    goal.aims_at, goal.due = "students", (BEGINS + timedelta(days=60)).isoformat()
    return goal


def test_a_good_goal_lacks_nothing() -> None:
    assert lacks(good()) == dict.fromkeys(Aspect, "")
    assert not [each.words for each in advice(good(), BEGINS, "Talk") if each.words]


@pytest.mark.parametrize(
    ("changed", "aspect", "code"),
    [
        ({"statement": "Talk more"}, Aspect.SPECIFIC, "statement_short"),
        ({"target": 120}, Aspect.MEASURABLE, "target_out_of_unit"),
        ({"aims_at": ""}, Aspect.STUDENT_FACING, "aim_not_said"),
        ({"aims_at": "practice"}, Aspect.STUDENT_FACING, "aims_at_practice"),
        ({"due": ""}, Aspect.REACHABLE, "no_due_date"),
        ({"baseline": None}, Aspect.BASELINE, "no_baseline"),
    ],
)
def test_what_a_goal_lacks_is_told_by_its_aspect(
    changed: dict[str, object], aspect: Aspect, code: str
) -> None:
    goal = good()
    for name, value in changed.items():
        setattr(goal, name, value)
    told = lacks(goal)
    assert told.pop(aspect) == code
    assert set(told.values()) == {""}
    assert all(each.words for each in advice(goal, BEGINS, "Talk") if each.lacks)


def test_the_window_has_ends_and_an_owner_who_is_not_sure_is_told_so() -> None:
    def within(days: int) -> str:
        goal = good()
        goal.due = (BEGINS + timedelta(days=days)).isoformat()
        return lacks(goal)[Aspect.REACHABLE]

    told = [within(days) for days in (SHORTEST - 1, SHORTEST, LONGEST, LONGEST + 1)]
    assert told == ["window_too_short", "", "", "window_too_long"]
    goal = good()
    goal.rate(TEACHER, START, 10, 4)
    assert lacks(goal)[Aspect.REACHABLE] == "not_sure"
    goal.take_event()
    goal.rate(TEACHER, START, 10, 5)
    assert lacks(goal)[Aspect.REACHABLE] == ""


def test_a_measure_that_the_catalogue_lacks_is_told() -> None:
    assert lacks(good(), "")[Aspect.MEASURE] == "measure_unknown"


def test_what_was_achieved_lasts_and_that_is_taken_back_for_a_day() -> None:
    goal = active()
    assert fault(lambda: goal.maintain(TEACHER, START)) == (Kind.CONFLICT, "not_achieved")
    goal.achieve(TEACHER, START)
    goal.take_event()
    assert fault(lambda: goal.maintain(COACH, START)) == (Kind.FORBIDDEN, "owner_only")
    found = START + timedelta(days=40)
    goal.maintain(TEACHER, found)
    assert goal.take_event() is GoalEvent.MAINTAINED
    assert (goal.state, goal.closed_at, goal.maintained_at) == ("maintained", START, found)
    late = found + TAKEN_BACK + timedelta(seconds=1)
    refused = (Kind.CONFLICT, "maintained_for_good")
    assert fault(lambda: goal.achieve(TEACHER, late)) == refused
    goal.achieve(TEACHER, found + TAKEN_BACK)
    assert (goal.state, goal.closed_at, goal.maintained_at) == ("achieved", START, None)


def test_a_goal_that_was_not_met_is_closed_and_taken_up_again_for_a_day() -> None:
    goal = active()
    assert fault(lambda: goal.close_not_met(COACH, START)) == (Kind.FORBIDDEN, "owner_only")
    goal.close_not_met(TEACHER, START)
    assert goal.take_event() is GoalEvent.CLOSED_NOT_MET
    assert (goal.state, goal.closed_at) == ("closed_not_met", START)
    assert fault(lambda: goal.close_not_met(TEACHER, START)) == (Kind.CONFLICT, "not_active")
    late = START + TAKEN_BACK + timedelta(seconds=1)
    assert fault(lambda: goal.activate(TEACHER, late)) == (Kind.CONFLICT, "closed_for_good")
    goal.activate(TEACHER, START + TAKEN_BACK)
    assert goal.take_event() is GoalEvent.REOPENED
    draft_ = draft()
    assert fault(lambda: draft_.close_not_met(TEACHER, START)) == (Kind.CONFLICT, "not_active")
