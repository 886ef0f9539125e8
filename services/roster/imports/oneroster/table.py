"""One CSV file of the zip, a row at a time: UTF-8 (a BOM is tolerated), commas, RFC 4180
without line breaks in cells. Memory does not grow with the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from services.chassis.kernel import Fault, invalid
from services.roster.imports.oneroster.archive import Archive, damage
from services.roster.imports.oneroster.row import CsvRow, WrongCell
from services.roster.imports.problems import Problems, RowCode

MOST_LINE = 256 * 1024  # bytes
MOST_ROWS = 1_000_000
MOST_COLUMNS = 200
_BOM = b"\xef\xbb\xbf"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


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
        self._most_rows = most_rows
        self._archive = archive
        self.columns, self.optional = columns, optional
        self._spellings = {each.lower(): each for each in (*columns, *optional)}

    def check(self) -> None:
        """Read the header alone. Raises Fault INVALID, as `rows` does."""
        self._header(next(self._lines(), (1, ""))[1])

    def rows(
        self, problems: Problems, malformed: Callable[[Malformed], None] | None = None
    ) -> Iterator[CsvRow]:
        """Well-formed rows; the others are reported and given to `malformed`. Raises Fault
        INVALID where the file as a whole cannot be read."""
        lines = self._lines()
        header = self._header(next(lines, (1, ""))[1])
        for line, text in lines:
            try:
                yield _row(line, text, header)
            except WrongCell as wrong:
                problems.add(self.name, line, wrong.column, wrong.code, wrong.said)
                if malformed is not None:
                    malformed(_malformed(line, text, header))

    @contextmanager
    def reporting(self, row: CsvRow, problems: Problems) -> Iterator[None]:
        """Report a `WrongCell` of the block, which ends it, the row's remarks and its notes."""
        wrongs = row.remarks
        try:
            yield
        except WrongCell as wrong:
            wrongs = [wrong, *wrongs]
            row.noted.clear()  # what is not read is not noted
        for each in wrongs:
            problems.add(self.name, row.line, each.column, each.code, each.said)
        for column, code in row.noted:
            problems.note(self.name, column, code)

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Lines that are not empty, with their numbers from 1."""
        for number, raw in enumerate(self._raw(), start=1):
            if len(raw) > MOST_LINE:
                raise self._fault("line_too_long", f"line {number} is too long")
            if number > self._most_rows:
                raise self._fault("too_many_rows", f"it has more than {self._most_rows} lines")
            try:
                text = raw.removeprefix(_BOM if number == 1 else b"").decode()
            except UnicodeDecodeError:
                raise self._fault("not_utf8", f"line {number} is not UTF-8") from None
            text = text.rstrip("\r\n")
            if text or number == 1:
                yield number, text

    def _raw(self) -> Iterator[bytes]:
        with damage(), self._archive.open(self.name) as file:
            while raw := file.readline(MOST_LINE + 1):
                yield raw

    def _header(self, text: str) -> list[str]:
        """A name for each column; empty for one that was not asked for."""
        try:
            cells = _cells(text)
        except csv.Error:
            raise self._fault("bad_header", "its header is malformed") from None
        header = [self._spellings.get(cell.strip().lower(), "") for cell in cells]
        missing = sorted(set(self.columns) - set(header))
        if missing:
            if any(delimiter in text for delimiter in ";\t|"):
                raise self._fault("wrong_delimiter", "its cells are not separated by commas")
            raise self._fault("missing_column", f"it lacks {', '.join(missing)}")
        named = [name for name in header if name]
        if len(set(named)) != len(named) or len(cells) > MOST_COLUMNS:
            raise self._fault("bad_header", "a column is there twice, or there are too many")
        return header

    def _fault(self, code: str, what: str) -> Fault:
        return invalid(code, f"{self.name}: {what}.")


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
