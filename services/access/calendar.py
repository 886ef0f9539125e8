"""The school calendar: on which days is there school? The one place where such days are counted.

An instructional day is a weekday inside a term that is not `closed`, or a day inside a term that
was stated to be one, whatever its weekday. Where there are no terms, semesters stand in for them,
then grading periods, then the school year itself; a district without any session has school on
every weekday. Days are those of the district's time zone; sessions are half-open.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from hashlib import blake2b

from services.chassis.kernel import day_begins, day_of

_FINEST_FIRST = ("term", "semester", "gradingPeriod", "schoolYear")
_LONGEST = 2 * 366  # days of a session; what is longer is cut


@dataclass(frozen=True, slots=True)
class AcademicSession:
    """An academic session of the roster: `starts` inclusive, `ends` exclusive."""

    type: str
    starts: date
    ends: date


class Calendar:
    """The days of a district, or of one of its schools, in one school year. `closed` are days on
    which nobody is taught, `opened` days on which somebody is, whatever else is said of them;
    `schools` those that differ. `means` is the same of two that say the same, and short: it is in
    each place of a live caseload."""

    def __init__(
        self,
        sessions: Iterable[AcademicSession] = (),
        *,
        zone: tzinfo = UTC,
        closed: Iterable[date] = (),
        opened: Iterable[date] = (),
        schools: Mapping[str, Calendar] | None = None,
    ) -> None:
        self._zone = zone
        self._schools = schools or {}
        open_too = {day.toordinal() for day in opened}
        none = {day.toordinal() for day in closed if day.weekday() < 5} - open_too
        self._closed = sorted(none)
        self._weekends = sorted(each for each in open_too if (each - 1) % 7 >= 5)
        known = list(sessions)
        chosen = next(
            (found for kind in _FINEST_FIRST if (found := [s for s in known if s.type == kind])),
            [],
        )
        self.spans = _joined(chosen)
        self._days = [
            ordinal
            for starts, ends in self.spans
            for ordinal in range(starts.toordinal(), ends.toordinal())
            if ((ordinal - 1) % 7 < 5 or ordinal in open_too) and ordinal not in none
        ]
        schools_say = sorted((name, each.means) for name, each in self._schools.items())
        told = (self.spans, str(zone), self._closed, self._weekends, schools_say)
        self.means: str = blake2b(repr(told).encode(), digest_size=16).hexdigest()

    def at(self, schools: Collection[str]) -> Calendar:
        """That of whoever teaches at `schools`: her school's where it is one, else the
        district's."""
        (school,) = schools if len(schools) == 1 else ("",)
        return self._schools.get(school, self)

    def instructional(self, day: date) -> bool:
        """Whether students are taught on a day."""
        ordinal = day.toordinal()
        return self._before(ordinal + 1) > self._before(ordinal)

    def day_of(self, instant: datetime) -> date:
        """The day of an instant in the district."""
        return day_of(instant, self._zone)

    def begins(self, day: date) -> datetime:
        """The instant, in UTC, at which a day begins in the district."""
        return day_begins(day, self._zone)

    def ends(self, day: date) -> datetime:
        """The instant, in UTC, at which a day is over in the district."""
        return day_begins(date.fromordinal(day.toordinal() + 1), self._zone)

    def in_session(self, day: date) -> bool:
        """Whether a day, of the weekend too, lies in a term; always without sessions."""
        return not self.spans or any(starts <= day < ends for starts, ends in self.spans)

    def days_between(self, start: datetime, end: datetime) -> int:
        """Instructional days after the day of `start`, up to and with the day of `end`;
        0 when `end` is not later."""
        return max(0, self._before(self._next(end)) - self._before(self._next(start)))

    def days_in(self, first: date, end: date) -> int:
        """Instructional days from `first` to the day before `end`; 0 when `end` is not later."""
        return max(0, self._before(end.toordinal()) - self._before(first.toordinal()))

    def passed(self, start: datetime, days: int) -> datetime | None:
        """The first instant at which `days_between(start, it) > days`; None when the
        sessions end before."""
        index = self._before(self._next(start)) + days
        if not self.spans:
            return self.begins(date.fromordinal(self._with(index)))
        return self.begins(date.fromordinal(self._days[index])) if index < len(self._days) else None

    def _next(self, instant: datetime) -> int:
        return self.day_of(instant).toordinal() + 1

    def _before(self, ordinal: int) -> int:
        """Instructional days before a day."""
        if not self.spans:
            weekdays = _weekdays(ordinal) - bisect_left(self._closed, ordinal)
            return weekdays + bisect_left(self._weekends, ordinal)
        return bisect_left(self._days, ordinal)

    def _with(self, index: int) -> int:
        """Without sessions, the instructional day that has `index` of them before it."""
        latest = ((index + len(self._closed)) // 5 + 2) * 7
        return bisect_left(range(latest), index + 1, key=lambda day: self._before(day + 1))


def days_before(day: date, days: int) -> date:
    """The day that lies so many days before; after it where they are less than 0."""
    return date.fromordinal(day.toordinal() - days)


def monday_of(day: date) -> date:
    """The first day of its week."""
    return days_before(day, day.weekday())


def _weekdays(ordinal: int) -> int:
    """Weekdays before a day: ordinal 1 was a Monday."""
    weeks, rest = divmod(ordinal - 1, 7)
    return weeks * 5 + min(rest, 5)


def _joined(sessions: Iterable[AcademicSession]) -> tuple[tuple[date, date], ...]:
    """The spans of sessions, ascending and apart. By ordinals: no day comes after year 9999."""
    joined: list[tuple[int, int]] = []
    for first, end in sorted((s.starts.toordinal(), s.ends.toordinal()) for s in sessions):
        cut = min(end, first + _LONGEST)
        if joined and first <= joined[-1][1]:
            first, cut = joined[-1][0], max(cut, joined.pop()[1])
        joined.append((first, cut))
    return tuple((date.fromordinal(first), date.fromordinal(end)) for first, end in joined)
