"""Instructional days over several school years, by what is stored of a district's calendar; and
what counting them asks the database for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.access import school_days
from services.access.days import Days
from services.access.districts import District, Districts
from services.access.profile import Profile, Role
from services.access.school_days import SchoolDays, SchoolYears
from services.access.trust import Trust
from services.chassis.kernel import Fault, Kind
from services.chassis.views.projection import Row

DAYS = Days(Districts({"north": District(days_without_school=("2026-11-11",))}))
NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)  # a Monday


def stated(year: int = 2027, school: str = "", **said: Any) -> Row:
    id_ = f"calendar-{year}{'-' if school else ''}{school}"
    value = {"v": 1, "school_year": year, "school": school, "spans": [], "terms": [], **said}
    return {"_id": f"north:{id_}", "facts": {"closed": {id_: value}}, "incomplete": {}}


def session(starts: str, ends: str, year: int = 2027, kind: str = "term") -> Row:
    said = {"type": kind, "starts": starts, "ends": ends, "school_year": year, "active": True}
    return {"_id": f"north:{starts}", "facts": {"session": {starts: {"v": 1, **said}}}}


class Stored:
    def __init__(self, *rows: Row) -> None:
        self.rows, self.reads, self.down = list(rows), 0, False

    async def school_days(self, district: str, most: int) -> Sequence[Row]:
        self.reads += 1
        if self.down:
            raise Fault(Kind.UNAVAILABLE, "store_unavailable")
        return self.rows[:most]


class People:
    async def profile(self, district: str, person: str) -> Profile | None:
        return (await self.profiles(district, [person]))[person]

    async def profiles(self, district: str, persons: Any) -> Mapping[str, Profile | None]:
        return {each: Profile(each, True, (Role("teacher", f"school-{each}"),)) for each in persons}


def over(stored: Stored, *, trust: Trust | None = None) -> SchoolDays:
    return SchoolDays(stored, DAYS, People(), trust)


async def years(*rows: Row) -> SchoolYears:
    return await over(Stored(*rows)).of("north")


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


YEAR = (session("2026-08-17", "2027-06-11"), session("2027-08-16", "2028-06-10", 2028))


async def test_days_are_counted_over_the_turn_of_the_year() -> None:
    known = await years(*YEAR)
    assert known.days_between(at("2027-06-08"), at("2027-08-17")) == 4
    assert known.days_between(at("2027-06-11"), at("2027-08-15")) == 0
    assert known.days_between(at("2027-08-17"), at("2027-06-08")) == 0
    assert known.day_after(at("2027-06-08"), 4) == date(2027, 8, 17)
    assert known.day_after(at("2027-06-08"), 1) == date(2027, 6, 9)
    assert known.day_after(at("2027-06-12"), 1) == date(2027, 8, 16)


async def test_a_year_of_which_nothing_is_known_has_school_on_weekdays() -> None:
    known = await years(YEAR[0], stated(spans=[["2026-10-12", "2026-10-12"]]))
    assert known.day_after(at("2028-07-06"), 3) == date(2028, 7, 11)
    assert known.days_between(at("2027-06-30"), at("2027-07-09")) == 7
    assert (await years()).days_between(at("2026-11-10"), at("2026-11-12")) == 1  # districts file


async def test_the_same_days_as_one_calendar_says_within_a_year() -> None:
    closed = stated(spans=[["2026-10-12", "2026-10-16"], ["2026-11-26", "2026-11-27"]])
    tests = stated(school="school-2", closed=[["2026-10-06", "2026-10-09"]])
    known = await years(*YEAR, closed, tests)
    for schools in ((), ("school-1",), ("school-2",), ("school-1", "school-2")):
        one = known.years[2027].at(schools)
        for days in (1, 2, 5, 11, 60):
            day = known.day_after(NOW, days, schools)
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            assert known.days_between(NOW, noon, schools) == one.days_between(NOW, noon) == days
            assert one.instructional(day)


async def test_a_district_that_closes_for_ever_still_has_a_day_after() -> None:
    shut = [[f"{year}-07-01", f"{year + 1}-06-30"] for year in range(2026, 2035)]
    known = await years(*(stated(2027 + n, spans=[span]) for n, span in enumerate(shut)))
    assert known.days_between(NOW, at("2030-01-01")) == 0
    assert known.day_after(NOW, 2) == date(2028, 10, 10)


async def test_counting_asks_nobody_when_warm_and_once_before_it_says_too_late() -> None:
    stored = Stored(*YEAR)
    counted = over(stored)
    asked = ("north", at("2026-09-14"), NOW, ["1"])
    assert not await counted.over(15, *asked)
    assert stored.reads == 1
    assert not await counted.over(15, *asked)
    assert await counted.day_after("north", NOW, 3, "1") == date(2026, 10, 8)
    assert stored.reads == 1
    assert await counted.over(14, *asked)
    assert stored.reads == 2
    stored.rows.append(stated(spans=[["2026-10-01", "2026-10-02"]]))  # and nobody has told
    assert not await counted.over(14, *asked)


async def test_who_cannot_ask_says_neither() -> None:
    stored = Stored(*YEAR)
    counted = over(stored)
    await counted.of("north")
    stored.down = True
    with pytest.raises(Fault) as caught:
        await counted.over(14, "north", at("2026-09-14"), NOW, ["1"])
    assert caught.value.kind is Kind.UNAVAILABLE


@pytest.mark.parametrize("nothing", [Stored(), Stored(*YEAR)])
async def test_what_was_never_read_refuses_nobody(nothing: Stored) -> None:
    nothing.down = True
    counted = over(nothing)
    assert not await counted.over(0, "north", at("2026-09-14"), NOW, [])
    assert await counted.day_after("north", NOW, 3, "1") == date(2026, 10, 8)


async def test_what_was_never_read_is_counted_by_the_days_of_the_districts_file() -> None:
    """Wednesday evening in Los Angeles is Thursday in UTC."""
    stored = Stored(*YEAR)
    stored.down = True
    west = District(time_zone="America/Los_Angeles", days_without_school=("2026-10-09",))
    counted = SchoolDays(stored, Days(Districts({"west": west})), People())
    evening = datetime(2026, 10, 8, 1, tzinfo=UTC)
    assert await counted.day_after("west", evening, 1, "1") == date(2026, 10, 8)
    assert await counted.day_after("west", evening, 2, "1") == date(2026, 10, 12)
    stored.down = False
    assert await counted.day_after("west", evening, 2, "1") == date(2026, 10, 12)
    assert counted.known("west").whole


async def test_a_view_that_is_too_old_refuses_nobody() -> None:
    now = [0.0]
    trust = Trust(60.0, lambda: now[0])
    counted = over(Stored(*YEAR), trust=trust)
    assert await counted.over(14, "north", at("2026-09-14"), NOW, [])
    now[0] = 61.0
    assert not await counted.over(14, "north", at("2026-09-14"), NOW, [])


async def test_more_than_is_kept_refuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = (14, "north", at("2026-09-14"), NOW, ["1"])
    assert await over(Stored(*YEAR)).over(*asked)
    monkeypatch.setattr(school_days, "MOST", 1)
    assert not await over(Stored(*YEAR)).over(*asked)
