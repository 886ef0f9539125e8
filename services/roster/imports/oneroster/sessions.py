"""academicSessions.csv: the district's school years and terms."""

from __future__ import annotations

from datetime import date

from services.access.school_year import school_year_of
from services.roster.academic_session.domain import AcademicSession
from services.roster.imports.oneroster.archive import Archive
from services.roster.imports.oneroster.records import check_parents, read_records
from services.roster.imports.oneroster.row import FIRST_YEAR, LAST_YEAR, CsvRow, WrongCell
from services.roster.imports.oneroster.table import CsvTable
from services.roster.imports.problems import RowCode
from services.roster.imports.roster_file import ParsedRoster
from services.roster.record import record_id

EARLIEST, LATEST = "2000-01-01", "2101-12-31"
LONGEST_DAYS = 2 * 366
_TYPES = ("gradingPeriod", "semester", "schoolYear", "term")
_COLUMNS = ("sourcedId", "title", "type", "startDate", "endDate", "schoolYear")
_COLUMNS_TOO = ("status", "dateLastModified", "parentSourcedId")
# Districts turn the year between June and the middle of August.
_FROM, _UNTIL = (6, 1), (8, 15)


def sessions_table(archive: Archive) -> CsvTable:
    return CsvTable(archive, "academicSessions.csv", _COLUMNS, _COLUMNS_TOO)


def read_sessions(archive: Archive, district: str, into: ParsedRoster) -> None:
    """A session whose school year cannot be that of its dates is reported and gets theirs."""
    table = sessions_table(archive)

    def make(row: CsvRow, id: str) -> AcademicSession:
        start, end = _dates(row)
        stated = row.year("schoolYear")
        school_year = _year(start, end, stated)
        if school_year != stated:
            row.remark("schoolYear", RowCode.YEAR_DIFFERS)
        return AcademicSession(
            id=record_id(district, "session", id),
            district=district,
            sourced_id=id,
            title=row.text("title"),
            type=row.choice("type", _TYPES, ext=True),
            start=start,
            end=end,
            school_year=school_year,
            parent=row.id("parentSourcedId", required=False),
        )

    read_records(table, into.sessions, into.problems, make)
    check_parents(table, into.sessions, into.problems, "parentSourcedId", RowCode.UNKNOWN_SESSION)


def _dates(row: CsvRow) -> tuple[str, str]:
    start, end = row.day("startDate"), row.day("endDate")
    for column, day in (("startDate", start), ("endDate", end)):
        if not EARLIEST <= day <= LATEST:
            raise WrongCell(column, RowCode.DATE_OUT_OF_RANGE)
    if end <= start:
        raise WrongCell("endDate", RowCode.END_BEFORE_START)
    if (date.fromisoformat(end) - date.fromisoformat(start)).days > LONGEST_DAYS:
        raise WrongCell("endDate", RowCode.SESSION_TOO_LONG)
    return start, end


def _year(start: str, end: str, stated: int) -> int:
    """The stated school year where the middle of the session can lie in it, else that of the
    middle: districts differ in when the year turns, and a summer may be of either."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    middle = first + (last - first) // 2
    if date(stated - 1, *_FROM) <= middle < date(stated, *_UNTIL):
        return stated
    year = school_year_of(middle)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise WrongCell("startDate", RowCode.DATE_OUT_OF_RANGE)
    return year
