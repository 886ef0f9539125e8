"""When a day begins is the district's: right across clock changes, midnight and July 1."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.access.days import Days
from services.access.districts import District, Districts
from services.chassis.kernel import Fault

ZONES = (
    "UTC",
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/Santiago",  # clocks go forward at midnight
    "America/Havana",  # clocks go back to midnight
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Kiritimati",
)
DAYS = Days(Districts({zone.replace("/", "."): District(time_zone=zone) for zone in ZONES}))
districts = st.sampled_from([zone.replace("/", ".") for zone in ZONES])
days = st.dates(date(2000, 1, 2), date(2100, 12, 30))


@given(districts, days)
def test_a_day_begins_with_its_first_instant(district: str, day: date) -> None:
    begins = DAYS.begins(district, day)
    assert begins.tzinfo is UTC
    assert DAYS.day_of(district, begins) == day
    assert DAYS.day_of(district, begins - timedelta(milliseconds=1)) == day - timedelta(days=1)


@given(districts, days, st.integers(0, 24 * 3600 * 1000 - 1))
def test_every_instant_belongs_to_the_day_that_has_begun(
    district: str, day: date, milliseconds: int
) -> None:
    instant = datetime(day.year, day.month, day.day, tzinfo=UTC)
    instant += timedelta(milliseconds=milliseconds)
    its = DAYS.day_of(district, instant)
    assert DAYS.begins(district, its) <= instant < DAYS.begins(district, its + timedelta(days=1))


@given(districts, st.integers(2000, 2099))
def test_the_school_year_turns_as_july_1_begins(district: str, year: int) -> None:
    turn = DAYS.begins(district, date(year, 7, 1))
    assert DAYS.school_year_of(district, turn) == year + 1
    assert DAYS.school_year_of(district, turn - timedelta(milliseconds=1)) == year


@pytest.mark.parametrize("district", ["UTC", "Asia.Kathmandu", "Pacific.Honolulu"])
def test_a_day_outside_all_school_years_is_refused(district: str) -> None:
    too_late = DAYS.begins(district, date(2100, 7, 1))
    assert DAYS.school_year_of(district, too_late - timedelta(milliseconds=1)) == 2100
    with pytest.raises(Fault) as caught:
        DAYS.school_year_of(district, too_late, "/scheduled_for")
    assert (caught.value.code, caught.value.place) == (
        "school_year_out_of_range",
        "/scheduled_for",
    )


@pytest.mark.parametrize(
    ("zone", "day", "begins", "hours"),
    [
        ("America/Los_Angeles", date(2026, 3, 8), "2026-03-08T08:00Z", 23),
        ("America/Los_Angeles", date(2026, 11, 1), "2026-11-01T07:00Z", 25),
        ("America/Santiago", date(2026, 9, 6), "2026-09-06T04:00Z", 23),
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00Z", 25),
        ("Asia/Kathmandu", date(2026, 1, 1), "2025-12-31T18:15Z", 24),
    ],
)
def test_days_of_a_clock_change(zone: str, day: date, begins: str, hours: int) -> None:
    district = zone.replace("/", ".")
    first = DAYS.begins(district, day)
    assert first == datetime.fromisoformat(begins)
    assert DAYS.begins(district, day + timedelta(days=1)) - first == timedelta(hours=hours)


def test_a_district_that_is_not_listed_has_the_days_of_utc() -> None:
    assert DAYS.day_of("elsewhere", datetime(2026, 6, 30, 23, 59, tzinfo=UTC)) == date(2026, 6, 30)


@pytest.mark.parametrize("named", [2027, 2028])
def test_a_request_names_this_school_year_or_the_next(named: int) -> None:
    november = datetime(2026, 11, 3, 12, tzinfo=UTC)  # of school year 2027
    DAYS.check_current("UTC", november, named)
    assert DAYS.named("UTC", november, named) == named
    assert DAYS.named("UTC", november, None) == 2027


@pytest.mark.parametrize("named", [2000, 2025, 2026, 2029, 2044, 2100])
def test_any_other_school_year_is_refused(named: int) -> None:
    with pytest.raises(Fault) as refused:
        DAYS.check_current("UTC", datetime(2026, 11, 3, 12, tzinfo=UTC), named)
    assert (refused.value.code, refused.value.place) == ("not_this_or_next_year", "/school_year")
