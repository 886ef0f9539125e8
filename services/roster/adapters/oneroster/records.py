"""Rows to records: what orgs.csv, academicSessions.csv and classes.csv have in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

from services.roster.adapters.oneroster.row import Row, Wrong
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
    for row in table.rows(problems, nouns.spoiled):
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


def drop_orphans(
    table: Table, nouns: Nouns[H], lines: Lines, problems: Problems, column: str, code: Code
) -> None:
    """Report and take out records whose parent is not there, and those below them."""
    children: defaultdict[str, list[str]] = defaultdict(list)
    for sourced, record in nouns.records.items():
        if record.parent:
            children[record.parent].append(sourced)
    orphans = [
        sourced
        for parent, ids in children.items()
        if parent not in nouns.records
        for sourced in ids
    ]
    while orphans:
        sourced = orphans.pop()
        del nouns.records[sourced]
        nouns.spoiled.add(sourced)
        problems.add(table.name, lines[sourced], column, code)
        orphans += children[sourced]
