"""What of a program is delivered: figures of all together, of nobody alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.access.calendar import AcademicSession, Calendar
from services.insights.delivery.domain import (
    OTHER,
    Contact,
    Delivery,
    Stay,
    delivery_of,
    modalities_of,
)
from services.insights.program.domain import ProgramPlan

FIRST = datetime(2026, 8, 31, 15, tzinfo=UTC)  # a Monday
TODAY = date(2026, 11, 9)  # ten weeks later
YEAR = Calendar([AcademicSession("term", date(2026, 8, 31), date(2027, 5, 10))])  # 36 weeks
PLAN = ProgramPlan("p1", 2027, 36)
SMALL_N = 5


def contacts(*days: int, modality: str = "in_person", size: int = 1) -> tuple[Contact, ...]:
    return tuple(Contact(FIRST + timedelta(days=each), modality, size) for each in days)


def stay(*days: int, ends: datetime | None = None, modality: str = "in_person") -> Stay:
    return Stay(FIRST, ends, contacts(*days, modality=modality))


def told(*stays: Stay, plan: ProgramPlan = PLAN, calendar: Calendar = YEAR) -> Delivery:
    return delivery_of(stays, plan, calendar, TODAY, SMALL_N)


def test_what_was_planned_and_what_was_delivered() -> None:
    """One a week is planned; each was met every other week, four times."""
    found = told(*[stay(0, 14, 28, 42)] * 5)
    assert found == Delivery(5, 10.0, 4.0, 14.0, 1.0)


def test_nothing_is_told_of_fewer_than_small_n() -> None:
    assert told(*[stay(0, 14)] * 4) == Delivery()
    few_met_twice = [stay(0, 14)] * 4 + [stay(0)] * 6
    assert told(*few_met_twice).days_between is None
    assert told(*few_met_twice, stay(0, 10)).days_between == 14.0
    assert told(*[stay(0)] * 4, *[stay()] * 6).group_size is None


def test_only_her_time_in_it_counts() -> None:
    """Who left after five weeks was planned for five, and was not met in it later or before."""
    left = stay(-3, 0, 34, 35, 60, ends=FIRST + timedelta(days=35))
    found = told(*[left] * 5)
    assert (found.planned, found.delivered) == (5.0, 2.0)


@pytest.mark.parametrize(
    ("plan", "calendar"),
    [(replace(PLAN, contacts=None), YEAR), (PLAN, Calendar()), (PLAN, YEAR)],
)
def test_planned_is_told_where_it_can_be_said(plan: ProgramPlan, calendar: Calendar) -> None:
    found = told(*[stay(0)] * 5, plan=plan, calendar=calendar)
    assert found.planned == (10.0 if (plan, calendar) == (PLAN, YEAR) else None)
    assert found.delivered == 1.0


def test_a_cohort_plans_for_its_own_days() -> None:
    autumn = replace(PLAN, contacts=12, span=(date(2026, 8, 31), date(2026, 10, 12)))
    assert told(*[stay(0)] * 5, plan=autumn).planned == 12.0


def test_who_is_taken_out_and_back_is_told_of_as_before() -> None:
    """Who leads a program could tell one teacher's part by that, else."""
    others = [stay(0, 14, 28)] * 5
    met = contacts(0, 7, 14, 16, 21, 28)
    before = told(*others, Stay(FIRST, None, met))
    out, back = FIRST + timedelta(days=50), FIRST + timedelta(days=52)
    again = Stay(back, None, met, ((FIRST, out),))
    assert again.first == FIRST
    found = told(*others, again)
    assert found.delivered == before.delivered
    assert found == replace(before, planned=found.planned)
    assert before.planned
    assert found.planned == pytest.approx(before.planned, abs=0.11)  # two days less
    for day in range(50, 70):  # as of any Monday between
        on = TODAY - timedelta(days=70 - day)
        known = delivery_of([*others, again], PLAN, YEAR, on, SMALL_N)
        unless = delivery_of([*others, Stay(FIRST, None, met)], PLAN, YEAR, on, SMALL_N)
        assert (known.teachers, known.delivered) == (unless.teachers, unless.delivered)


