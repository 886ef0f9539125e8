"""What the goals service publishes, example by example."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from coaching.goals.v1 import (
    celebration_events_pb2,
    framework_events_pb2,
    goal_events_pb2,
    measure_events_pb2,
    share_events_pb2,
    strategy_events_pb2,
    tree_events_pb2,
    trial_events_pb2,
    walk_events_pb2,
)
from services.goals.evidence.domain import GoalEvidenceKind
from services.goals.goal.codec import GOALS, RECEIPTS, REPORTS
from services.goals.goal.domain import AlignedStandard, Edit, Goal
from services.goals.measure.domain import Direction
from tests.support.clocks import START
from tests.support.golden import assert_complete, assert_golden, assert_receipt, assert_report

CANARY = "canary-free-text"
TEACHER, COACH = "teacher-1", "coach-1"
LATER = START + timedelta(days=7)


def goal(steps: int) -> Goal:
    """A goal after its first `steps` steps, each of which records one event."""
    new = Goal(
        id="5f0c9a4e-0000-4000-8000-000000000001",
        district="north",
        teacher=TEACHER,
        school_year=2027,
        statement=CANARY,
        focus_skill="questioning",
        measure="talk-share",
        unit="percent",
        direction=Direction.INCREASE,
        target=60,
        due="2027-03-31",
        class_id="class-1",
        drafted_at=START,
        drafted_by=COACH,
        aims_at="students",
        outcome_stage="practice",
        priority_tags=("discourse", "equity"),
    )
    acts: list[Callable[[], object]] = [
        lambda: new.drafted(),
        lambda: new.set_baseline(35),
        lambda: new.activate(TEACHER, START),
        lambda: new.revise(TEACHER, START, CANARY, target=70),
        lambda: new.record_progress(40, CANARY, COACH, LATER),
        lambda: new.achieve(TEACHER, LATER),
    ]
    for act in acts[:steps]:
        new.take_event()
        act()
    return new


def after(steps: int, act: Callable[[Goal], object]) -> Goal:
    """A goal that `act` was done to after its first `steps` steps."""
    new = goal(steps)
    new.take_event()
    act(new)
    return new


STANDARD = AlignedStandard("framework-1", "7a1e5c52-0000-4000-8000-000000000001", "M.7.1", CANARY)


def revised(goal: Goal) -> None:
    """Of what it comes from one link was voided since, and another revision came before."""
    for number in (1, 2):
        goal.link_evidence(GoalEvidenceKind.OBSERVATION, f"observation-{number}", COACH, LATER)
        goal.take_event()
    seen = [(GoalEvidenceKind.SURVEY, "survey-1"), (GoalEvidenceKind.STUDENT_WORK, "work-1")]
    goal.revise(TEACHER, LATER, CANARY, target=75, evidence=[1, 2], seen=seen)
    goal.take_event()
    goal.void_evidence(2, TEACHER, LATER)
    goal.take_event()
    goal.revise(TEACHER, LATER, CANARY, target=80, evidence=[1], seen=seen)


def commented(goal: Goal) -> None:
    for by in (TEACHER, COACH):
        goal.comment(by, LATER, CANARY)
        goal.take_event()
    goal.void_comment(1, TEACHER, LATER)


def voided_evidence(goal: Goal) -> None:
    for number in (1, 2):
        goal.link_evidence(GoalEvidenceKind.OBSERVATION, f"observation-{number}", COACH, LATER)
        goal.take_event()
    goal.void_evidence(2, TEACHER, LATER)


EVENTS: list[tuple[str, Goal]] = [
    ("GoalDrafted", goal(1)),
    ("GoalEdited", after(1, lambda each: each.edit(TEACHER, Edit(CANARY, target=55, due="")))),
    ("GoalTransferred", after(1, lambda each: each.transfer("teacher-2"))),
    ("GoalWithdrawn", after(1, lambda each: each.withdraw(COACH, LATER))),
    ("GoalBaselineSet", goal(2)),
    ("GoalActivated", goal(3)),
    ("GoalRevised", after(5, revised)),
    (
        "GoalProgressRecorded",
        after(5, lambda each: each.record_progress(45, CANARY, COACH, LATER)),
    ),
    (
        "GoalProgressCorrected",
        after(5, lambda each: each.correct_progress(1, 44, CANARY, CANARY, COACH, LATER)),
    ),
    ("GoalProgressVoided", after(5, lambda each: each.void_progress(1, TEACHER, LATER))),
    (
        "GoalEvidenceLinked",
        after(
            5, lambda each: each.link_evidence(GoalEvidenceKind.SURVEY, "survey-1", COACH, LATER)
        ),
    ),
    ("GoalEvidenceVoided", after(5, voided_evidence)),
    ("GoalRated", after(5, lambda each: each.rate(TEACHER, LATER, 8, 6))),
    ("GoalAligned", after(5, lambda each: each.align(TEACHER, LATER, [STANDARD]))),
    ("GoalCommented", after(5, commented)),
    ("GoalAchieved", goal(6)),
    ("GoalMaintained", after(6, lambda each: each.maintain(TEACHER, LATER))),
    ("GoalClosedNotMet", after(5, lambda each: each.close_not_met(TEACHER, LATER))),
    ("GoalReopened", after(6, lambda each: each.activate(TEACHER, LATER))),
    ("GoalAbandoned", after(1, lambda each: each.abandon(TEACHER, LATER))),
    ("GoalErased", after(6, lambda each: each.erase())),
]


@pytest.mark.parametrize(("name", "aggregate"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, aggregate: Goal) -> None:
    event = aggregate.take_event()
    aggregate.record(event)
    encoded = GOALS.encode(aggregate, event)
    assert encoded.type == f"coaching.goals.v1.{name}"
    assert_golden("goals", encoded)
    assert CANARY.encode() not in encoded.data


def test_a_receipt_is_published_as_its_example_says() -> None:
    assert_receipt("goals", RECEIPTS)
    assert_report("goals", REPORTS)


def test_every_event_has_an_example() -> None:
    assert_complete(
        "goals",
        celebration_events_pb2,
        framework_events_pb2,
        goal_events_pb2,
        measure_events_pb2,
        share_events_pb2,
        strategy_events_pb2,
        tree_events_pb2,
        trial_events_pb2,
        walk_events_pb2,
    )


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, aggregate in EVENTS:
        state = GOALS.to_state(aggregate)
        assert GOALS.from_state(aggregate.id, "north", 0, state) == aggregate
