"""Rows to records: what orgs.csv, academicSessions.csv and classes.csv have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from services.roster.adapters.oneroster.row import Row, Wrong, is_id
from services.roster.adapters.oneroster.table import Table
from services.roster.application.problems import Code, Problems
from services.roster.application.roster_file import Nouns
from services.roster.domain.academic_session import AcademicSession
from services.roster.domain.org import Org
from services.roster.domain.record import Record

R = TypeVar("R", bound=Record)
H = TypeVar("H", Org, AcademicSession)

Lines = dict[str, int]


def read_records(
    table: Table, nouns: Nouns[R], problems: Problems, make: Callable[[Row, str], R]
) -> Lines:
    """Put the table's records into `nouns`. Returns the line of each sourcedId."""
    lines: Lines = {}

    def malformed(_: int, pieces: list[str]) -> None:
        nouns.spoiled.update(filter(is_id, pieces))

    for row in table.rows(problems, malformed):
        with table.reporting(row, problems):
            sourced = row.id("sourcedId")
            if sourced in lines:
                raise Wrong("sourcedId", Code.DUPLICATE)
            lines[sourced] = row.line
            nouns.spoiled.add(sourced)  # until the row has proved good
            if not row.deleted():
                nouns.records[sourced] = make(row, sourced)
            nouns.spoiled.discard(sourced)
    return lines


def check_parents(
    table: Table, nouns: Nouns[H], lines: Lines, problems: Problems, column: str, code: Code
) -> None:
    """Report parents that the file does not have. The records are taken without them; what
    is stored of a parent stays."""
    for sourced, record in nouns.records.items():
        parent = record.parent
        if parent and parent not in nouns.records and parent not in nouns.spoiled:
            record.parent = ""
            nouns.keep(sourced, "parent")
            problems.add(table.name, lines[sourced], column, code)
