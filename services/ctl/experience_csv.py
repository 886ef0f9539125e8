"""How long people have been in the profession, from a CSV file of the personnel office:
`person_id`, and `years` or `start_date`. A wrong row is listed and the rest is taken, as of a
roster; columns that are not read may be anything, and no value is repeated."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.roster.imports.oneroster.row import CsvRow, WrongCell
from services.roster.imports.problems import NOTES, REASONS

MOST_BYTES = 32 * 1024 * 1024
MOST_ROWS = 500_000
COLUMNS: Mapping[str, str] = {
    "person_id": "person_id",
    "personid": "person_id",
    "sourcedid": "person_id",
    "usersourcedid": "person_id",
    "years": "years",
    "yearsofexperience": "years",
    "start_date": "start_date",
    "startdate": "start_date",
    "hiredate": "start_date",
}
"""By what a header says in small letters, without spaces, and but for the first of each without
underscores."""


@dataclass(frozen=True, slots=True)
class CsvProblem:
    """`line` counts from 1, the header; 0 is the file as a whole."""

    line: int
    column: str
    code: str
    reason: str


@dataclass
class ExperienceFile:
    """`rows`: what is to be sent, each with its line. `notes`: how many cells were read although
    they are not written as they should be, by column and reason."""

    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    problems: list[CsvProblem] = field(default_factory=list)
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)
    unusable: bool = False


def read_experience(content: bytes) -> ExperienceFile:
    """UTF-8 with or without a byte order mark, or UTF-16 with one. What can be read of no row is
    `unusable`."""
    found = ExperienceFile()
    if len(content) > MOST_BYTES:
        return _unusable(found, 0, "too_large", "The file is larger than 32 MiB.")
    try:
        wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _unusable(found, line, "not_utf8", "The line is not UTF-8.")
    lines = _lines(text)
    number, cells = next(lines, (1, None))
    header = [_column(each) for each in cells or ()]
    kinds = {"years", "start_date"}.intersection(header)
    twice = any(each and header.count(each) > 1 for each in header)
    if "person_id" not in header or not kinds or twice:
        reason = "The columns are person_id, and years or start_date, each once."
        return _unusable(found, number, "bad_header", reason)
    seen: set[str] = set()
    for number, cells in lines:
        if len(found.rows) + len(found.problems) == MOST_ROWS:
            return _unusable(found, number, "too_many", f"There are more than {MOST_ROWS} rows.")
        if cells is None or len(cells) != len(header):
            _wrong(found, number, "", "wrong_cell_count", "The row has not the header's cells.")
            continue
        named = {name: cell for name, cell in zip(header, cells, strict=True) if name}
        _take(found, CsvRow(number, named), seen)
    return found


def _lines(text: str) -> Iterator[tuple[int, list[str] | None]]:
    """Lines that are not empty, each by itself: a row does not break."""
    for number, line in enumerate(io.StringIO(text), 1):
        if line.strip():
            try:
                yield number, next(csv.reader((line,), strict=True), [])
            except csv.Error:
                yield number, None


def _column(header: str) -> str:
    name = header.strip().lower().replace(" ", "")
    return COLUMNS.get(name) or COLUMNS.get(name.replace("_", ""), "")


def _take(found: ExperienceFile, row: CsvRow, seen: set[str]) -> None:
    try:
        person = row.id("person_id")
        years, start = row.text("years", required=False), row.day("start_date", required=False)
    except WrongCell as wrong:
        reason = wrong.said or REASONS[wrong.code]
        return _wrong(found, row.line, wrong.column, wrong.code.value, reason)
    if bool(years) is bool(start):
        reason = "A row has either years or a day since when."
        return _wrong(found, row.line, "years", "years_or_start_date", reason)
    if person in seen:
        return _wrong(
            found, row.line, "person_id", "duplicate", "An earlier row is of this person."
        )
    said: dict[str, Any] = {"person_id": person}
    if start:
        said["start_date"] = start
    else:
        number = _number(years)
        if number is None:
            reason = "Years are a number, such as 7 or 7.5."
            return _wrong(found, row.line, "years", "bad_number", reason)
        said["years"] = number
    seen.add(person)
    found.rows.append((row.line, said))
    for column, note in row.noted:
        found.notes[column, NOTES[note]] += 1
    return None


def _number(text: str) -> float | None:
    whole, _, part = text.replace(",", ".").partition(".")
    digits = whole.isascii() and whole.isdigit() and len(whole) <= 3
    if not digits or (part and not (part.isascii() and part.isdigit())):
        return None
    return float(f"{whole}.{part or 0}")


def _wrong(found: ExperienceFile, line: int, column: str, code: str, reason: str) -> None:
    found.problems.append(CsvProblem(line, column, code, reason))


def _unusable(found: ExperienceFile, line: int, code: str, reason: str) -> ExperienceFile:
    _wrong(found, line, "", code, reason)
    found.rows, found.unusable = [], True
    return found
