"""courses.csv and classes.csv: what is taught where and when."""

from __future__ import annotations

from services.roster.class_.domain import Class
from services.roster.imports.oneroster.archive import Archive
from services.roster.imports.oneroster.records import read_records
from services.roster.imports.oneroster.row import CsvRow, WrongCell
from services.roster.imports.oneroster.table import CsvTable, Malformed
from services.roster.imports.problems import NoteCode, RowCode
from services.roster.imports.roster_file import ParsedRoster
from services.roster.record import record_id

MOST_TERMS = 50
MOST_LABELS = 30  # grades, subjects or periods of one class
MOST_PIECES = 500_000  # of wrong rows of courses.csv, each perhaps the id of one
_NO_SCHOOLS = ("department", "district", "local", "state", "national")
_COURSES = ("sourcedId", "title", "orgSourcedId")
_CLASSES = (
    "sourcedId",
    "title",
    "courseSourcedId",
    "classType",
    "schoolSourcedId",
    "termSourcedIds",
)
_CLASSES_TOO = (
    *("status", "dateLastModified", "grades", "subjects"),
    *("classCode", "periods", "location"),
)


def courses_table(archive: Archive) -> CsvTable:
    return CsvTable(archive, "courses.csv", _COURSES, ("status",))


def classes_table(archive: Archive) -> CsvTable:
    return CsvTable(archive, "classes.csv", _CLASSES, _CLASSES_TOO)


def read_courses(archive: Archive, into: ParsedRoster) -> set[str]:
    """The ids of the courses, to check what refers to them: nothing of a course is kept."""
    courses: set[str] = set()
    table = courses_table(archive)

    def malformed(row: Malformed) -> None:
        if len(courses) < MOST_PIECES:
            courses.update(row.pieces)

    for row in table.rows(into.problems, malformed):
        with table.reporting(row, into.problems):
            sourced = row.key("sourcedId")
            if sourced in courses:
                raise WrongCell("sourcedId", RowCode.DUPLICATE)
            courses.add(sourced)
            row.text("title")
            _org(row, "orgSourcedId", into)
            if row.deleted(delta=False):
                courses.discard(sourced)
    return courses


def read_classes(
    table: CsvTable, district: str, courses: set[str] | None, into: ParsedRoster
) -> None:
    """Add the classes to `into`, without teachers, students and years. `courses` None: the file
    does not say which there are."""

    def make(row: CsvRow, sourced: str) -> Class:
        title = row.text("title")
        with row.unkept():
            if row.key("courseSourcedId") not in (courses or ()) and courses is not None:
                raise WrongCell("courseSourcedId", RowCode.UNKNOWN_COURSE)
        with row.unkept():
            row.choice("classType", ("homeroom", "scheduled"), ext=True)
        sessions = row.ids("termSourcedIds", MOST_TERMS)
        if not all(map(into.sessions.named, sessions)):
            raise WrongCell("termSourcedIds", RowCode.UNKNOWN_SESSION)
        return Class(
            id=record_id(district, "class", sourced),
            district=district,
            sourced_id=sourced,
            title=title,
            school=_school(row, into),
            teachers=(),
            student_count=0,
            sessions=sessions,
            school_year=0,
            grades=row.items("grades", MOST_LABELS),
            subjects=row.items("subjects", MOST_LABELS),
            code=row.text("classCode", required=False),
            periods=row.items("periods", MOST_LABELS),
            location=row.text("location", required=False),
        )

    read_records(table, into.classes, into.problems, make)


def _school(row: CsvRow, into: ParsedRoster) -> str:
    school = _org(row, "schoolSourcedId", into)
    org = into.orgs.records.get(school)
    if org is not None and org.type in _NO_SCHOOLS:
        row.noted.add(("schoolSourcedId", NoteCode.NOT_A_SCHOOL))
    return school


def _org(row: CsvRow, column: str, into: ParsedRoster) -> str:
    org = row.id(column)
    if not into.orgs.named(org):
        raise WrongCell(column, RowCode.UNKNOWN_ORG)
    return org
