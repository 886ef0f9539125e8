"""A school year from a small CSV file: a day a row (`date`) or several (`first`, `last`), with a
`title` and, where they are wanted, a `type` and a `school`. Read whole or not at all: every mistake
is named with its line and column."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.access.school_year import school_year_of
from services.chassis.fields import ID_PATTERN
from services.roster.calendar.domain import (
    MOST_SPANS,
    MOST_TERMS,
    CalendarStatement,
    DaysOff,
    DayType,
    SpecialDays,
    Term,
    wrongs,
)

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 20_000
MOST_TITLE = 200
DATES = ("date",), ("first", "last")
NO_SCHOOL, TERM = "no_school", "term"
TYPES = (NO_SCHOOL, *DayType, TERM)
_MOST = {"days": MOST_SPANS, "special": MOST_SPANS, "terms": MOST_TERMS}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ID = re.compile(ID_PATTERN)
_DOTS = frozenset({".", ".."})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Mistake:
    """`line` counts from 1, the header; 0 is the file as a whole. The value is not repeated."""

    line: int
    column: str
    code: str
    reason: str


@dataclass
class SaidOfDays:
    """Of the district or of one school; `lines`, by part of the statement, are those of its
    entries."""

    days: list[DaysOff] = field(default_factory=list)
    special: list[SpecialDays] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def statement(self) -> CalendarStatement:
        return CalendarStatement(tuple(self.days), tuple(self.special), tuple(self.terms))


@dataclass
class CalendarFile:
    """`said` by school, the district by "". With mistakes it is not complete. `single`: its rows
    are of one day each."""

    single: bool = False
    said: dict[str, SaidOfDays] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    rows: int = 0
    first: str = ""  # the day of the first row

    def school_year(self) -> int | None:
        """That of the first row; None of an empty file."""
        return school_year_of(date.fromisoformat(self.first)) if self.first else None

    def check(self, school_year: int) -> None:
        """Note what cannot be stated of that school year."""
        for said in self.said.values():
            for wrong in wrongs(school_year, said.statement()):
                column = "date" if self.single else wrong.field
                line = said.lines[wrong.part][wrong.index]
                mistake = Mistake(line, column, wrong.code, wrong.reason)
                if mistake not in self.mistakes:
                    self.mistakes.append(mistake)
        self.mistakes.sort(key=lambda each: each.line)

    @property
    def schools(self) -> Collection[str]:
        return self.said.keys() - {""}

    def check_schools(self, known: Collection[str]) -> None:
        """Note those that are not among the district's, each at its first row."""
        for school in self.schools:
            if school not in known:
                line = min(map(min, self.said[school].lines.values()))
                reason = "The roster has no such school."
                self.mistakes.append(Mistake(line, "school", "unknown_school", reason))
        self.mistakes.sort(key=lambda each: each.line)


def read_calendar(content: bytes) -> CalendarFile:
    """A byte order mark and lines without content are passed over."""
    found = CalendarFile()
    if len(content) > MOST_BYTES:
        return _spoiled(found, 0, "too_large", "The file is larger than 2 MiB.")
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _spoiled(found, line, "not_utf8", "The line is not UTF-8.")
    rows = ((number, text) for number, text in enumerate(lines, 1) if text.strip())
    number, text = next(rows, (1, ""))
    header = tuple(cell.strip().lower() for cell in _cells(text) or ())
    if not _is_header(header):
        reason = "The columns are date or first,last, then title, and where wanted type, school."
        return _spoiled(found, number, "bad_header", reason)
    found.single = "date" in header
    for number, text in rows:
        if found.rows == MOST_ROWS:
            return _spoiled(found, number, "too_many", f"There are more than {MOST_ROWS} rows.")
        found.rows += 1
        cells = _cells(text)
        if cells is None or len(cells) != len(header):
            _spoiled(found, number, "wrong_cell_count", "The row has not the header's cells.")
            continue
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        mistakes = [Mistake(number, *each) for each in _mistakes(row)]
        found.mistakes += mistakes
        if not mistakes:
            _take(found, number, row)
    return found


def _is_header(header: Sequence[str]) -> bool:
    rest = set(header) - {"type", "school"}
    return len(set(header)) == len(header) and any(rest == {*each, "title"} for each in DATES)


def _take(found: CalendarFile, number: int, row: Mapping[str, str]) -> None:
    first = row.get("first") or row["date"]
    last, title = row.get("last") or first, row["title"]
    kind = row.get("type", "").lower() or NO_SCHOOL
    found.first = found.first or first
    said = found.said.setdefault(row.get("school", ""), SaidOfDays())
    if kind == NO_SCHOOL:
        part = "days"
        said.days.append(DaysOff(first, last, title))
    elif kind == TERM:
        part = "terms"
        said.terms.append(Term(first, last, title))
    else:
        part = "special"
        said.special.append(SpecialDays(first, last, DayType(kind), title))
    lines = said.lines.setdefault(part, [])
    lines.append(number)
    if len(lines) == _MOST[part] + 1:
        reason = f"Of the district and of each school there are at most {_MOST[part]} such rows."
        found.mistakes.append(Mistake(number, "", "too_many", reason))


def _mistakes(row: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name in ("date", "first", "last"):
        if name in row and not _is_day(row[name]):
            yield name, "bad_date", "A date is a calendar date as YYYY-MM-DD."
    if len(row["title"]) > MOST_TITLE:
        yield "title", "too_long", f"A title has at most {MOST_TITLE} characters."
    if _CONTROL.search(row["title"]):
        yield "title", "control_character", "The cell holds a control character."
    if (school := row.get("school")) and not _is_id(school):
        yield "school", "bad_id", "This can be no school's id."
    if row.get("type", "").lower() not in ("", *TYPES):
        yield "type", "bad_type", f"A type is one of {', '.join(TYPES)}."


def _spoiled(found: CalendarFile, line: int, code: str, reason: str) -> CalendarFile:
    found.mistakes.append(Mistake(line, "", code, reason))
    return found


def _is_id(text: str) -> bool:
    return bool(_ID.fullmatch(text)) and _DOTS.isdisjoint(text.split("/"))


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _cells(text: str) -> list[str] | None:
    try:
        return next(csv.reader((text,), strict=True), [])
    except csv.Error:
        return None
