"""What rows of academic sessions and of stated days say, and the one way in which a calendar is
made of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from services.access.calendar import AcademicSession, Calendar
from services.chassis.views.facts import count, facts_in, flag, text
from services.chassis.views.projection import Row

LONGEST_SPAN = 366  # days
Span = tuple[date, date]  # both inclusive


@dataclass(frozen=True, slots=True)
class StatedDays:
    """What is stated of a school year: of a `school`, or, where that is empty, of the district.
    On `closed` days nobody is taught, on `opened` ones somebody is."""

    school: str
    school_year: int
    closed: tuple[Span, ...]
    opened: tuple[Span, ...]
    terms: tuple[Span, ...]


def calendar_of(
    school_year: int,
    stated: Iterable[StatedDays],
    sessions: Collection[AcademicSession],
    zone: tzinfo,
    closed: frozenset[date],
) -> Calendar:
    """Of a district in one school year, with those of its schools. `stated`: of all years;
    `sessions`: the roster's of this one; `closed`: what the districts file says."""
    by_school: dict[str, list[StatedDays]] = {}
    for each in stated:
        by_school.setdefault(each.school, []).append(each)
    whole = by_school.pop("", [])
    closed |= _days(each.closed for each in whole)
    opened = _days(each.opened for each in whole)
    terms = _terms(whole, school_year) or tuple(sessions)
    schools = {}
    for school, said in by_school.items():
        shut, taught = (
            _days(each.closed for each in said),
            _days(each.opened for each in said),
        )
        schools[school] = Calendar(
            _terms(said, school_year) or terms,
            zone=zone,
            closed=closed | shut,
            opened=(opened - shut) | taught,
        )
    return Calendar(terms, zone=zone, closed=closed, opened=opened, schools=schools)


def session_of(row: Row) -> tuple[int, AcademicSession] | None:
    """School year and session, from a row of `calendars`; None when it was removed or only
    an unreadable event is known of it. Raises whatever a broken row leads to."""
    for _, value in facts_in(row, "session"):
        if flag(value["active"]):
            starts, ends = date.fromisoformat(value["starts"]), date.fromisoformat(value["ends"])
            return count(value["school_year"]), AcademicSession(text(value["type"]), starts, ends)
    return None


def stated_in(row: Row) -> Sequence[StatedDays]:
    """What a row of `calendars` states beside sessions. Raises whatever a broken row leads to."""
    return [
        StatedDays(
            text(value.get("school", "")),
            count(value.get("school_year", 0)),
            closed=_spans(value["spans"]) + _spans(value.get("closed", [])),
            opened=_spans(value.get("opened", [])),
            terms=_spans(value.get("terms", [])),
        )
        for _, value in facts_in(row, "closed")
    ]


def _spans(stored: Any) -> tuple[Span, ...]:
    spans = []
    for first, last in stored:
        span = date.fromisoformat(first), date.fromisoformat(last)
        if (span[1] - span[0]).days >= LONGEST_SPAN:
            raise ValueError
        spans.append(span)
    return tuple(spans)


def _days(stated: Iterable[Sequence[Span]]) -> frozenset[date]:
    return frozenset(
        date.fromordinal(ordinal)
        for spans in stated
        for first, last in spans
        for ordinal in range(first.toordinal(), last.toordinal() + 1)
    )


def _terms(stated: Iterable[StatedDays], school_year: int) -> tuple[AcademicSession, ...]:
    return tuple(
        AcademicSession("term", first, date.fromordinal(last.toordinal() + 1))
        for each in stated
        if each.school_year == school_year
        for first, last in each.terms
    )
