"""What a goal promises its owner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.kernel import Fault, Kind
from services.goals.goal.domain import Goal, GoalEvent
from services.goals.goal.outline import GoalState
from services.goals.goal.progress import ProgressEvent
from services.goals.measure.domain import Direction
from tests.support.clocks import START

TEACHER = "teacher-1"
COACH = "coach-1"


def draft(baseline: float | None = None, direction: Direction = Direction.INCREASE) -> Goal:
    goal = Goal(
        id="goal-1",
        district="north",
        teacher=TEACHER,
        school_year=2027,
        statement="Students explain their thinking",
        focus_skill="questioning",
        measure="talk-share",
        unit="percent",
        direction=direction,
        target=60 if direction is Direction.INCREASE else 10,
        baseline=baseline,
        drafted_at=START,
    ).drafted()
    assert goal.take_event() is GoalEvent.DRAFTED
    return goal


def active() -> Goal:
    goal = draft(baseline=35)
    goal.activate(TEACHER, START)
    goal.take_event()
    return goal


def fault(act: Callable[[], object]) -> tuple[Kind, str]:
    with pytest.raises(Fault) as caught:
        act()
    return caught.value.kind, caught.value.code


def test_a_goal_without_a_baseline_cannot_become_active() -> None:
    goal = draft()
    assert fault(lambda: goal.activate(TEACHER, START)) == (Kind.CONFLICT, "no_baseline")
    goal.set_baseline(35)
    assert goal.take_event() is GoalEvent.BASELINE_SET
    goal.activate(TEACHER, START)
    assert goal.state is GoalState.ACTIVE


@pytest.mark.parametrize("act", ["activate", "achieve", "abandon", "revise"])
def test_only_the_owner_activates_revises_or_closes(act: str) -> None:
    goal = draft(baseline=35) if act == "activate" else active()
    arguments = (COACH, START, "why") if act == "revise" else (COACH, START)
    assert fault(lambda: getattr(goal, act)(*arguments)) == (Kind.FORBIDDEN, "owner_only")


def test_the_baseline_is_fixed_once_active() -> None:
    goal = active()
    assert fault(lambda: goal.set_baseline(1)) == (Kind.CONFLICT, "baseline_fixed")


def test_a_coach_may_record_progress_and_the_newest_value_counts() -> None:
    goal = active()
    goal.record_progress(40, "", COACH, START)
    assert goal.take_event() is ProgressEvent.RECORDED
    goal.record_progress(45, "went well", TEACHER, START + timedelta(days=1))
    assert [each.value for each in goal.progress] == [40, 45]


def test_a_revision_keeps_what_the_goal_said_and_why_it_changed() -> None:
    goal = active()
    goal.revise(TEACHER, START, "another need", target=70, statement="All students speak")
    assert goal.take_event() is GoalEvent.REVISED
    assert (goal.revision, goal.target, goal.statement) == (2, 70, "All students speak")
    kept = goal.earlier[0]
    assert (kept.number, kept.target, kept.reason) == (1, 60, "another need")
    assert kept.statement == "Students explain their thinking"


def test_a_revision_that_changes_nothing_is_refused() -> None:
    goal = active()
    assert fault(lambda: goal.revise(TEACHER, START, "no")) == (Kind.INVALID, "nothing_revised")


@pytest.mark.parametrize("state", [GoalState.DRAFT, GoalState.ACHIEVED, GoalState.ABANDONED])
def test_progress_needs_an_active_goal(state: GoalState) -> None:
    goal = active()
    goal.state = state
    assert fault(lambda: goal.record_progress(1, "", TEACHER, START)) == (
        Kind.CONFLICT,
        "not_active",
    )


def test_a_closed_goal_stays_closed() -> None:
    goal = active()
    goal.achieve(TEACHER, START)
    goal.take_event()
    assert fault(lambda: goal.abandon(TEACHER, START)) == (Kind.CONFLICT, "goal_closed")
    assert fault(lambda: goal.achieve(TEACHER, START)) == (Kind.CONFLICT, "not_active")


@given(
    baseline=st.floats(-1e9, 1e9, allow_nan=False),
    direction=st.sampled_from(Direction),
)
def test_the_target_always_lies_ahead_of_the_baseline(
    baseline: float, direction: Direction
) -> None:
    goal = draft(direction=direction)
    ahead = goal.target > baseline if direction is Direction.INCREASE else goal.target < baseline
    if ahead:
        goal.set_baseline(baseline)
        assert goal.baseline == baseline
    else:
        assert fault(lambda: goal.set_baseline(baseline)) == (
            Kind.INVALID,
            "target_behind_baseline",
        )
