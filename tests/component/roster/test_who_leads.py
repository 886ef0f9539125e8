"""Who leads a class that several teach, when and where it is taught: what the roster says, and
nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from services.roster.came import leading
from services.roster.class_.domain import Class
from services.roster.imports.cases import Report
from tests.support.roster_changes import changes
from tests.support.roster_files import Files, Service, good_files

LEADS, HELPS = "e1,class-1,school-1,teacher-1,teacher,true", "class-1,school-1,teacher-2,teacher,"


@pytest.fixture
async def service() -> Service:
    service = Service()
    await service.load(with_rooms())
    await service.published()
    return service


def with_rooms(room: str = "Room 12", code: str = "4A-M") -> Files:
    files = good_files()
    first, *rows = files["classes.csv"].splitlines()
    said = [f'{rows[0]},{code},"1, Mon-3",{room}', f"{rows[1]},,,"]
    files["classes.csv"] = "\n".join([f"{first},classCode,periods,location", *said, ""])
    return files


def enrolled(*edits: tuple[str, str]) -> Files:
    files = with_rooms()
    for old, new in edits:
        assert files["enrollments.csv"].count(old) == 1, old
        files["enrollments.csv"] = files["enrollments.csv"].replace(old, new)
    return files


async def stored(service: Service, sourced: str = "class-1") -> Class:
    page = await service.ports.imports.classes.find("north", {}, "", 100)
    return next(each for each in page.items if each.sourced_id == sourced)


async def leads(service: Service, sourced: str = "class-1") -> tuple[str, ...]:
    return (await stored(service, sourced)).leads


def codes(report: Report) -> list[tuple[str, str]]:
    return [(each.column, each.code.value) for each in report.problems.listed]


async def test_of_two_teachers_the_primary_one_leads(service: Service) -> None:
    found = await stored(service)
    assert found.teachers == ("teacher-1", "teacher-2")
    assert found.leads == ("teacher-1",)
    assert (found.code, found.periods, found.location) == ("4A-M", ("1", "Mon-3"), "Room 12")
    other = await stored(service, "class-2")
    assert (other.code, other.periods, other.location) == ("", (), "")


async def test_another_one_leads_from_the_file_on_that_says_so(service: Service) -> None:
    moved = enrolled((LEADS, LEADS.replace("true", "false")), (f"{HELPS}false", f"{HELPS}TRUE"))
    report = await service.load(moved)
    assert await leads(service) == ("teacher-2",)
    assert report.problems.count == 0
    assert await service.published() == [
        ("ClassUpserted", ("north:teacher-1", "north:teacher-2")),
    ]
    assert (await service.load(moved)).counts["classes"].changed == 0


async def test_nobody_leads_where_the_file_does_not_say(service: Service) -> None:
    await service.load(enrolled((LEADS, LEADS.replace("true", ""))))
    assert await leads(service) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LEADS, LEADS.replace("true", "perhaps")),
        (LEADS, LEADS.replace("teacher,", "guru,")),
        (LEADS, LEADS.replace("teacher-1", "techer-1")),
        (LEADS, LEADS.replace("class-1", "clas-1")),
    ],
)
async def test_a_wrong_row_leaves_her_lead(service: Service, old: str, new: str) -> None:
    report = await service.load(enrolled((old, new)))
    found = await stored(service)
    assert (found.teachers, found.leads) == (("teacher-1", "teacher-2"), ("teacher-1",))
    assert report.problems.count == 1
    assert await service.published() == []


async def test_whether_a_teacher_leads_may_be_unreadable_and_she_teaches_all_the_same() -> None:
    service = Service()
    report = await service.load(enrolled((LEADS, LEADS.replace("true", "perhaps"))))
    assert codes(report) == [("primary", "bad_value")]
    found = await stored(service)
    assert (found.teachers, found.leads) == (("teacher-1", "teacher-2"), ())


async def test_a_class_that_is_held_back_keeps_who_leads_it(service: Service) -> None:
    lost = "e6,class-2,school-1,teacher-2,teacher,true,,\n"
    report = await service.load(enrolled((lost, "")))
    assert codes(report) == [("sourcedId", "class_loses_teacher")]
    assert await leads(service, "class-2") == ("teacher-2",)


async def test_who_leaves_leads_no_more(service: Service) -> None:
    await service.load(enrolled((f"{LEADS},,", f"{LEADS},,2026-09-01")))
    found = await stored(service)
    assert (found.teachers, found.leads) == (("teacher-2",), ())


@pytest.mark.parametrize(
    ("row", "after"),
    [
        ("e2,active,,class-1,school-1,teacher-2,teacher,true,,", ("teacher-1", "teacher-2")),
        ("e1,active,,class-1,school-1,teacher-1,teacher,false,,", ()),
        ("e1,active,,class-1,school-1,teacher-1,teacher,perhaps,,", ("teacher-1",)),
        ("e1,tobedeleted,,class-1,school-1,teacher-1,teacher,true,,", ()),
        ("e2,tobedeleted,,class-1,school-1,teacher-2,teacher,,,", ("teacher-1",)),
    ],
)
async def test_a_file_of_changes_changes_whom_it_names(
    service: Service, row: str, after: tuple[str, ...]
) -> None:
    await service.load(changes(enrollments=row))
    assert await leads(service) == after


async def test_what_cannot_be_kept_leaves_the_class_as_it_is(service: Service) -> None:
    report = await service.load(with_rooms(room="R" * 201))
    assert codes(report) == [("location", "too_long")]
    assert (await stored(service)).location == "Room 12"


async def test_nothing_is_derived_from_other_columns() -> None:
    """Without `primary` nobody is said to lead, whoever is the first or the only one."""
    files = good_files()
    rows = [each.split(",") for each in files["enrollments.csv"].splitlines()]
    files["enrollments.csv"] = "\n".join(",".join([*row[:5], *row[6:]]) for row in rows) + "\n"
    service = Service()
    assert (await service.load(files)).problems.count == 0
    assert [await leads(service, each) for each in ("class-1", "class-2")] == [(), ()]


MERGES: list[tuple[Any, ...]] = [
    # leads, who is named now, the record that was named, the one that is named in its place
    (("a",), ("b", "c"), "a", "b", ("b",)),
    (("c",), ("b", "c"), "a", "b", ("c",)),
    (("a", "b"), ("b",), "a", "b", ("b",)),
    (("b",), ("a", "b"), "b", "a", ("b",)),
    (("b",), ("a",), "b", "a", ("a",)),
    ((), ("a",), "b", "a", ()),
]


@pytest.mark.parametrize(("before", "named", "source", "target", "after"), MERGES)
def test_two_records_of_one_person_lead_what_either_led(
    before: tuple[str, ...],
    named: tuple[str, ...],
    source: str,
    target: str,
    after: tuple[str, ...],
) -> None:
    assert leading(before, named, source, target) == after
