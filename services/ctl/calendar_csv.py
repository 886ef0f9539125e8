"""Days without school from a small CSV file: `date,title`, or `first,last,title` for several
days in one row. Read whole or not at all: every mistake is named with its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.access.school_year import school_year_of
from services.roster.calendar.domain import MOST_SPANS, DaysOff, wrongs

MOST_BYTES = 256 * 1024
MOST_TITLE = 200
HEADERS = (("date", "title"), ("first", "last", "title"))
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Mistake:
    """`line` counts from 1, the header; 0 is the file as a whole. The value is not repeated."""

    line: int
    column: str
    code: str
    reason: str


@dataclass
class CalendarFile:
    """`lines` are those of `days`. With mistakes neither is complete. `single`: its rows are of
    one day each."""

    single: bool = False
    days: list[DaysOff] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def school_year(self) -> int | None:
        """That of the first row; None of an empty file."""
        return school_year_of(date.fromisoformat(self.days[0].first)) if self.days else None

    def check(self, school_year: int) -> None:
        """Note what cannot be stated of that school year."""
        for wrong in wrongs(school_year, self.days):
            column = "date" if self.single else wrong.field
            mistake = Mistake(self.lines[wrong.index], column, wrong.code, wrong.reason)
            if mistake not in self.mistakes:
                self.mistakes.append(mistake)
        self.mistakes.sort(key=lambda each: each.line)


def read_calendar(content: bytes) -> CalendarFile:
    """A byte order mark and lines without content are passed over."""
    found = CalendarFile()
    if len(content) > MOST_BYTES:
        return _spoiled(found, 0, "too_large", "The file is larger than 256 KiB.")
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _spoiled(found, line, "not_utf8", "The line is not UTF-8.")
    rows = ((number, text) for number, text in enumerate(lines, 1) if text.strip())
    number, text = next(rows, (1, ""))
    header = tuple(cell.strip().lower() for cell in _cells(text) or ())
    if header not in HEADERS:
        known = " or ".join(",".join(each) for each in HEADERS)
        return _spoiled(found, number, "bad_header", f"The columns are {known}.")
    found.single = "date" in header
    for number, text in rows:
        if len(found.days) == MOST_SPANS:
            return _spoiled(found, number, "too_many", f"There are more than {MOST_SPANS} rows.")
        cells = _cells(text)
        if cells is None or len(cells) != len(header):
            _spoiled(found, number, "wrong_cell_count", "The row has not the header's cells.")
            continue
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        mistakes = [Mistake(number, *each) for each in _mistakes(row)]
        found.mistakes += mistakes
        if not mistakes:
            first = row.get("first") or row["date"]
            found.days.append(DaysOff(first, row.get("last") or first, row["title"]))
            found.lines.append(number)
    return found


def _mistakes(row: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name, cell in row.items():
        if name != "title" and not _is_day(cell):
            yield name, "bad_date", "A date is a calendar date as YYYY-MM-DD."
    if len(row["title"]) > MOST_TITLE:
        yield "title", "too_long", f"A title has at most {MOST_TITLE} characters."
    if _CONTROL.search(row["title"]):
        yield "title", "control_character", "The title holds a control character."


def _spoiled(found: CalendarFile, line: int, code: str, reason: str) -> CalendarFile:
    found.mistakes.append(Mistake(line, "", code, reason))
    return found


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
