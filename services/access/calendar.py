"""The school calendar of a district: on which days is there school?

An instructional day is a weekday inside a term, and none of the district's days without
school. Where the roster has no terms, semesters stand in for them, then grading periods, then
the school year itself; a district without any session has school on every weekday. Days are
those of the district's time zone; sessions are half-open.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
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
    """The days of a district in one school year. `closed` are its days without school. `means` is
    the same of two that say the same, and short: it is in each place of a live caseload."""

    def __init__(
        self,
        sessions: Iterable[AcademicSession] = (),
        *,
        zone: tzinfo = UTC,
        closed: Iterable[date] = (),
    ) -> None:
        self._zone = zone
        self._closed = sorted({day.toordinal() for day in closed if day.weekday() < 5})
        known = list(sessions)
        chosen = next(
            (found for kind in _FINEST_FIRST if (found := [s for s in known if s.type == kind])),
            [],
        )
        self.spans = _joined(chosen)
        none = set(self._closed)
        self._days = [
            ordinal
            for starts, ends in self.spans
            for ordinal in range(starts.toordinal(), ends.toordinal())
            if (ordinal - 1) % 7 < 5 and ordinal not in none
        ]
        said = repr((self.spans, str(zone), self._closed)).encode()
        self.means = blake2b(said, digest_size=16).hexdigest()

    def day_of(self, instant: datetime) -> date:
        """The day of an instant in the district."""
        return day_of(instant, self._zone)

    def begins(self, day: date) -> datetime:
        """The instant, in UTC, at which a day begins in the district."""
        return day_begins(day, self._zone)

    def in_session(self, day: date) -> bool:
        """Whether a day, of the weekend too, lies in a term; always without sessions."""
        return not self.spans or any(starts <= day < ends for starts, ends in self.spans)

    def days_between(self, start: datetime, end: datetime) -> int:
        """Instructional days after the day of `start`, up to and with the day of `end`;
        0 when `end` is not later."""
        return max(0, self._before(self._next(end)) - self._before(self._next(start)))

    def passed(self, start: datetime, days: int) -> datetime | None:
        """The first instant at which `days_between(start, it) > days`; None when the
        sessions end before."""
        index = self._before(self._next(start)) + days
        if not self.spans:
            return self.begins(date.fromordinal(self._weekday(index)))
        return self.begins(date.fromordinal(self._days[index])) if index < len(self._days) else None

    def _next(self, instant: datetime) -> int:
        return self.day_of(instant).toordinal() + 1

    def _before(self, ordinal: int) -> int:
        """Instructional days before a day."""
        if not self.spans:
            return _weekdays(ordinal) - bisect_left(self._closed, ordinal)
        return bisect_left(self._days, ordinal)

    def _weekday(self, index: int) -> int:
        """Without sessions, the day that has `index` instructional days before it."""
        weekdays = index + bisect_right(self._closed, index, key=self._before)
        return weekdays // 5 * 7 + weekdays % 5 + 1


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
