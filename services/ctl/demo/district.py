"""The demo district: a OneRoster 1.2 bulk zip made from a fixed seed.

The same size, district and school year always give the same bytes. Everyone in it is
invented. Two districts share their ids on purpose, so that isolation can be seen.
"""

from __future__ import annotations

import csv
import io
import math
import random
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.ctl.demo.names import FAMILY, GIVEN

SEED = 20260817
PER_COACH = 25
GRADES = ("KG", "01", "02", "03", "04", "05", "06", "07", "08")
SUBJECTS = ("Mathematics", "English Language Arts", "Science", "Social Studies")
FILES = (
    "academicSessions", "categories", "classes", "classResources", "courses", "courseResources",
    "demographics", "enrollments", "lineItemLearningObjectiveIds", "lineItems",
    "lineItemScoreScales", "orgs", "resources", "resultLearningObjectiveIds", "results",
    "resultScoreScales", "roles", "scoreScales", "userProfiles", "userResources", "users",
)  # fmt: skip
EPOCH = (2026, 1, 1, 0, 0, 0)

Row = Sequence[object]


ADMIN = "admin-01"  # of each demo district


@dataclass(frozen=True)
class Shape:
    """How large a district is. Every coach has PER_COACH teachers, the last one the rest."""

    name: str
    schools: int
    teachers: int
    coaches: int
    seed: int = SEED

    @property
    def classes(self) -> int:
        return self.teachers * 2


LAKEWOOD = Shape("Lakewood Public Schools", schools=12, teachers=300, coaches=12)
BROOKFIELD = Shape("Brookfield District", schools=2, teachers=10, coaches=1, seed=SEED + 1)


def scaled(teachers: int) -> Shape:
    """Lakewood with as many teachers. A larger one holds the smaller: everybody of it, with
    the same coach and the same classes."""
    units = math.ceil(teachers / PER_COACH)
    return Shape(LAKEWOOD.name, schools=units, teachers=teachers, coaches=units)


def teacher_id(number: int) -> str:
    """Numbers count from 1."""
    return f"teacher-{number:04d}"


def coach_id(number: int) -> str:
    return f"coach-{number:02d}"


def class_ids(teacher: int) -> tuple[str, str]:
    """The two classes of a teacher."""
    return f"class-{teacher * 2 - 1:04d}", f"class-{teacher * 2:04d}"


def teachers_of(shape: Shape, coach: int) -> range:
    """The numbers of the teachers whom a coach works with."""
    return range((coach - 1) * PER_COACH + 1, min(coach * PER_COACH, shape.teachers) + 1)


def build_district(shape: Shape, school_year: int) -> bytes:
    """The zip of a district for the school year that ends in `school_year`."""
    chance = random.Random(f"{shape.seed}:{shape.teachers}:{school_year}")  # noqa: S311 - made up, not secret
    staff, roles = _staff(shape, chance)
    students, enrollments, classes = _classes(shape, chance, school_year)
    roles += [
        (f"role-{student[0]}", student[0], "primary", "student", school)
        for student, school in students
    ]
    tables: dict[str, tuple[str, Iterable[Row]]] = {
        "orgs": ("sourcedId,name,type,identifier,parentSourcedId", _orgs(shape)),
        "academicSessions": (
            "sourcedId,title,type,startDate,endDate,parentSourcedId,schoolYear",
            _sessions(school_year),
        ),
        "courses": (
            "sourcedId,title,courseCode,orgSourcedId",
            [(f"course-{i}", each, f"C{i}", "district") for i, each in enumerate(SUBJECTS, 1)],
        ),
        "classes": (
            "sourcedId,title,grades,courseSourcedId,classType,schoolSourcedId,termSourcedIds,subjects",
            classes,
        ),
        "users": (
            "sourcedId,enabledUser,username,givenName,familyName",
            [*staff, *(student for student, _ in students)],
        ),
        "roles": ("sourcedId,userSourcedId,roleType,role,orgSourcedId", roles),
        "enrollments": (
            "sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,primary",
            enrollments,
        ),
    }
    return _zip(tables)


