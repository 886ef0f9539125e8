"""The cells of one row, taken one by one and checked. The first wrong one ends the row."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from services.chassis.fields import ID_PATTERN
from services.roster.imports.problems import NoteCode, RowCode

LONGEST = 200  # characters of a cell that is kept
LONGEST_ID = 255
FIRST_YEAR, LAST_YEAR = 2000, 2100
_ID = re.compile(ID_PATTERN)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = r"(?:[T ][0-9:.]{4,20} ?(?:Z|[AP]M|[+-][0-9]{2}:?[0-9]{2})?)?"
_US_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})" + _TIME)
_OTHER_DAYS = (
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"),
    re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})" + _TIME),
)
_YEAR = re.compile(r"[0-9]{4}")
_EXTENSION = re.compile(r"ext:[A-Za-z0-9._-]{1,60}")


class WrongCell(Exception):
    """A row that cannot be used: the column and the reason, never the value. `said` as in
    `RowProblem`."""

    def __init__(self, column: str, code: RowCode, said: str = "") -> None:
        super().__init__(f"{column}: {code}")
        self.column = column
        self.code = code
        self.said = said


@dataclass(frozen=True, slots=True)
class CsvRow:
    """`line` counts from 1, the header. Every method raises WrongCell. `noted`: columns that were
    not written as they should be, yet could be read; `remarks`: problems with which the row
    can be used."""

    line: int
    cells: dict[str, str]
    noted: set[tuple[str, NoteCode]] = field(default_factory=set)
    remarks: list[WrongCell] = field(default_factory=list)

    def remark(self, column: str, code: RowCode) -> None:
        self.remarks.append(WrongCell(column, code))

    @contextmanager
    def unkept(self) -> Iterator[None]:
        """For cells of which nothing is kept: what is wrong there is a remark."""
        try:
            yield
        except WrongCell as wrong:
            self.remarks.append(wrong)

    def text(self, column: str, required: bool = True) -> str:
        cell = self._cell(column, required)
        if len(cell) > LONGEST:
            raise WrongCell(column, RowCode.TOO_LONG)
        return cell

    def id(self, column: str, required: bool = True) -> str:
        """A sourcedId; empty where it may be."""
        return _checked_id(column, self._cell(column, required))

    def key(self, column: str) -> str:
        """What tells one record from another by an id that is perhaps not kept: the id, or a
        digest of one that is too long to be."""
        cell = self._cell(column, required=True)
        if len(cell) <= LONGEST_ID:
            return cell
        return hashlib.blake2b(cell.encode(), digest_size=16).hexdigest()

    def told(self, column: str) -> str:
        """The cell as it stands, for a row that is wrong. Raises nothing."""
        return self.cells.get(column, "").strip()

    def one_of(self, column: str, allowed: Collection[str], ext: bool = False) -> str:
        """As `choice`; empty for anything else. Raises nothing."""
        try:
            return self.choice(column, allowed, ext=ext)
        except WrongCell:
            return ""

    def _cell(self, column: str, required: bool) -> str:
        cell = self.cells.get(column, "").strip()
        if required and not cell:
            raise WrongCell(column, RowCode.REQUIRED)
        return cell

    def ids(self, column: str, most: int) -> tuple[str, ...]:
        """At least one sourcedId, ascending."""
        ids = {_checked_id(column, item) for item in self.items(column, most)}
        if not ids:
            raise WrongCell(column, RowCode.REQUIRED)
        return tuple(sorted(ids))

    def items(self, column: str, most: int) -> tuple[str, ...]:
        """The items of a comma list, in their order."""
        cell = self.cells.get(column, "")
        items = tuple(item.strip() for item in cell.split(",") if item.strip())
        if len(items) > most:
            raise WrongCell(column, RowCode.TOO_MANY)
        if any(len(item) > LONGEST_ID for item in items):
            raise WrongCell(column, RowCode.TOO_LONG)
        return items

    def choice(
        self,
        column: str,
        allowed: Collection[str],
        required: bool = True,
        ext: bool = False,
        code: RowCode = RowCode.BAD_VALUE,
    ) -> str:
        """One of the allowed terms, or with `ext` an extension `ext:...`. Letters of another
        case, such as Excel's TRUE, are noted."""
        cell = self.text(column, required)
        if not cell or cell in allowed:
            return cell
        for term in allowed:
            if term.lower() == cell.lower():
                self.noted.add((column, NoteCode.LETTER_CASE))
                return term
        if ext and _EXTENSION.fullmatch(cell):
            return cell
        other = ", or ext: and a name of your own" if ext else ""
        raise WrongCell(column, code, f"There are {', '.join(sorted(allowed))}{other}.")

    def day(self, column: str, required: bool = True) -> str:
        """A calendar date as YYYY-MM-DD; empty where it may be. Of other forms those are noted
        that can mean one day only, and M/D/YYYY."""
        cell = self.text(column, required)
        if not cell:
            return ""
        try:
            if _DAY.fullmatch(cell):
                return date.fromisoformat(cell).isoformat()
            if american := _US_DAY.fullmatch(cell):
                month, day, year = map(int, american.groups())
                self.noted.add((column, NoteCode.US_DATE))
                return date(year, month, day).isoformat()
            for form in _OTHER_DAYS:
                if other := form.fullmatch(cell):
                    year, month, day = map(int, other.groups())
                    self.noted.add((column, NoteCode.OTHER_DATE))
                    return date(year, month, day).isoformat()
        except ValueError:
            pass
        raise WrongCell(column, RowCode.BAD_DATE)

    def days(self, begin: str, end: str) -> tuple[str, str]:
        """Two dates, the second not before the first; either may be empty."""
        first, second = self.day(begin, required=False), self.day(end, required=False)
        if first and second and second < first:
            raise WrongCell(end, RowCode.END_BEFORE_START)
        return first, second

    def year(self, column: str) -> int:
        cell = self.text(column)
        if not _YEAR.fullmatch(cell) or not FIRST_YEAR <= int(cell) <= LAST_YEAR:
            raise WrongCell(column, RowCode.BAD_YEAR)
        return int(cell)

    def deleted(self, delta: bool) -> bool:
        """`status` belongs to files of changes, yet many others fill it."""
        status = self.choice("status", ("active", "tobedeleted"), required=False)
        if status and not delta:
            self.noted.add(("status", NoteCode.STATUS_IN_BULK))
        return status == "tobedeleted"


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def _checked_id(column: str, text: str) -> str:
    if text and not is_id(text):
        raise WrongCell(column, RowCode.BAD_ID)
    return text
