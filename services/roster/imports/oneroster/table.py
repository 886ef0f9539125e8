"""One CSV file of the zip, a row at a time: commas, RFC 4180. Memory does not grow with the
file."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from services.chassis.kernel import Fault, invalid
from services.roster.imports.oneroster.archive import Archive
from services.roster.imports.oneroster.columns import EXTENSIONS, MISSPELLED, OTHERS
from services.roster.imports.oneroster.lines import Lines, rows
from services.roster.imports.oneroster.row import CsvRow, WrongCell
from services.roster.imports.problems import NoteCode, Problems, RowCode

MOST_ROWS = 1_000_000
MOST_COLUMNS = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_COLUMN = re.compile(r"[A-Za-z0-9_.:-]{1,60}")


@dataclass(frozen=True, slots=True)
class Malformed:
    """A row that has no cells: what stands between its commas, and where its sourcedId should."""

    line: int
    pieces: tuple[str, ...]
    id: str


class CsvTable:
    """The rows of `name`. `columns` must all be in the header; their case is mended, and
    columns not asked for are passed over."""

    def __init__(
        self,
        archive: Archive,
        name: str,
        columns: Collection[str],
        optional: Collection[str] = (),
        most_rows: int = MOST_ROWS,
    ) -> None:
        self.name = name
        self.columns, self.optional = columns, optional
        self._lines = Lines(archive, name, most_rows)
        self._spellings = {each.lower(): each for each in (*columns, *optional)}
        self._others = {each.lower() for each in OTHERS.get(name, ())}

    def check(self) -> None:
        """Read the header alone. Raises Fault INVALID, as `rows` does."""
        self._header(next(self._lines.each(), (1, ""))[1], Problems())

    def rows(
        self, problems: Problems, malformed: Callable[[Malformed], None] | None = None
    ) -> Iterator[CsvRow]:
        """Well-formed rows; the others are reported and given to `malformed`. Raises Fault
        INVALID where the file as a whole cannot be read."""
        lines = self._lines.each()
        header = self._header(next(lines, (1, ""))[1], problems)
        if self._lines.utf_16:
            problems.note(self.name, "", NoteCode.UTF_16)
        for line, text, broken in rows(lines, lambda text: _fits(text, header)):
            try:
                row = _row(line, text, header)
                if broken:
                    row.noted.add(("", NoteCode.LINE_BREAK))
                yield row
            except WrongCell as wrong:
                problems.reject(self.name, line, wrong.column, wrong.code, wrong.said)
                if malformed is not None:
                    malformed(_malformed(line, text, header))

    @contextmanager
    def reporting(self, row: CsvRow, problems: Problems) -> Iterator[None]:
        """Report a `WrongCell` of the block, which ends it, the row's remarks and its notes."""
        try:
            yield
        except WrongCell as wrong:
            problems.reject(self.name, row.line, wrong.column, wrong.code, wrong.said)
            row.noted.clear()  # what is not read is not noted
        for each in row.remarks:
            problems.add(self.name, row.line, each.column, each.code, each.said)
        for column, code in row.noted:
            problems.note(self.name, column, code)

    def _header(self, text: str, problems: Problems) -> list[str]:
        """A name for each column; empty for one that was not asked for."""
        try:
            cells = [each.strip() for each in _cells(text)]
        except csv.Error:
            raise self._fault("bad_header", "its header is malformed") from None
        header = [self._name(cell) for cell in cells]
        missing = sorted(set(self.columns) - set(header))
        if missing:
            if any(delimiter in text for delimiter in ";\t|"):
                raise self._fault("wrong_delimiter", "its cells are not separated by commas")
            raise self._fault("missing_column", f"it lacks {', '.join(missing)}")
        named = [name for name in header if name]
        if len(set(named)) != len(named) or len(cells) > MOST_COLUMNS:
            raise self._fault("bad_header", "a column is there twice, or there are too many")
        for number, (cell, name) in enumerate(zip(cells, header, strict=True), start=1):
            self._note(number, cell, name, problems)
        return header

    def _name(self, cell: str) -> str:
        lower = cell.lower()
        return self._spellings.get(MISSPELLED.get(lower, lower), "")

    def _note(self, number: int, cell: str, name: str, problems: Problems) -> None:
        """What is odd about a column that is called `cell` and read as `name`."""
        lower = cell.lower()
        if name and cell != name:
            code = NoteCode.MISSPELLED if lower in MISSPELLED else NoteCode.LETTER_CASE
            problems.note(self.name, name, code)
        elif not name and lower not in self._others and not lower.startswith(EXTENSIONS):
            shown = cell if _COLUMN.fullmatch(cell) else f"column {number}"
            problems.note(self.name, shown, NoteCode.EXTRA_COLUMN)

    def _fault(self, code: str, what: str) -> Fault:
        return invalid(code, f"{self.name}: {what}.")


def _fits(text: str, header: list[str]) -> bool:
    try:
        return len(_cells(text)) == len(header)
    except csv.Error:
        return False


def _row(line: int, text: str, header: list[str]) -> CsvRow:
    try:
        cells = _cells(text)
    except csv.Error:
        raise WrongCell("", RowCode.MALFORMED_ROW) from None
    if len(cells) != len(header):
        raise WrongCell("", RowCode.WRONG_CELL_COUNT)
    if not text.isprintable() and _CONTROL.search(text):
        where = (name for name, cell in zip(header, cells, strict=True) if _CONTROL.search(cell))
        raise WrongCell(next(where, ""), RowCode.CONTROL_CHARACTER)
    return CsvRow(line, {name: cell for name, cell in zip(header, cells, strict=True) if name})


def _malformed(line: int, text: str, header: list[str]) -> Malformed:
    pieces = tuple(each.strip('" ') for each in text.split(",", MOST_COLUMNS))
    at = header.index("sourcedId") if "sourcedId" in header else len(pieces)
    return Malformed(line, pieces, pieces[at] if at < len(pieces) else "")


def _cells(text: str) -> list[str]:
    if '"' not in text and "\r" not in text:
        return text.split(",")  # the same, and much faster
    return next(csv.reader((text,), strict=True), [])
