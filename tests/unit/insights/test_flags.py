"""Each attention flag, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.access.calendar import AcademicSession, Calendar
from services.insights.caseload.domain.card import (
    Card,
    Goal,
    GoalState,
    Observation,
    ObservationState,
    Post,
    Relationship,
    Survey,
    Trial,
    TrialState,
)
from services.insights.caseload.domain.flags import RULE_VERSIONS, Flag, FlagCode, flags_of

NOW = datetime(2026, 10, 5, 15, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
NONE = Calendar()
COACHED = Relationship("rel-1", "coach-1", True, NOW - DAY)
ACTIVE = Goal(
    "goal-1",
    GoalState.ACTIVE,
    "talk-share",
    "percent",
    target=60,
    baseline=35,
    drafted_at=NOW - 5 * DAY,
    activated_at=NOW - 3 * DAY,
)


def card(**more: Any) -> Card:
    base = Card("teacher-1", 2027, relationships=(COACHED,))
    return replace(base, **more)


def found(of: Card, calendar: Calendar = NONE, now: datetime = NOW) -> dict[str, Flag]:
    return {flag.code: flag for flag in flags_of(of, calendar, now)}


def accepted(days: int) -> tuple[Relationship, ...]:
    return (replace(COACHED, accepted_at=NOW - days * DAY),)


def test_f1_counts_from_the_carrying_over_where_an_older_acceptance_was_kept() -> None:
    (old,) = accepted(300)
    for days, flagged in ((21, False), (22, True)):
        carried = replace(old, carried_over_at=NOW - days * DAY)
        assert ("F1" in found(card(relationships=(carried,)))) is flagged
    asked_again = replace(old, accepted_at=NOW - DAY, carried_over_at=NOW - 60 * DAY)
    assert "F1" not in found(card(relationships=(asked_again,)))


@pytest.mark.parametrize(("days", "flagged"), [(0, False), (21, False), (22, True), (60, True)])
def test_f1_counts_instructional_days_since_the_beginning(days: int, flagged: bool) -> None:
    """21 days before a Monday are 15 instructional days."""
    flags = found(card(relationships=accepted(days)))
    assert ("F1" in flags) is flagged
    if flagged:
        assert flags["F1"].evidence == ("rel-1",)
        assert flags["F1"].rule_version == RULE_VERSIONS[FlagCode.NO_OBSERVATION]


@pytest.mark.parametrize(
    ("state", "flagged"),
    [("open", True), ("rehearsed", True)]
    + [(each.value, False) for each in TrialState if each.value not in ("open", "rehearsed")],
)
def test_f9_is_of_a_step_that_was_agreed_on_and_not_tried(state: str, flagged: bool) -> None:
    trial = Trial("trial-1", TrialState(state), NOW - 14 * DAY)
    flags = found(card(trials=(trial,)))
    assert ("F9" in flags) is flagged
    if flagged:
        assert (flags["F9"].evidence, flags["F9"].since) == (("trial-1",), NOW)
    early = replace(trial, agreed_at=NOW - 14 * DAY + timedelta(seconds=1))
    assert "F9" not in found(card(trials=(early,)))
    assert "F9" not in found(card(trials=(replace(trial, agreed_at=None),)))


def test_days_are_those_of_the_school_where_she_teaches_on_the_day() -> None:
    week = [NOW.date() - timedelta(days=number) for number in range(7)]
    calendar = Calendar(schools={"school-1": Calendar(closed=week)})
    late = card(relationships=accepted(25))
    for posts, flagged in (
        ((), True),
        ((Post("school-1"),), False),
        ((Post("school-2"),), True),
        ((Post("school-1"), Post("school-2")), True),
        ((Post("school-1", ends="2026-10-05"), Post("school-2", begins="2026-10-06")), False),
        ((Post("school-1", ends="2026-10-04"), Post("school-2", begins="2026-10-05")), True),
    ):
        assert ("F1" in found(replace(late, posts=posts), calendar)) is flagged


def test_f1_counts_from_the_last_shared_observation() -> None:
    shared = Observation("obs-1", "teach", ObservationState.SHARED, NOW - 30 * DAY, NOW - 29 * DAY)
    recent = replace(shared, id="obs-2", shared_at=NOW - 2 * DAY)
    old = accepted(60)
    assert found(card(relationships=old, observations=(shared,)))["F1"].evidence == ("obs-1",)
    assert "F1" not in found(card(relationships=old, observations=(shared, recent)))


def test_f1_does_not_blame_a_coach_for_the_time_before_her() -> None:
    shared = Observation("obs-1", "teach", ObservationState.SHARED, None, NOW - 90 * DAY)
    assert "F1" not in found(card(relationships=accepted(2), observations=(shared,)))


@pytest.mark.parametrize(
    ("completed", "state", "flagged"),
    [
        (datetime(2026, 10, 1, 9, tzinfo=UTC), ObservationState.COMPLETED, False),  # Fri, Mon
        (datetime(2026, 9, 30, 9, tzinfo=UTC), ObservationState.COMPLETED, True),  # Thu, Fri, Mon
        (datetime(2026, 9, 30, 9, tzinfo=UTC), ObservationState.SHARED, False),
        (datetime(2026, 9, 30, 9, tzinfo=UTC), ObservationState.ACKNOWLEDGED, False),
    ],
)
def test_f2_feedback_is_late_after_two_instructional_days(
    completed: datetime, state: ObservationState, flagged: bool
) -> None:
    flags = found(card(observations=(Observation("obs-1", "teach", state, completed),)))
    assert ("F2" in flags) is flagged
    if flagged:
        assert flags["F2"].since == datetime(2026, 10, 5, tzinfo=UTC)
        assert flags["F2"].evidence == ("obs-1",)


@pytest.mark.parametrize(
    ("change", "flagged"),
    [
        ({}, False),
        ({"activated_at": NOW - 20 * DAY}, False),
        ({"activated_at": NOW - 21 * DAY}, True),
        ({"activated_at": NOW - 60 * DAY, "last_progress_at": NOW - DAY}, False),
        ({"activated_at": NOW - 60 * DAY, "last_progress_at": NOW - 22 * DAY}, True),
        ({"previous": 36.0, "current": 34.0, "last_progress_at": NOW - DAY}, False),
        ({"previous": 35.0, "current": 34.0, "last_progress_at": NOW - DAY}, True),
        ({"current": 30.0, "last_progress_at": NOW - DAY}, False),  # one value is no trend
        (
            {
                "previous": 30.0,
                "current": 31.0,
                "increase": False,
                "target": 10.0,
                "last_progress_at": NOW - DAY,
            },
            False,
        ),
        (
            {
                "previous": 36.0,
                "current": 35.0,
                "increase": False,
                "target": 10.0,
                "last_progress_at": NOW - DAY,
            },
            True,
        ),
        ({"state": GoalState.ACHIEVED, "activated_at": NOW - 60 * DAY}, False),
    ],
)
def test_f3_a_goal_is_stalled(change: dict[str, Any], flagged: bool) -> None:
    goal = replace(ACTIVE, **change)
    assert ("F3" in found(card(goals=(goal,)))) is flagged


def test_f3_a_linked_survey_is_a_sign_of_life() -> None:
    goal = replace(ACTIVE, activated_at=NOW - 60 * DAY)
    linked = Survey("adm-1", "belonging", goal="goal-1", opened_at=NOW - 5 * DAY)
    old = replace(linked, opened_at=NOW - 30 * DAY)
    assert "F3" not in found(card(goals=(goal,), surveys=(linked,)))
    assert "F3" in found(card(goals=(goal,), surveys=(replace(linked, goal="other"),)))
    flag = found(card(goals=(goal,), surveys=(old,)))["F3"]
    assert flag.evidence == ("goal-1", "adm-1")
    assert flag.since == NOW - 9 * DAY


@pytest.mark.parametrize(
    ("due", "state", "flagged"),
    [
        (date(2026, 10, 4), GoalState.ACTIVE, True),
        (date(2026, 10, 5), GoalState.ACTIVE, False),  # due today
        (None, GoalState.ACTIVE, False),
        (date(2026, 10, 4), GoalState.DRAFT, False),
        (date(2026, 10, 4), GoalState.ABANDONED, False),
        (date.max, GoalState.ACTIVE, False),
    ],
)
def test_f4_a_goal_is_overdue(due: date | None, state: GoalState, flagged: bool) -> None:
    assert ("F4" in found(card(goals=(replace(ACTIVE, due=due, state=state),)))) is flagged


@pytest.mark.parametrize(
    ("days", "baseline", "flagged"), [(14, None, False), (15, None, True), (60, 35.0, False)]
)
def test_f5_a_draft_without_baseline(days: int, baseline: float | None, flagged: bool) -> None:
    """14 days before a Monday are 10 instructional days."""
    goal = replace(ACTIVE, state=GoalState.DRAFT, baseline=baseline, drafted_at=NOW - days * DAY)
    assert ("F5" in found(card(goals=(goal,)))) is flagged


@pytest.mark.parametrize(("days", "flagged"), [(0, True), (30, True), (31, False), (-1, True)])
def test_f8_an_achieved_goal_is_celebrated_for_30_days(days: int, flagged: bool) -> None:
    """One whose result has lasted, too, and one that was not met never."""
    goal = replace(ACTIVE, state=GoalState.ACHIEVED, closed_at=NOW - days * DAY)
    lasts = replace(goal, state=GoalState.MAINTAINED)
    for each in (goal, lasts):
        assert ("F8" in found(card(goals=(each,)))) is flagged
    unmet = card(goals=(replace(goal, state=GoalState.CLOSED_NOT_MET),))
    assert not {"F3", "F4", "F8"} & set(found(unmet))


def test_a_goal_is_celebrated_once() -> None:
    goal = replace(ACTIVE, state=GoalState.ACHIEVED, closed_at=NOW - DAY)
    other = replace(goal, id="goal-2")
    flags = flags_of(card(goals=(goal, other)), NONE, NOW)
    assert [flag.evidence for flag in flags] == [("goal-1",), ("goal-2",)]


STALE = card(relationships=accepted(90), goals=(replace(ACTIVE, activated_at=NOW - 90 * DAY),))


def test_no_flag_without_an_active_relationship() -> None:
    assert found(STALE)
    ended = replace(COACHED, active=False)
    assert not found(replace(STALE, relationships=(ended,)))
    assert not found(replace(STALE, relationships=()))


def test_no_flag_outside_a_term() -> None:
    term = Calendar([AcademicSession("term", date(2026, 7, 1), date(2026, 10, 5))])
    assert not found(STALE, term)
    assert found(STALE, term, NOW - DAY)


@given(
    accepted_days=st.integers(0, 100),
    activated_days=st.integers(0, 100),
    completed_days=st.integers(0, 100),
    due_days=st.integers(-50, 50),
    first=st.integers(0, 100),
    second=st.integers(0, 100),
)
def test_a_problem_does_not_go_away_by_waiting(
    accepted_days: int,
    activated_days: int,
    completed_days: int,
    due_days: int,
    first: int,
    second: int,
) -> None:
    """Nothing happens, and time goes on: the problem flags stay, each since the same
    instant, and only more come."""
    waiting = card(
        relationships=accepted(accepted_days),
        goals=(
            replace(
                ACTIVE,
                activated_at=NOW - activated_days * DAY,
                due=(NOW + due_days * DAY).date(),
            ),
            replace(ACTIVE, id="goal-2", state=GoalState.DRAFT, baseline=None),
        ),
        observations=(
            Observation("obs-1", "teach", ObservationState.COMPLETED, NOW - completed_days * DAY),
        ),
    )
    sooner, later = sorted([first, second])
    before = set(flags_of(waiting, NONE, NOW + sooner * DAY))
    after = set(flags_of(waiting, NONE, NOW + later * DAY))
    assert before <= after
    assert all(flag.since <= NOW + sooner * DAY for flag in before)
