"""What is stated of a school year: whole, and what cannot be stated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.roster.calendar.domain import (
    CalendarStatement,
    DaysOff,
    DayType,
    SchoolCalendar,
    SpecialDays,
    Term,
    wrongs,
)

VETERANS = DaysOff("2026-11-11", "2026-11-11", "Veterans Day")
THANKSGIVING = DaysOff("2026-11-26", "2026-11-27", "Thanksgiving")


TESTS = SpecialDays("2027-04-12", "2027-04-16", DayType.TESTING)
FALL, SPRING = Term("2026-08-17", "2026-12-18"), Term("2027-01-04", "2027-05-28")


def said(*days: DaysOff) -> CalendarStatement:
    return CalendarStatement(days)


def calendar() -> SchoolCalendar:
    made = SchoolCalendar(id="c", district="north", school_year=2027)
    made.state(said(THANKSGIVING, VETERANS))
    return made


def test_a_statement_replaces_the_one_before() -> None:
    made = calendar()
    assert list(made.days) == [VETERANS, THANKSGIVING]
    assert made.take_event() is not None
    made.version = 1
    made.state(said(VETERANS, THANKSGIVING))
    assert made.take_event() is None  # the same in another order
    made.state(said(VETERANS))
    assert list(made.days) == [VETERANS]
    assert made.take_event() is not None


def test_that_there_are_none_is_a_statement_too() -> None:
    made = SchoolCalendar(id="c", district="north", school_year=2027)
    made.state(said())
    assert made.take_event() is not None


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ([VETERANS, THANKSGIVING], []),
        ([DaysOff("2026-07-01", "2027-06-30")], []),
        ([DaysOff("2026-06-30", "2026-06-30")], [(0, "first"), (0, "last")]),
        ([VETERANS, DaysOff("2027-06-30", "2027-07-01")], [(1, "last")]),
        ([DaysOff("2026-11-27", "2026-11-26")], [(0, "last")]),
        ([THANKSGIVING, DaysOff("2026-11-27", "2026-11-27")], [(1, "first")]),
        ([VETERANS, VETERANS], [(1, "first")]),
    ],
)
def test_what_cannot_be_stated_is_named_by_its_place(
    days: list[DaysOff], found: list[tuple[int, str]]
) -> None:
    assert [(each.index, each.field) for each in wrongs(2027, said(*days))] == found


def test_no_day_is_of_two_types_and_none_in_two_terms() -> None:
    within = replace(THANKSGIVING, first="2027-04-14", last="2027-04-14")
    assert not list(wrongs(2027, CalendarStatement((THANKSGIVING,), (TESTS,), (FALL, SPRING))))
    (wrong,) = wrongs(2027, CalendarStatement((within,), (TESTS,), (FALL, SPRING)))
    assert (wrong.part, wrong.index, wrong.code) == ("days", 0, "day_twice")
    late = replace(FALL, last="2027-01-04")
    (wrong,) = wrongs(2027, CalendarStatement((), (TESTS,), (SPRING, late)))
    assert (wrong.part, wrong.index, wrong.code) == ("terms", 0, "day_twice")


def test_other_types_and_terms_are_changes_too() -> None:
    made = calendar()
    made.take_event()
    made.version = 1
    for stated in (
        CalendarStatement(made.days, (TESTS,)),
        CalendarStatement(made.days, (TESTS,), (SPRING, FALL)),
    ):
        made.state(stated)
        assert made.take_event() is not None
        made.state(stated)
        assert made.take_event() is None
    assert made.terms == (FALL, SPRING)


SPANS = st.builds(
    lambda start, length: DaysOff(
        (date(2026, 7, 1) + timedelta(days=start)).isoformat(),
        (date(2026, 7, 1) + timedelta(days=start + length)).isoformat(),
    ),
    st.integers(0, 300),
    st.integers(0, 30),
)


@given(st.lists(SPANS, max_size=8))
def test_no_day_is_in_two_spans_where_nothing_is_wrong(spans: list[DaysOff]) -> None:
    days = [
        date.fromisoformat(each.first) + timedelta(days=number)
        for each in spans
        for number in range(
            (date.fromisoformat(each.last) - date.fromisoformat(each.first)).days + 1
        )
    ]
    assert (len(days) == len(set(days))) is not any(wrongs(2027, said(*spans)))
