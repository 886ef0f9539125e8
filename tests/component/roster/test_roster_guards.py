"""A file that says too little takes neither people from classes nor roles from people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.roster.imports import cases
from services.roster.imports.cases import Report
from services.roster.imports.plan import NounCounts
from services.roster.imports.problems import MOST_LISTED
from tests.support.roster_files import Files, Service, good_files

CLASSES, STUDENTS = 8, 12


def district(term: str = "term-1", prefix: str = "class", students: int = STUDENTS) -> Files:
    """Each class has its own teacher, and students of its own."""
    files = good_files()
    classes = files["classes.csv"].splitlines(True)[:1]
    enrolled = files["enrollments.csv"].splitlines(True)[:1]
    for each in range(CLASSES):
        teacher = f"lead-{each}"
        files["users.csv"] += f"{teacher},true,u,Given,Family,\n"
        files["roles.csv"] += f"rt{each},{teacher},primary,teacher,school-1,,\n"
        files["roles.csv"] += f"rp{each},{teacher},secondary,proctor,school-2,,\n"
        classes.append(f"{prefix}-{each},T,,,math,scheduled,school-1,{term}\n")
        enrolled.append(f"et{each},{prefix}-{each},school-1,{teacher},teacher,,,\n")
        for number in range(students):
            student = f"s{each}.{number}"
            files["users.csv"] += f"{student},true,u,Given,Family,\n"
            files["roles.csv"] += f"r{student},{student},primary,student,school-1,,\n"
            enrolled.append(f"e{student},{prefix}-{each},school-1,{student},student,,,\n")
    return {**files, "classes.csv": "".join(classes), "enrollments.csv": "".join(enrolled)}


ALL = {f"class-{each}": ((f"lead-{each}",), STUDENTS) for each in range(CLASSES)}


@dataclass
class Loaded:
    service: Service = field(default_factory=Service)

    async def load(self, files: Files, *, forced: bool = False) -> Report:
        return await self.service.load(files, allow_removals=forced)

    async def classes(self) -> dict[str, tuple[tuple[str, ...], int]]:
        found = (
            await self.service.ports.imports.classes.find("north", {"status": "active"}, "", 99)
        ).items
        return {each.sourced_id: (each.teachers, each.student_count) for each in found}

    async def roles(self) -> dict[str, list[str]]:
        found = (
            await self.service.ports.imports.people.find("north", {"status": "active"}, "", 99)
        ).items
        return {each.sourced_id: [role.role for role in each.roles] for each in found}


@pytest.fixture
async def loaded() -> Loaded:
    made = Loaded()
    report = await made.load(district())
    assert places(report) == []
    assert await made.classes() == ALL
    return made


def places(report: Report) -> list[tuple[str, int, str]]:
    return [(each.file, each.line, each.code.value) for each in report.problems.listed]


def lines(files: Files, name: str, keep: Callable[[str], Any]) -> Files:
    """The header, and the lines that are to be kept."""
    header, *rest = files[name].splitlines(True)
    return {**files, name: header + "".join(line for line in rest if keep(line))}


@pytest.mark.parametrize("left", [0, 1, 10])
async def test_a_cut_list_of_enrollments_takes_nobody(loaded: Loaded, left: int) -> None:
    files = district()
    cut = "".join(files["enrollments.csv"].splitlines(True)[: 1 + left])
    report = await loaded.load({**files, "enrollments.csv": cut})
    assert places(report) == [("enrollments.csv", 0, "too_many_leave")]
    said = report.problems.listed[0].reason
    assert f" of {CLASSES * (1 + STUDENTS)} places (" in said
    assert said.endswith(" %, at most 10 %).")
    assert report.stopped
    assert await loaded.classes() == ALL
    report = await loaded.load({**files, "enrollments.csv": cut}, forced=True)
    assert places(report) == []
    assert await loaded.classes() != ALL


async def test_a_class_that_would_lose_more_than_half_keeps_all(loaded: Loaded) -> None:
    files = lines(district(), "enrollments.csv", lambda line: "s1." not in line or "s1.1" in line)
    report = await loaded.load(files)
    assert places(report) == [("classes.csv", 3, "class_loses_people")]
    said = report.problems.listed[0].reason
    assert said.endswith(f"It would lose {STUDENTS - 3} of {STUDENTS + 1} people.")
    assert report.counts["classes"] == NounCounts(unchanged=CLASSES, held=1)
    assert not report.stopped
    assert await loaded.classes() == ALL
    await loaded.load(files, forced=True)
    assert await loaded.classes() == {**ALL, "class-1": (("lead-1",), 3)}


async def test_a_class_that_would_lose_less_loses_them(loaded: Loaded) -> None:
    files = lines(district(), "enrollments.csv", lambda line: "s1.1" not in line)
    assert places(await loaded.load(files)) == []
    assert await loaded.classes() == {**ALL, "class-1": (("lead-1",), 9)}


async def test_a_class_keeps_its_last_teacher(loaded: Loaded) -> None:
    files = lines(district(), "enrollments.csv", lambda line: not line.startswith("et2"))
    assert places(await loaded.load(files)) == [("classes.csv", 4, "class_loses_teacher")]
    assert await loaded.classes() == ALL
    await loaded.load(files, forced=True)
    assert await loaded.classes() == {**ALL, "class-2": ((), STUDENTS)}


async def test_another_teacher_takes_the_place_of_the_last(loaded: Loaded) -> None:
    files = district()
    files["enrollments.csv"] = files["enrollments.csv"].replace(",lead-2,", ",lead-3,")
    assert places(await loaded.load(files)) == []
    assert await loaded.classes() == {**ALL, "class-2": (("lead-3",), STUDENTS)}


async def test_a_district_has_no_more_than_so_many_sessions(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "MOST_SESSIONS", 4)
    files = district()
    files["academicSessions.csv"] = files["academicSessions.csv"].replace("Autumn", "Fall")
    for number in range(3, 6):
        files["academicSessions.csv"] += f"term-{number},T,term,2026-08-01,2027-01-01,year,2027\n"
    report = await loaded.load(files, forced=True)
    assert places(report) == [("academicSessions.csv", 0, "too_many_records")]
    assert report.problems.listed[0].reason.endswith("It would be 2 more than 4.")
    assert report.counts["academic_sessions"] == NounCounts(created=1, changed=1, unchanged=2)
    sessions = loaded.service.ports.imports.sessions
    assert len((await sessions.find("north", {}, "", 99)).items) == 4


async def test_who_leaves_the_roster_leaves_her_class(loaded: Loaded) -> None:
    files = district()
    for name in ("users.csv", "roles.csv", "enrollments.csv"):
        files = lines(files, name, lambda line: "lead-2," not in line)
    assert places(await loaded.load(files)) == []
    assert await loaded.classes() == {**ALL, "class-2": ((), STUDENTS)}


@pytest.mark.parametrize("dates", [",2026-10-04", "2026-10-06,"])
async def test_enrollments_that_are_over_or_have_not_begun_do_not_count(
    loaded: Loaded, dates: str
) -> None:
    files = district()
    for who in ("lead-1", *(f"s1.{number}" for number in range(STUDENTS))):
        role = "teacher" if who == "lead-1" else "student"
        old, new = f",{who},{role},,,\n", f",{who},{role},,{dates}\n"
        files["enrollments.csv"] = files["enrollments.csv"].replace(old, new)
    assert places(await loaded.load(files)) == []
    assert await loaded.classes() == {**ALL, "class-1": ((), 0)}
    await loaded.load(district())
    assert await loaded.classes() == ALL


async def test_a_class_whose_term_is_over_loses_its_people_and_ends_quietly(
    loaded: Loaded,
) -> None:
    loaded.service.clock.forward(days=100)
    files = district()
    files["enrollments.csv"] = files["enrollments.csv"].splitlines(True)[0]
    assert places(await loaded.load(files)) == []
    assert await loaded.classes() == dict.fromkeys(ALL, ((), 0))
    report = await loaded.load(district(term="term-2", prefix="next"))
    assert places(report) == []
    assert report.counts["classes"] == NounCounts(created=CLASSES, removed=CLASSES)
    assert (await loaded.classes()).keys() == {f"next-{each}" for each in range(CLASSES)}


async def test_what_was_held_back_is_listed_before_wrong_rows_however_many(loaded: Loaded) -> None:
    files = district(prefix="next")
    files["orgs.csv"] += "x,nowhere,X,no\n" * (MOST_LISTED + 1)
    report = await loaded.load(files)
    assert len(report.problems.listed) == MOST_LISTED
    assert places(report)[0] == ("classes.csv", 0, "too_many_removals")
    assert report.problems.count == MOST_LISTED + 2


async def test_a_change_of_all_classes_within_a_term_is_held(loaded: Loaded) -> None:
    report = await loaded.load(district(prefix="next"))
    assert places(report) == [("classes.csv", 0, "too_many_removals")]
    assert report.problems.listed[0].reason.endswith("It would be 8 of 8 (100 %, at most 10 %).")
    assert report.counts["classes"] == NounCounts(created=CLASSES, removed=CLASSES)
    assert await loaded.classes() == ALL
    await loaded.load(district(prefix="next"), forced=True)
    assert (await loaded.classes()).keys() == {f"next-{each}" for each in range(CLASSES)}


async def test_terms_that_are_over_stay_unless_forced_or_marked(loaded: Loaded) -> None:
    loaded.service.clock.forward(days=100)
    files = lines(
        district(term="term-2"), "academicSessions.csv", lambda line: not line.startswith("term-1")
    )
    report = await loaded.load(files)
    assert (places(report), report.counts["academic_sessions"]) == ([], NounCounts(unchanged=2))
    marked = district(term="term-2")
    marked["academicSessions.csv"] = (
        marked["academicSessions.csv"]
        .replace("sourcedId,", "sourcedId,status,")
        .replace("year,Year", "year,,Year")
        .replace("term-1,", "term-1,tobedeleted,")
        .replace("term-2,", "term-2,,")
    )
    report = await loaded.load(marked)
    assert (places(report), report.counts["academic_sessions"]) == (
        [],
        NounCounts(unchanged=2, removed=1),
    )


async def test_a_cut_list_of_roles_takes_none(loaded: Loaded) -> None:
    before = await loaded.roles()
    report = await loaded.load(lines(district(), "roles.csv", lambda line: False))
    assert {code for _, _, code in places(report)} == {"no_role"}
    assert report.counts["people"] == NounCounts(rejected=7 + CLASSES * (1 + STUDENTS))
    assert (await loaded.roles(), await loaded.classes()) == (before, ALL)


async def test_roles_that_are_dropped_end(loaded: Loaded) -> None:
    files = lines(district(), "roles.csv", lambda line: not line.startswith("rp2"))
    assert places(await loaded.load(files)) == []
    assert (await loaded.roles())["lead-2"] == ["teacher"]


async def test_too_many_lost_roles_are_told_once() -> None:
    made = Loaded()
    files = district()
    for each in range(9):
        files["users.csv"] += f"p{each},true,u,Given,Family,\n"
        files["roles.csv"] += f"a{each},p{each},primary,aide,school-1,,\n"
        files["roles.csv"] += f"b{each},p{each},secondary,proctor,school-2,,\n"
    await made.load(files)
    before = await made.roles()
    fewer = lines(files, "roles.csv", lambda line: not line.startswith("b"))
    report = await made.load(fewer)
    assert places(report) == [("roles.csv", 0, "too_many_roles_lost")]
    assert report.problems.listed[0].reason.endswith(
        "It would be 9 of 21 people (43 %, at most 10 %)."
    )
    assert await made.roles() == before
    assert places(await made.load(fewer, forced=True)) == []
    assert (await made.roles())["p1"] == ["aide"]
