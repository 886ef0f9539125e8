"""What was stated of one school year beside the roster file: for a district, or for one of its
schools, where that differs."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.chassis.kernel import Aggregate

MOST_SPANS = 400  # of one kind in one statement
MOST_TERMS = 12


class DayType(enum.StrEnum):
    """What is special about a day that is not simply without school. Students are taught on
    instructional days, whatever the weekday, and on half days; they are not taught while they are
    tested, nor while their teachers learn."""

    INSTRUCTIONAL = "instructional"
    HALF_DAY = "half_day"
    TESTING = "testing"
    PROFESSIONAL_LEARNING = "professional_learning"


@dataclass(frozen=True, slots=True, order=True)
class DaysOff:
    """From `first` to `last`, both inclusive, YYYY-MM-DD."""

    first: str
    last: str
    title: str = ""


@dataclass(frozen=True, slots=True, order=True)
class SpecialDays:
    first: str
    last: str
    day_type: DayType
    title: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """Its last day is one of it."""

    first: str
    last: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class CalendarStatement:
    """Of the days between terms nothing needs to be said. Without `terms` those of the roster
    file count, of a school those of its district."""

    days: tuple[DaysOff, ...] = ()
    special: tuple[SpecialDays, ...] = ()
    terms: tuple[Term, ...] = ()

    def sorted(self) -> CalendarStatement:
        return CalendarStatement(
            tuple(sorted(self.days)), tuple(sorted(self.special)), tuple(sorted(self.terms))
        )


@dataclass(frozen=True, slots=True)
class WrongDates:
    """What cannot be stated: the place in the statement (`part`, a field of `CalendarStatement`,
    and the index in it), and which of its dates (`first` or `last`)."""

    part: str
    index: int
    field: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class CalendarStated:
    """A school year was stated, or stated anew."""


@dataclass(kw_only=True)
class SchoolCalendar(Aggregate):
    """`school_year` is the year it ends in; `school` an org, empty: of the whole district. All
    ascend."""

    school_year: int
    days: tuple[DaysOff, ...] = ()
    school: str = ""
    special: tuple[SpecialDays, ...] = ()
    terms: tuple[Term, ...] = ()

    def state(self, said: CalendarStatement) -> None:
        """Replace what was stated before; an event only where that is a change, or where
        nothing was (version 0)."""
        stated = said.sorted()
        if self.version > 0 and stated == CalendarStatement(self.days, self.special, self.terms):
            return
        self.days, self.special, self.terms = stated.days, stated.special, stated.terms
        self.record(CalendarStated())


_Span = DaysOff | SpecialDays | Term


def wrongs(school_year: int, said: CalendarStatement) -> Iterator[WrongDates]:
    """All that is wrong with a statement, by its places. No day has two meanings, none is in two
    terms."""
    days: list[tuple[str, int, _Span]] = [
        *(("days", index, each) for index, each in enumerate(said.days)),
        *(("special", index, each) for index, each in enumerate(said.special)),
    ]
    yield from _wrongs(school_year, days)
    yield from _wrongs(school_year, [("terms", i, each) for i, each in enumerate(said.terms)])


def _wrongs(school_year: int, spans: Sequence[tuple[str, int, _Span]]) -> Iterator[WrongDates]:
    begins, ends = f"{school_year - 1}-07-01", f"{school_year}-06-30"
    ordered = sorted((each.first, each.last, place) for place, (_, _, each) in enumerate(spans))
    covered = {place for (_, last, _), (first, _, place) in pairwise(ordered) if first <= last}
    for place, (part, index, each) in enumerate(spans):
        for field, day in (("first", each.first), ("last", each.last)):
            if not begins <= day <= ends:
                reason = f"The day is not of the school year {school_year - 1}-{school_year}."
                yield WrongDates(part, index, field, "other_school_year", reason)
        if each.last < each.first:
            reason = "The last day is before the first."
            yield WrongDates(part, index, "last", "last_before_first", reason)
        if place in covered:
            yield WrongDates(part, index, "first", "day_twice", "The day is stated twice.")
