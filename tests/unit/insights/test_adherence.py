"""How a program's process is delivered: of all teachers together, step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.access.calendar import AcademicSession, Calendar
from services.insights.delivery.adherence import StepAdherence, adherence_of
from services.insights.delivery.domain import OTHER, Stay
from services.insights.program.domain import PlannedStep, ProgramPlan

FIRST = datetime(2026, 8, 31, 15, tzinfo=UTC)  # a Monday
TODAY = date(2026, 11, 9)  # ten weeks later, fifty days of school
YEAR = Calendar([AcademicSession("term", date(2026, 8, 31), date(2027, 5, 10))])
SMALL_N = 5
GOAL = PlannedStep("begin", "goal", "teacher", "required", "goal", 5, 0, 10)
MEET = PlannedStep("begin", "meet", "both", "required", "session", 5, 5, 10)
LATE = PlannedStep("later", "late", "both", "optional", "survey", 60, 0, 0)
PLAN = ProgramPlan("p1", 2027, begun_at=FIRST, steps=(GOAL, MEET, LATE))


def days(*after: int) -> tuple[datetime, ...]:
    return tuple(FIRST + timedelta(days=each) for each in after)


def stay(kind: str = "goal", *after: int, ends: int | None = None) -> Stay:
    over = None if ends is None else FIRST + timedelta(days=ends)
    return Stay(FIRST, over, (), evidence={kind: days(*after)})


def told(
    *stays: Stay, plan: ProgramPlan = PLAN, today: date = TODAY
) -> dict[str, dict[str, float]]:
    found = adherence_of(stays, plan, YEAR, today, SMALL_N)
    return {each.step.step: {of.outcome: of.share for of in each.outcomes} for each in found}


def test_a_step_that_is_done_once() -> None:
    """A week after the beginning it is due: in time, late, or not at all."""
    some = [stay("goal", 3)] * 5, [stay("goal", 8)] * 5, [stay()] * 10
    everybody = [each for of in some for each in of]
    assert told(*everybody)["goal"] == {"in_time": 0.25, "late": 0.25, "not_done": 0.5}
    assert told(*everybody)["late"] == {"not_yet_due": 1.0}


def test_a_step_that_repeats_is_looked_at_each_time() -> None:
    """Twice within its stage of two weeks: on days 7 and 14."""
    weekly, once = [stay("session", 3, 10)] * 6, [stay("session", 3)] * 6
    assert told(*weekly, *once)["meet"] == {"in_time": 0.75, "not_done": 0.25}
    caught_up = [stay("session", 9, 10)] * 12
    assert told(*caught_up)["meet"] == {"in_time": 0.5, "late": 0.5}
    assert told(*[stay("session", 10)] * 12)["meet"] == {"in_time": 0.5, "not_done": 0.5}


def test_nothing_is_told_of_few_and_of_few_outcomes_only_together() -> None:
    assert told(*[stay("goal", 3)] * 4) == {"goal": {}, "meet": {}, "late": {}}
    assert told(*[stay("goal", 3)] * 8, *[stay()] * 4)["goal"] == {}
    assert told(*[stay("goal", 3)] * 8, *[stay()] * 2, *[stay("goal", 9)] * 3)["goal"] == {
        "in_time": 0.5,
        OTHER: 0.5,
    }


@pytest.mark.parametrize("hers", [stay("goal", 3), stay("goal", 9), stay()])
@pytest.mark.parametrize("others", [stay("goal", 3), stay("goal", 9), stay()])
@pytest.mark.parametrize("how_many", [4, 5, 8, 9, 30])
def test_where_all_others_did_one_thing_nothing_is_told(
    others: Stay, how_many: int, hers: Stay
) -> None:
    """Who knows of them would read off which she did; and of each, where she did the same."""
    assert told(*[others] * how_many, hers)["goal"] == {}


def test_what_each_of_few_could_have_done_both_times_is_not_told() -> None:
    """Of exactly `small_n` it would say of each that she was in time once and once not."""
    assert told(*[stay("session", 3)] * 9)["meet"] == {}
    assert told(*[stay("session", 3)] * 10)["meet"] == {"in_time": 0.5, "not_done": 0.5}


def test_no_share_says_that_nobody_or_everybody_is_of_it() -> None:
    everybody = [stay("goal", 3)] * 95 + [stay()] * 5
    assert told(*everybody)["goal"] == {"in_time": 0.75, "not_done": 0.25}


def test_before_it_is_due_nobody_is_told_of() -> None:
    """For whom it is not due yet, the calendar says, and who has done it already stays untold."""
    monday = date(2026, 9, 7)
    everybody = [stay("goal", 3)] * 10 + [stay()] * 10
    assert told(*everybody, today=monday)["goal"] == {"not_yet_due": 1.0}
    assert told(*everybody[:4], today=monday)["goal"] == {}
    late = [replace(stay(), begins=datetime(2026, 11, 5, 15, tzinfo=UTC))] * 10
    assert told(*everybody, *late)["goal"] == {
        "in_time": 0.25,
        "not_done": 0.25,
        "not_yet_due": 0.25,
    }
    assert told(*everybody[:10], *late)["goal"] == {}  # all of those for whom it was due
    assert told(*everybody, *late[:4])["goal"] == {"in_time": 0.5, "not_done": 0.5}


@given(st.lists(st.sampled_from([(3,), (8,), ()]), max_size=24), st.integers(0, 6))
def test_each_outcome_is_of_enough_teachers_and_of_not_all(
    left: list[tuple[int, ...]], later: int
) -> None:
    begun = [stay("goal", *each) for each in left]
    new = [replace(stay(), begins=datetime(2026, 11, 5, 15, tzinfo=UTC))] * later
    found = told(*begun, *new)["goal"]
    did = {"in_time": left.count((3,)), "late": left.count((8,)), "not_done": left.count(())}
    hers = found.keys() - {"not_yet_due"}
    assert len(hers) != 1
    if hers:
        assert all(0 < share < 1 for share in found.values())
        did[OTHER] = len(left) - sum(did[each] for each in hers - {OTHER})
        assert all(did[each] >= SMALL_N for each in hers)
        assert sum(did[each] for each in hers) == len(left)


def test_what_is_left_out_and_what_no_event_tells_of_has_no_outcome() -> None:
    steps = replace(GOAL, deviation="skipped"), replace(GOAL, step="r", evidence="reflection")
    plan = replace(PLAN, steps=(*steps, replace(GOAL, step="a", deviation="adapted")))
    found = adherence_of([stay("goal", 3)] * 6, plan, YEAR, TODAY, SMALL_N)
    assert found[:2] == tuple(StepAdherence(each) for each in steps)
    some = [stay("goal", 3)] * 6 + [stay()] * 6
    assert told(*some, plan=plan)["a"] == {"in_time": 0.5, "not_done": 0.5}


@pytest.mark.parametrize("plan", [replace(PLAN, begun_at=None), replace(PLAN, steps=())])
def test_nothing_is_told_of_a_program_that_has_not_begun_or_has_no_steps(plan: ProgramPlan) -> None:
    assert not any(told(*[stay("goal", 3)] * 6, plan=plan).values())


def test_only_while_she_is_in_it_something_is_due() -> None:
    gone, late, others = stay("goal", 3, ends=5), stay("goal", 8, ends=9), stay("goal", 3)
    assert told(*[gone] * 6, *[others] * 6)["goal"] == {}
    assert told(*[late] * 6, *[others] * 6)["goal"] == {"in_time": 0.5, "late": 0.5}


def test_who_is_taken_out_and_back_is_told_of_as_before() -> None:
    """Who leads the program could tell by that, else, what one teacher has done."""
    others = [stay("goal", 3)] * 5 + [stay("goal", 8)] * 5 + [stay()] * 5
    for hers in (stay("goal", 3), stay("goal", 8), stay()):
        first, out, again = days(0, 50, 52)
        back = Stay(again, None, (), ((first, out),), hers.evidence)
        for week in range(9):
            on = TODAY - timedelta(days=7 * week)
            assert told(*others, back, today=on) == told(*others, hers, today=on)


def test_within_a_week_nothing_changes() -> None:
    everybody = [stay("goal", 3)] * 6 + [stay()] * 6
    assert told(*everybody)["goal"]
    for day in range(7):
        at = TODAY + timedelta(days=day)
        more = [*everybody, Stay(datetime(2026, 11, 9, 9, tzinfo=UTC), None, ())]
        more[0] = stay("survey", 70 + day)
        more[0] = replace(more[0], evidence={**more[0].evidence, "goal": days(3)})
        assert told(*more, today=at) == told(*everybody)
