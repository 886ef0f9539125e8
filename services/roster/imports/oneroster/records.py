"""Rows to records: what orgs.csv, academicSessions.csv and classes.csv have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from services.roster.academic_session.domain import AcademicSession
from services.roster.imports.oneroster.row import CsvRow, WrongCell, is_id
from services.roster.imports.oneroster.table import CsvTable, Malformed
from services.roster.imports.problems import NoteCode, Problems, RowCode
from services.roster.imports.roster_file import Nouns
from services.roster.imports.sharing import Sharing
from services.roster.org.domain import Org
from services.roster.record import RosterRecord

R = TypeVar("R", bound=RosterRecord)
H = TypeVar("H", Org, AcademicSession)


def read_records(
    table: CsvTable, nouns: Nouns[R], problems: Problems, make: Callable[[CsvRow, str], R]
) -> None:
    """Put the table's records into `nouns`."""
    sharing = Sharing()
    for row in table.rows(problems, spoiling(nouns)):
        with table.reporting(row, problems):
            try:
                sourced = row.id("sourcedId")
            except WrongCell:
                nouns.unread = True
                raise
            if sourced in nouns.lines:
                _once_more(row, sourced, nouns)
            nouns.lines[sourced] = row.line
            if nouns.delta:
                nouns.modified[sourced] = row.told("dateLastModified")
            nouns.spoiled.add(sourced)  # until the row has proved good
            if row.deleted(nouns.delta):
                nouns.deleted.add(sourced)
            else:
                nouns.records[sourced] = sharing.shared(make(row, sourced))
            nouns.spoiled.discard(sourced)


def _once_more(row: CsvRow, sourced: str, nouns: Nouns[R]) -> None:
    """Of two rows of a record the first counts; in a file of changes the one that was changed
    last. Raises WrongCell where that is the first."""
    if not nouns.delta or row.told("dateLastModified") <= nouns.modified[sourced]:
        raise WrongCell("sourcedId", RowCode.DUPLICATE)
    row.noted.add(("dateLastModified", NoteCode.CHANGED_AGAIN))
    nouns.records.pop(sourced, None)
    nouns.deleted.discard(sourced)


def spoiling(nouns: Nouns[R]) -> Callable[[Malformed], None]:
    """For malformed rows of the records of `nouns`: each may be of any id that stands in it."""

    def malformed(row: Malformed) -> None:
        nouns.spoil([each for each in row.pieces if is_id(each)] if is_id(row.id) else [])

    return malformed


def check_parents(
    table: CsvTable, nouns: Nouns[H], problems: Problems, column: str, code: RowCode
) -> None:
    """Report parents that the file does not have. The records are taken without them; what
    is stored of a parent stays."""
    for sourced, record in nouns.records.items():
        parent = record.parent
        if parent and not nouns.named(parent):
            record.parent = ""
            nouns.keep(sourced, "parent")
            problems.add(table.name, nouns.lines[sourced], column, code)
