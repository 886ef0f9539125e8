"""OneRoster files of districts as large as one likes: the same size gives the same bytes. They are
written a row at a time. Everybody is invented."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

NEEDED = ("orgs", "academicSessions", "users", "roles", "courses", "classes", "enrollments")
EPOCH = (2026, 1, 1, 0, 0, 0)
STAMP = "2026-08-01T06:00:00.000Z"


@dataclass(frozen=True)
class Size:
    """`staff`: of them all but a coach for 25 and an administrator teach. `seats`: classes of a
    student."""

    staff: int
    schools: int
    students: int
    classes: int
    seats: float = 4.3

    def seats_of(self, student: int) -> int:
        whole = int(self.seats)
        return whole + (student % 10 < round((self.seats - whole) * 10))


SIZES = {
    "small": Size(staff=400, schools=8, students=6_000, classes=1_200),
    "district": Size(staff=5_000, schools=100, students=80_000, classes=15_000),
    "city": Size(staff=77_000, schools=1_870, students=900_000, classes=230_000),
}


def write_roster(path: Path, size: Size, year: int) -> None:
    """A OneRoster 1.2 bulk zip, for the school year that ends in `year`."""
    tables = {
        "orgs": ("sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId", _orgs),
        "academicSessions": (
            "sourcedId,title,type,startDate,endDate,parentSourcedId,schoolYear",
            _sessions,
        ),
        "users": (
            "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName,email",
            _users,
        ),
        "roles": ("sourcedId,userSourcedId,roleType,role,orgSourcedId,beginDate,endDate", _roles),
        "courses": ("sourcedId,title,courseCode,orgSourcedId", _courses),
        "classes": (
            "sourcedId,title,grades,courseSourcedId,classType,schoolSourcedId,termSourcedIds,subjects",
            _classes,
        ),
        "enrollments": (
            "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,"
            "primary,beginDate,endDate",
            _enrollments,
        ),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        manifest = ["manifest.version,1.0", "oneroster.version,1.2"]
        manifest += [f"file.{each},bulk" for each in NEEDED]
        _file(archive, "manifest", "propertyName,value", manifest)
        for name, (header, rows) in tables.items():
            _file(archive, name, header, rows(size, year))


def _file(archive: zipfile.ZipFile, name: str, header: str, rows: Iterable[str]) -> None:
    info = zipfile.ZipInfo(f"{name}.csv", EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=False) as packed:
        text = io.TextIOWrapper(packed, "utf-8", newline="", write_through=False)
        text.write(f"{header}\r\n")
        text.writelines(f"{row}\r\n" for row in rows)
        text.detach().flush()


def _id(kind: str, number: int) -> str:
    """Of 26 characters, in no order, as a student information system's."""
    return f"{kind}{hashlib.blake2b(f'{kind}{number}'.encode(), digest_size=12).hexdigest()}"


def staff_id(number: int) -> str:
    return _id("p-", number)


def class_id(number: int) -> str:
    return _id("c-", number)


def student_id(number: int) -> str:
    return _id("s-", number)


def _school(number: int) -> str:
    return f"school-{number:04d}"


def _orgs(size: Size, year: int) -> Iterator[str]:
    yield f"district,active,{STAMP},District,district,,"
    for number in range(size.schools):
        yield f"{_school(number)},active,{STAMP},School {number},school,{number},district"


def _sessions(size: Size, year: int) -> Iterator[str]:
    yield f"year,Year,schoolYear,{year - 1}-07-01,{year}-07-01,,{year}"
    yield f"fall,Fall,term,{year - 1}-07-01,{year}-01-01,year,{year}"
    yield f"spring,Spring,term,{year}-01-01,{year}-07-01,year,{year}"


def _coach(number: int) -> bool:
    return number % 26 == 25


def _users(size: Size, year: int) -> Iterator[str]:
    for number in range(size.staff):
        each = staff_id(number)
        yield f"{each},active,{STAMP},true,{each},Given{number % 997},Family{number},{each}@d.test"
    for number in range(size.students):
        each = student_id(number)
        yield f"{each},active,{STAMP},true,{each},Student,{number},"


def _roles(size: Size, year: int) -> Iterator[str]:
    for number in range(size.staff):
        role = "ext:coach" if _coach(number) else "teacher"
        role = role if number else "districtAdministrator"
        org = _school(number % size.schools) if role == "teacher" else "district"
        yield f"{_id('r-', number)},{staff_id(number)},primary,{role},{org},,"
    for number in range(size.students):
        school = _school(number % size.schools)
        yield f"{_id('q-', number)},{student_id(number)},primary,student,{school},,"


def _courses(size: Size, year: int) -> Iterator[str]:
    return (f"course-{number},Course {number},K{number},district" for number in range(200))


def _classes(size: Size, year: int) -> Iterator[str]:
    for number in range(size.classes):
        school, grade = _school(number % size.schools), number % 12 + 1
        yield (
            f"{class_id(number)},Class {number % 500} of grade {grade},{grade:02d},"
            f'course-{number % 200},scheduled,{school},"fall,spring",Mathematics'
        )


def _enrollments(size: Size, year: int) -> Iterator[str]:
    teachers = [n for n in range(1, size.staff) if not _coach(n)]
    count = 0
    for number in range(size.classes):
        teacher = teachers[number % len(teachers)]
        yield _seat(count, number, number % size.schools, staff_id(teacher), "teacher,true")
        count += 1
    in_school = size.classes // size.schools
    for number in range(size.students):
        school, student = number % size.schools, student_id(number)
        for seat in range(size.seats_of(number)):
            place = (number // size.schools * 7 + seat * 13) % in_school
            yield _seat(count, place * size.schools + school, school, student, "student,")
            count += 1


def _seat(count: int, number: int, school: int, user: str, role: str) -> str:
    of_row = f"e-{count:014d},active,{STAMP}"
    return f"{of_row},{class_id(number)},{_school(school)},{user},{role},,"
