"""The days without school of one school year, as the district has stated them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.chassis.kernel import Aggregate

MOST_SPANS = 400


@dataclass(frozen=True, slots=True, order=True)
class DaysOff:
    """From `first` to `last`, both inclusive, YYYY-MM-DD."""

    first: str
    last: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class WrongDates:
    """What cannot be stated: the place in the statement, and which of its dates (`first` or
    `last`)."""

    index: int
    field: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class CalendarStated:
    """The days of a school year were stated, or stated anew."""


@dataclass(kw_only=True)
class SchoolCalendar(Aggregate):
    """`school_year` is the year it ends in; `days` ascend."""

    school_year: int
    days: tuple[DaysOff, ...] = ()

    def state(self, days: Sequence[DaysOff]) -> None:
        """Replace what was stated before; an event only where that is a change, or where
        nothing was (version 0)."""
        stated = tuple(sorted(days))
        if self.version > 0 and stated == self.days:
            return
        self.days = stated
        self.record(CalendarStated())


def wrongs(school_year: int, days: Sequence[DaysOff]) -> Iterator[WrongDates]:
    """All that is wrong with a statement, by its places."""
    begins, ends = f"{school_year - 1}-07-01", f"{school_year}-06-30"
    covered = {
        later
        for (one, _), (other, later) in pairwise(sorted((day, i) for i, day in enumerate(days)))
        if other.first <= one.last
    }
    for index, each in enumerate(days):
        for field, day in (("first", each.first), ("last", each.last)):
            if not begins <= day <= ends:
                reason = f"The day is not of the school year {school_year - 1}-{school_year}."
                yield WrongDates(index, field, "other_school_year", reason)
        if each.last < each.first:
            yield WrongDates(
                index, "last", "last_before_first", "The last day is before the first."
            )
        if index in covered:
            yield WrongDates(index, "first", "day_twice", "The day is stated twice.")