def _orgs(shape: Shape) -> list[Row]:
    schools = [
        (f"school-{i:02d}", f"School {i:02d}", "school", "", "district")
        for i in range(1, shape.schools + 1)
    ]
    return [("district", shape.name, "district", "", ""), *schools]


def _sessions(year: int) -> list[Row]:
    """A year-round calendar, so that a demo of any day of the year falls into a term, and
    so do the weeks before it. End dates are exclusive."""
    whole, before = f"year-{year}", year - 1
    terms = (
        ("summer", "Summer", f"{before}-04-27", f"{before}-08-17"),
        ("fall", "Fall", f"{before}-08-17", f"{before}-12-21"),
        ("winter", "Winter", f"{before}-12-21", f"{year}-03-29"),
        ("spring", "Spring", f"{year}-03-29", f"{year}-07-01"),
    )
    return [
        (whole, f"{before}-{year}", "schoolYear", terms[0][2], terms[-1][3], "", year),
        *(
            (f"{name}-{year}", title, "term", starts, ends, whole, year)
            for name, title, starts, ends in terms
        ),
    ]


def _school(shape: Shape, teacher: int) -> str:
    return f"school-{(teacher - 1) % shape.schools + 1:02d}"


def _staff(shape: Shape, chance: random.Random) -> tuple[list[Row], list[Row]]:
    people = [(teacher_id(i), "teacher", _school(shape, i)) for i in range(1, shape.teachers + 1)]
    people += [(coach_id(i), "ext:coach", "district") for i in range(1, shape.coaches + 1)]
    people += [
        (f"leader-{i:02d}", "principal", f"school-{i:02d}") for i in range(1, shape.schools + 1)
    ]
    people.append((ADMIN, "districtAdministrator", "district"))
    users: list[Row] = [
        (person, "true", person, chance.choice(GIVEN), chance.choice(FAMILY))
        for person, _, _ in people
    ]
    roles: list[Row] = [
        (f"role-{person}", person, "primary", role, org) for person, role, org in people
    ]
    # A few coaches still teach: roles add up.
    roles += [
        (f"role-{coach_id(i)}-teacher", coach_id(i), "secondary", "teacher", _school(shape, i))
        for i in range(1, shape.coaches + 1, 5)
    ]
    return users, roles


def _classes(
    shape: Shape, chance: random.Random, year: int
) -> tuple[list[tuple[Row, str]], list[Row], list[Row]]:
    students: list[tuple[Row, str]] = []
    enrollments: list[Row] = []
    classes: list[Row] = []
    terms = ",".join(f"{term}-{year}" for term in ("summer", "fall", "winter", "spring"))
    for teacher in range(1, shape.teachers + 1):
        school = _school(shape, teacher)
        for class_id in class_ids(teacher):
            number = int(class_id.rpartition("-")[2])
            subject = number % len(SUBJECTS)
            grade = chance.choice(GRADES)
            classes.append(
                (
                    class_id, f"{SUBJECTS[subject]} {grade}", grade, f"course-{subject + 1}",
                    "scheduled", school, terms, SUBJECTS[subject],
                )
            )  # fmt: skip
            enrollments.append(
                (f"e-{class_id}-t", class_id, school, teacher_id(teacher), "teacher", "true")
            )
            for seat in range(1, chance.randint(16, 28) + 1):
                student = f"student-{number:04d}-{seat:02d}"
                students.append(((student, "true", student, "Student", f"{number}-{seat}"), school))
                enrollments.append(
                    (f"e-{class_id}-{seat:02d}", class_id, school, student, "student", "")
                )
    return students, enrollments, classes


def _zip(tables: dict[str, tuple[str, Iterable[Row]]]) -> bytes:
    manifest: list[Row] = [("manifest.version", "1.0"), ("oneroster.version", "1.2")]
    manifest += [(f"file.{each}", "bulk" if each in tables else "absent") for each in FILES]
    manifest += [("source.systemName", "Tandem demo"), ("source.systemCode", "demo")]
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, header, rows in (
            ("manifest", "propertyName,value", manifest),
            *((name, header, rows) for name, (header, rows) in tables.items()),
        ):
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\r\n")
            writer.writerow(header.split(","))
            writer.writerows(rows)
            info = zipfile.ZipInfo(f"{name}.csv", EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text.getvalue())
    return whole.getvalue()
