"""On which days there is school, and how they are counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.access.calendar import AcademicSession, Calendar

AUTUMN = AcademicSession("term", date(2026, 9, 1), date(2026, 12, 19))
SPRING = AcademicSession("term", date(2027, 1, 5), date(2027, 6, 1))
TERMS = Calendar([AUTUMN, SPRING])
NONE = Calendar()
THANKSGIVING = [date(2026, 11, 26), date(2026, 11, 27)]
HOLIDAYS = [date(2026, 11, 11), *THANKSGIVING, date(2026, 11, 28)]  # the last is a Saturday
WINTER = [date(2026, 11, 2) + timedelta(days=number) for number in range(150)]
ZONES = ("UTC", "Pacific/Honolulu", "America/Los_Angeles", "America/Santiago", "Asia/Kathmandu")
SATURDAYS = [date(2026, 10, 3), date(2026, 11, 14), date(2027, 7, 3)]
CALENDARS = [
    Calendar(sessions, zone=ZoneInfo(zone), closed=closed, opened=opened)
    for sessions in ((), (AUTUMN, SPRING))
    for zone in ZONES
    for closed, opened in (((), ()), (HOLIDAYS, SATURDAYS), (WINTER, ()), (WINTER, SATURDAYS))
]

INSTANTS = st.datetimes(datetime(2026, 7, 1), datetime(2027, 6, 30), timezones=st.just(UTC))  # noqa: DTZ001 # the bounds of aware instants are naive


def at(day: str, hour: int = 12) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-10-05", "2026-10-05", 0),  # a Monday
        ("2026-10-05", "2026-10-06", 1),
        ("2026-10-05", "2026-10-09", 4),
        ("2026-10-05", "2026-10-11", 4),  # over the weekend
        ("2026-10-05", "2026-10-12", 5),
        ("2026-10-09", "2026-10-05", 0),  # backwards
        ("2026-12-18", "2027-01-05", 1),  # the break does not count
        ("2026-12-18", "2026-12-31", 0),
        ("2026-08-01", "2026-09-01", 1),  # the first day of school does
        ("2027-05-31", "2027-07-31", 0),  # the end of a term is exclusive
    ],
)
def test_days_are_counted_after_the_start_and_with_the_end(start: str, end: str, days: int) -> None:
    assert TERMS.days_between(at(start), at(end)) == days


def test_without_sessions_every_weekday_counts() -> None:
    assert NONE.days_between(at("2026-12-18"), at("2027-01-05")) == 12
    assert NONE.in_session(date(2026, 12, 25))


def test_terms_are_half_open_and_hold_their_weekends() -> None:
    assert TERMS.in_session(date(2026, 9, 1))
    assert TERMS.in_session(date(2026, 9, 5))
    assert not TERMS.in_session(date(2026, 12, 19))
    assert not TERMS.in_session(date(2026, 12, 25))


def test_the_finest_sessions_stand_in_for_missing_terms() -> None:
    year = AcademicSession("schoolYear", date(2026, 8, 1), date(2027, 7, 1))
    semester = AcademicSession("semester", date(2026, 9, 1), date(2027, 1, 16))
    assert Calendar([year, semester]).spans == ((semester.starts, semester.ends),)
    assert Calendar([year, semester, AUTUMN]).spans == ((AUTUMN.starts, AUTUMN.ends),)
    assert Calendar([year]).spans == ((year.starts, year.ends),)


def test_overlapping_terms_count_a_day_once() -> None:
    other_school = AcademicSession("term", date(2026, 9, 7), date(2026, 12, 12))
    both = Calendar([AUTUMN, other_school])
    assert both.days_between(at("2026-09-04"), at("2026-09-11")) == 5


def test_the_last_day_there_is_has_no_day_after_it() -> None:
    last = Calendar([AcademicSession("term", date(9999, 1, 1), date.max)])
    assert last.spans == ((date(9999, 1, 1), date.max),)
    assert not last.in_session(date(2026, 10, 5))


def test_days_without_school_do_not_count() -> None:
    for sessions in ((), (AUTUMN, SPRING)):
        calendar = Calendar(sessions, closed=HOLIDAYS)
        assert calendar.days_between(at("2026-11-10"), at("2026-11-12")) == 1
        assert calendar.days_between(at("2026-11-25"), at("2026-11-30")) == 1
        assert calendar.days_between(at("2026-11-25"), at("2026-11-29")) == 0
        assert calendar.passed(at("2026-11-25"), 0) == at("2026-11-30", 0)
        assert calendar.in_session(date(2026, 11, 26))  # within a term, as a weekend is


def test_a_day_that_was_stated_to_be_one_counts_whatever_its_weekday() -> None:
    for sessions in ((), (AUTUMN, SPRING)):
        calendar = Calendar(sessions, closed=HOLIDAYS, opened=[*SATURDAYS, date(2026, 11, 27)])
        assert calendar.days_between(at("2026-10-02"), at("2026-10-05")) == 2
        assert calendar.passed(at("2026-10-02"), 0) == at("2026-10-03", 0)
        assert calendar.passed(at("2026-11-25"), 0) == at("2026-11-27", 0)
        assert calendar.instructional(date(2026, 10, 3))
        assert not calendar.instructional(date(2026, 10, 10))
        assert not calendar.instructional(date(2026, 11, 26))


def test_outside_of_all_terms_no_day_counts() -> None:
    assert not Calendar([AUTUMN], opened=SATURDAYS).instructional(date(2027, 7, 3))
    assert Calendar(opened=SATURDAYS).instructional(date(2027, 7, 3))


def test_who_teaches_at_one_school_has_its_days() -> None:
    school = Calendar([AUTUMN], closed=HOLIDAYS)
    district = Calendar([AUTUMN], schools={"school-1": school})
    assert district.at({"school-1"}) is school
    assert district.at({"school-2"}) is district
    assert district.at({"school-1", "school-2"}) is district
    assert district.at(()) is district
    other = Calendar([AUTUMN], schools={"school-1": Calendar([AUTUMN])})
    assert len({each.means for each in (Calendar([AUTUMN]), district, other)}) == 3


def test_days_are_those_of_the_time_zone() -> None:
    calendar = Calendar([AUTUMN], zone=ZoneInfo("America/Los_Angeles"))
    friday = datetime.fromisoformat("2026-11-06T16:40:00-08:00")  # Saturday in UTC
    tuesday = datetime.fromisoformat("2026-11-10T23:59:59-08:00")
    assert calendar.days_between(friday, tuesday) == 2
    assert calendar.passed(friday, 2) == datetime.fromisoformat("2026-11-11T00:00:00-08:00")


@given(
    start=INSTANTS,
    length=st.timedeltas(timedelta(0), timedelta(days=60)),
    zone=st.sampled_from(ZONES),
    closed=st.sets(st.dates(date(2026, 7, 1), date(2026, 12, 31)), max_size=60),
    opened=st.sets(st.dates(date(2026, 7, 1), date(2026, 12, 31)), max_size=20),
    sessions=st.sampled_from([(), (AUTUMN, SPRING)]),
)
def test_counting_is_what_one_would_do_on_a_wall_calendar(
    start: datetime,
    length: timedelta,
    zone: str,
    closed: set[date],
    opened: set[date],
    sessions: tuple[AcademicSession, ...],
) -> None:
    calendar = Calendar(sessions, zone=ZoneInfo(zone), closed=closed, opened=opened)
    first, last = (each.astimezone(ZoneInfo(zone)).date() for each in (start, start + length))
    days = [first + timedelta(days=number + 1) for number in range((last - first).days)]
    school = [
        day
        for day in days
        if (day in opened or (day.weekday() < 5 and day not in closed))
        and (not sessions or any(each.starts <= day < each.ends for each in sessions))
    ]
    assert calendar.days_between(start, start + length) == len(school)
    assert [day for day in days if calendar.instructional(day)] == school


def test_a_session_of_a_thousand_years_costs_no_more_than_two() -> None:
    endless = Calendar([AcademicSession("term", date(1000, 1, 1), date(9999, 1, 1))])
    assert endless.days_between(at("0999-12-31"), at("9000-01-01")) < 600


@given(start=INSTANTS, days=st.integers(0, 40), calendar=st.sampled_from(CALENDARS))
def test_passed_is_the_first_instant_with_more_days(
    start: datetime, days: int, calendar: Calendar
) -> None:
    passed = calendar.passed(start, days)
    if passed is None:
        assert calendar.days_between(start, at("2028-01-01")) <= days
        return
    assert calendar.days_between(start, passed) == days + 1
    assert calendar.days_between(start, passed - timedelta(milliseconds=1)) <= days


@given(start=INSTANTS, first=INSTANTS, second=INSTANTS)
def test_counting_adds_up(start: datetime, first: datetime, second: datetime) -> None:
    start, first, second = sorted([start, first, second])
    for calendar in CALENDARS:
        whole = calendar.days_between(start, second)
        parts = calendar.days_between(start, first) + calendar.days_between(first, second)
        assert whole == parts


def test_what_a_calendar_means_is_short_however_much_it_says() -> None:
    many = [date(2000, 7, 1) + timedelta(days=number) for number in range(36_000)]
    assert len({each.means for each in (*CALENDARS, Calendar(closed=many))}) == len(CALENDARS) + 1
    assert Calendar([SPRING, AUTUMN]).means == TERMS.means
    assert len(Calendar(closed=many).means) == 32