def test_what_is_held_between_two_of_her_times_is_never_told() -> None:
    """Not even once she is back."""
    met = contacts(0, 20, 22, 24, 40)
    out, back = FIRST + timedelta(days=19), FIRST + timedelta(days=30)
    hers = Stay(back, None, met, ((FIRST, out),))
    assert [each.held_at for each in hers.within()] == [met[0].held_at, met[4].held_at]
    assert len(hers.until(FIRST + timedelta(days=25)).within()) == 1


def test_within_a_week_nothing_changes() -> None:
    """Neither what is held in it, nor who comes or goes."""
    before = [stay(0, 14, 28)] * 5
    for day in range(7):
        today = TODAY + timedelta(days=day)
        since = FIRST + timedelta(days=70)
        with_more = [stay(0, 14, 28, 70), *before[1:], Stay(since, None, contacts(70))]
        with_more[1] = stay(0, 14, 28, ends=since)
        found = delivery_of(with_more, PLAN, YEAR, today, SMALL_N)
        assert found == delivery_of(before, PLAN, YEAR, TODAY, SMALL_N)


@given(st.lists(st.integers(2, 12), min_size=5, max_size=5), st.integers(0, 4))
def test_of_just_enough_no_figure_tells_how_many_one_had(counts: list[int], whose: int) -> None:
    """Whatever the others had, hers could have been one more or one less; but for her who had one
    or none, which that there are figures can tell."""

    def of(number: int) -> Delivery:
        each = [*counts]
        each[whose] = number
        return told(*[stay(*range(0, 5 * had, 5)) for had in each])

    same = [
        number for number in range(1, 14) if of(number).delivered == of(counts[whose]).delivered
    ]
    assert len(same) > 1


def shares(*stays: Stay) -> dict[str, float]:
    return {each.modality: each.share for each in told(*stays).modalities}


def test_modalities_of_few_teachers_are_told_together() -> None:
    met, called = stay(0, 7, 14), stay(0, modality="phone")
    video = stay(0, 7, modality="virtual")
    assert shares(*[met] * 5, *[called] * 5) == {"in_person": 0.8, "phone": 0.2}
    assert shares(*[met] * 5, *[called] * 3, *[video] * 3) == {"in_person": 0.6, OTHER: 0.4}
    assert shares(*[met] * 3, *[stay()] * 4) == {}


def test_that_all_were_met_in_one_way_is_not_told() -> None:
    """It would say of each how she was met."""
    met, called = stay(0, 7, 14), stay(0, modality="phone")
    assert shares(*[met] * 12) == {}
    assert shares(*[met] * 8, *[called] * 4) == {}
    both = Stay(FIRST, None, contacts(0) + contacts(7, modality="phone"))
    assert shares(*[both] * 9, *[stay()] * 9) == {}
    assert shares(*[met] * 95, *[called] * 5) == {"in_person": 0.9, "phone": 0.1}


@given(
    st.lists(st.lists(st.sampled_from(["in_person", "virtual", "phone"]), max_size=4), max_size=18)
)
def test_each_part_is_of_enough_teachers(met: list[list[str]]) -> None:
    held = [[Contact(FIRST, each, 1) for each in of] for of in met]
    found = modalities_of(held, SMALL_N)
    known = {each.modality for each in found} - {OTHER}
    for name in known:
        assert sum(name in of for of in met) >= SMALL_N
    rest = [of for of in met if {*of} - known]
    assert (len(rest) >= SMALL_N) if OTHER in {each.modality for each in found} else True
    if found:
        assert len(found) > 1
        assert len([of for of in met if of]) >= 2 * SMALL_N
        assert all(0 < each.share < 1 for each in found)
        assert sum(each.share for each in found) == pytest.approx(1, abs=0.15)
        assert (OTHER in {each.modality for each in found}) is bool(rest)
