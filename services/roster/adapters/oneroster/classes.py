"""courses.csv, classes.csv and enrollments.csv: who teaches what, and how many learn there."""

from __future__ import annotations

from collections import defaultdict

from services.roster.adapters.oneroster.archive import Archive
from services.roster.adapters.oneroster.records import read_records
from services.roster.adapters.oneroster.row import Row, Wrong
from services.roster.adapters.oneroster.table import Table
from services.roster.adapters.oneroster.users import Users
from services.roster.application.problems import Code
from services.roster.application.roster_file import ParsedRoster
from services.roster.domain.class_ import Class
from services.roster.domain.record import record_id

MOST_TEACHERS = 100  # of one class
MOST_TERMS = 50
MOST_LABELS = 30  # grades or subjects of one class
MOST_ENROLLMENTS = 5_000_000
_COURSES = ("sourcedId", "title", "orgSourcedId")
_CLASSES = (
    "sourcedId",
    "title",
    "courseSourcedId",
    "classType",
    "schoolSourcedId",
    "termSourcedIds",
)
_CLASSES_TOO = ("status", "grades", "subjects")
_ENROLLMENTS = ("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role")
_ENROLLMENTS_TOO = ("status", "beginDate", "endDate")
_ROLES = ("administrator", "proctor", "student", "teacher")


def read_courses(archive: Archive, into: ParsedRoster) -> set[str]:
    """The ids of the courses, to check what refers to them: nothing of a course is kept."""
    courses: set[str] = set()
    table = Table(archive, "courses.csv", _COURSES, ("status",))
    for row in table.rows(into.problems, lambda _, pieces: courses.update(pieces)):
        with table.reporting(row, into.problems):
            sourced = row.key("sourcedId")
            if sourced in courses:
                raise Wrong("sourcedId", Code.DUPLICATE)
            courses.add(sourced)
            row.text("title")
            _org(row, "orgSourcedId", into)
            if row.deleted():
                courses.discard(sourced)
    return courses


def read_classes(
    archive: Archive, district: str, courses: set[str] | None, into: ParsedRoster
) -> None:
    """Add the classes to `into`, without teachers and students. `courses` None: the file does
    not say which there are."""

    def make(row: Row, sourced: str) -> Class:
        title = row.text("title")
        with row.unkept():
            if row.key("courseSourcedId") not in (courses or ()) and courses is not None:
                raise Wrong("courseSourcedId", Code.UNKNOWN_COURSE)
        with row.unkept():
            row.choice("classType", ("homeroom", "scheduled"), ext=True)
        sessions = row.ids("termSourcedIds", MOST_TERMS)
        if any(each not in into.sessions.records for each in sessions):
            raise Wrong("termSourcedIds", Code.UNKNOWN_SESSION)
        return Class(
            id=record_id(district, "class", sourced),
            district=district,
            sourced_id=sourced,
            title=title,
            school=_org(row, "schoolSourcedId", into),
            teachers=(),
            student_count=0,
            sessions=sessions,
            school_year=max(into.sessions.records[each].school_year for each in sessions),
            grades=row.items("grades", MOST_LABELS),
            subjects=row.items("subjects", MOST_LABELS),
        )

    table = Table(archive, "classes.csv", _CLASSES, _CLASSES_TOO)
    read_records(table, into.classes, into.problems, make)


def read_enrollments(archive: Archive, today: str, users: Users, into: ParsedRoster) -> None:
    """Give the classes of `into` their teachers and their numbers of students: those whose
    enrollment has not ended by `today`, each once."""
    teachers: defaultdict[str, set[str]] = defaultdict(set)
    students: defaultdict[str, set[int]] = defaultdict(set)
    table = Table(archive, "enrollments.csv", _ENROLLMENTS, _ENROLLMENTS_TOO, MOST_ENROLLMENTS)
    for row in table.rows(into.problems):
        with table.reporting(row, into.problems):
            with row.unkept():
                row.key("sourcedId")
            if row.deleted():
                continue
            sourced = row.id("classSourcedId")
            if sourced not in into.classes.records:
                raise Wrong("classSourcedId", Code.UNKNOWN_CLASS)
            with row.unkept():
                _org(row, "schoolSourcedId", into)
            line = users.line(row, "userSourcedId")
            role = row.choice("role", _ROLES, code=Code.UNKNOWN_ROLE)
            _, ends = row.days("beginDate", "endDate")
            if ends and ends <= today:
                continue
            if role == "student":
                students[sourced].add(line)
            elif role == "teacher":
                _add_teacher(row, teachers[sourced], into)
    for sourced, each in into.classes.records.items():
        each.teachers = tuple(sorted(teachers[sourced]))
        each.student_count = len(students[sourced])


def _org(row: Row, column: str, into: ParsedRoster) -> str:
    org = row.id(column)
    if org not in into.orgs.records and org not in into.orgs.spoiled:
        raise Wrong(column, Code.UNKNOWN_ORG)
    return org


def _add_teacher(row: Row, teachers: set[str], into: ParsedRoster) -> None:
    teacher = row.key("userSourcedId")
    if teacher not in into.people.records:
        raise Wrong("userSourcedId", Code.NOT_STAFF)
    if len(teachers) >= MOST_TEACHERS and teacher not in teachers:
        raise Wrong("userSourcedId", Code.TOO_MANY)
    teachers.add(teacher)
