"""On which days a district's students are taught, as every service counts them that has a rule of
instructional days: by what the district has stated and its roster's academic sessions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from itertools import count
from typing import Protocol

from services.access.calendar import AcademicSession, Calendar
from services.access.days import Days
from services.access.directory import Directory
from services.access.profile import Profile
from services.access.school_year import first_day, school_year_of
from services.access.stated_days import StatedDays, calendar_of, session_of, stated_in
from services.access.trust import Trust
from services.chassis.troubles import Troubles
from services.chassis.views.kept import KeptByDistrict
from services.chassis.views.projection import Row

MOST = 20_000  # sessions and statements of one district: of more than these not all is known
A_CALENDAR = "a calendar"
AHEAD = 2 * 366  # days, after which weekdays count whatever is stated
_WEEKDAYS = Calendar()


class StoredDays(Protocol):
    async def school_days(self, district: str, most: int) -> Sequence[Row]:
        """A district's rows of sessions and statements, by id; where there are more than `most`,
        the first of them. 1 database command. Raises Fault UNAVAILABLE."""


@dataclass(frozen=True, slots=True)
class SchoolYears:
    """The calendars of a district: `years` where the roster or a statement has terms, `others` of
    any other year. `whole`: all that is stated could be read. `means` is the same of two that say
    the same."""

    years: Mapping[int, Calendar]
    others: Calendar
    whole: bool
    means: str = ""

    def days_between(self, start: datetime, end: datetime, schools: Collection[str] = ()) -> int:
        """Instructional days after the day of `start`, up to and with the day of `end`, for whoever
        teaches at `schools`; 0 where `end` is not later."""
        first = self.others.day_of(start).toordinal() + 1
        last = self.others.day_of(end).toordinal() + 1
        if last <= first:
            return 0
        known = 0
        for year in range(_year_of(first), _year_of(last) + 1):
            begins = max(first, first_day(year).toordinal())
            ends = min(last, first_day(year + 1).toordinal())
            days = self._of(year, schools)
            known += days.days_in(date.fromordinal(begins), date.fromordinal(ends))
        return known

    def day_after(self, start: datetime, days: int, schools: Collection[str] = ()) -> date:
        """The day that is so many instructional days (1 or more) after that of `start`."""
        today, left = self.others.day_of(start).toordinal(), days
        for ordinal in count(today + 1):
            day = date.fromordinal(ordinal)
            calendar = self._of(school_year_of(day), schools)
            if ordinal > today + AHEAD:
                calendar = _WEEKDAYS
            left -= calendar.instructional(day)
            if not left:
                return day
        raise AssertionError

    def _of(self, year: int, schools: Collection[str]) -> Calendar:
        return self.years.get(year, self.others).at(schools)


class SchoolDays(KeptByDistrict[SchoolYears]):
    """Read once a minute of the districts that were asked for; 1 database command for one that was
    never read. Where that fails, its days are weekdays in its zone that the districts file does not
    close."""

    every_seconds = 60.0

    def __init__(
        self,
        stored: StoredDays,
        days: Days,
        directory: Directory,
        trust: Trust | None = None,
        troubles: Troubles | None = None,
        *,
        cached: bool = True,
    ) -> None:
        super().__init__(SchoolYears({}, _WEEKDAYS, whole=False), cached=cached)
        self._stored, self._days, self._directory = stored, days, directory
        self._trust, self._troubles = trust or Trust(), troubles or Troubles()

    def known(self, district: str) -> SchoolYears:
        if district in self._known:
            return super().known(district)
        zone, closed = self._days.zone(district), self._days.without_school(district)
        return SchoolYears({}, calendar_of(0, (), (), zone, closed), whole=False)

    async def over(
        self, most: int, district: str, start: datetime, end: datetime, teachers: Collection[str]
    ) -> bool:
        """Whether for each of these teachers, for the district where there are none, more than
        `most` instructional days lie after the day of `start`, up to and with that of `end`.
        Nobody's true word is refused for what is not known here: not where what is stated could not
        all be read or may have changed meanwhile. No database command when warm; before the answer
        is yes, 1. Raises Fault UNAVAILABLE where that one fails."""
        schools = await self._schools(district, end, teachers)
        known = await self.of(district)
        if not self._over(known, most, start, end, schools):
            return False
        return self._over(await self.read(district), most, start, end, schools)

    async def day_after(self, district: str, now: datetime, days: int, teacher: str) -> date:
        """The day that is so many instructional days (1 or more) after today, for a teacher. No
        database command when warm."""
        (schools,) = await self._schools(district, now, [teacher])
        return (await self.of(district)).day_after(now, days, schools)

    async def read(self, district: str) -> SchoolYears:
        stated: set[StatedDays] = set()
        sessions: dict[int, set[AcademicSession]] = {}
        rows = await self._stored.school_days(district, MOST + 1)
        whole = len(rows) <= MOST
        for row in rows:
            try:
                found, said = session_of(row), stated_in(row)
            except Exception as error:  # noqa: BLE001 # whatever the row of one district holds
                self._troubles.tell(A_CALENDAR, district, error)
                whole = False
                continue
            whole = whole and not row.get("incomplete")
            stated.update(said)
            for each in said:
                if each.terms:  # a year may have terms of which the roster file says nothing
                    sessions.setdefault(each.school_year, set())
            if found is not None:
                sessions.setdefault(found[0], set()).add(found[1])
        zone, closed = self._days.zone(district), self._days.without_school(district)
        years = {
            year: calendar_of(year, stated, those, zone, closed) for year, those in sessions.items()
        }
        others = calendar_of(0, stated, (), zone, closed)
        told = sorted((year, each.means) for year, each in years.items()), others.means, whole
        means = blake2b(repr(told).encode(), digest_size=16).hexdigest()
        return SchoolYears(years, others, whole, means)

    def _over(
        self,
        known: SchoolYears,
        most: int,
        start: datetime,
        end: datetime,
        schools: Collection[Collection[str]],
    ) -> bool:
        if not (known.whole and self._trust.holds):
            return False
        return all(known.days_between(start, end, each) > most for each in schools)

    async def _schools(
        self, district: str, at: datetime, teachers: Collection[str]
    ) -> Collection[Collection[str]]:
        """Where each of them teaches on the day of an instant, of nobody the district."""
        if not teachers:
            return ((),)
        day = self._days.day_of(district, at)
        found = await self._directory.profiles(district, teachers)
        return [_teaches_at(found[each], day) for each in teachers]


def _teaches_at(profile: Profile | None, day: date) -> Collection[str]:
    return profile.teaches_at(day) if profile is not None else ()


def _year_of(ordinal: int) -> int:
    return school_year_of(date.fromordinal(ordinal))
