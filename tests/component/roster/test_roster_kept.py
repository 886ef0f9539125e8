"""What a wrong row speaks of stays as it is stored: whatever is wrong in it, in every file."""

from __future__ import annotations

from typing import Any

import pytest

from services.roster.imports.cases import Report
from tests.support.roster_files import Files, Service, edited, good_files

# what stands in the good files, and what stands there instead
WRONG: dict[str, list[tuple[str, str]]] = {
    "enrollments.csv": [
        ("e1,class-1,school-1,teacher-1,teacher", "e1,class-1,school-1,teacher-1,guru"),
        ("e1,class-1,school-1,teacher-1,teacher", "e1,class-1,school-1,teacher-1,"),
        ("e1,class-1,school-1,teacher-1", "e1,clas-1,school-1,teacher-1"),
        ("e1,class-1,school-1,teacher-1", "e1,,school-1,teacher-1"),
        ("e1,class-1,school-1,teacher-1", "e1,cl$ss,school-1,teacher-1"),
        ("e1,class-1,school-1,teacher-1", "e1,class-1,school-1,techer-1"),
        ("e1,class-1,school-1,teacher-1", "e1,class-1,school-1,"),
        ("e1,class-1,school-1,teacher-1", "e1,class-1,school-1,te$cher"),
        ("e1,class-1,school-1,teacher-1", "e1,clas-1,school-1,techer-1"),
        ("e1,class-1,school-1,teacher-1,teacher", "e1,$,school-1,$,$"),
        ("e1,class-1,school-1,teacher-1", "e1,class-2,class-1,school-1,teacher-1"),
        ("e1,class-1,school-1,teacher-1", 'e1,class-1,"school-1,teacher-1'),
        ("e1,class-1,school-1,teacher-1,teacher,true,,", "e1"),
        ("e1,class-1,school-1,teacher-1,teacher,true,,", '"'),
        ("teacher-1,teacher,true,,", "teacher-1,teacher,true,,soon"),
        ("teacher-1,teacher,true,,", "teacher-1,teacher,true,2026-09-01,2026-08-01"),
        ("e6,class-2,school-1,teacher-2", "e6,class-3,school-1,teacher-2"),
        ("e4,class-1,school-1,student-2,student", "e4,class-1,school-1,student-2,pupil"),
        ("e4,class-1,school-1,student-2", "e4,clas-1,school-1,student-2"),
        ("e4,class-1,school-1,student-2", "e4,$,school-1,student-2"),
        ("e4,class-1,school-1,student-2", "e4,class-1,school-1,stu-2"),
        ("e4,class-1,school-1,student-2", "e4,class-1,school-1,"),
        ("e4,class-1,school-1,student-2,student", 'e4,class-1,"school-1,student-2,student'),
        ("e4,class-1,school-1,student-2,student", "e4,student-2,student"),
        ("student-2,student,,,2027-01-01", "student-2,student,,,2027-02-30"),
    ],
    "users.csv": [
        ("teacher-1,true", "teacher-1,perhaps"),
        ("teacher-1,true", "teacher-1,"),
        ("teacher-1,true", "teacher:1,true"),
        ("teacher-1,true", ",true"),
        ("t1,Ann,Able,Annie", "t1,Ann,,Annie"),
        ("t1,Ann,Able,Annie", "t1,Ann,Able"),
        ("t1,Ann,Able,Annie", 't1,"Ann,Able,Annie'),
        ("teacher-1,true,t1,Ann,Able,Annie", '"teacher-1,true,t1,Ann,Able,Annie'),
        ("teacher-1,true,t1,Ann,Able,Annie", '"'),
        ("t1,Ann,Able,Annie", f"t1,Ann,Able,{'A' * 201}"),
    ],
    "roles.csv": [
        ("r1,teacher-1,primary,teacher", "r1,teacher-1,primary,guru"),
        ("r1,teacher-1,primary,teacher", "r1,teacher-1,first,teacher"),
        ("r1,teacher-1,primary,teacher,school-1,,", "r1,teacher-1,primary,teacher,school-9,,"),
        ("r1,teacher-1,primary,teacher,school-1,,", "r1,teacher-1,primary,teacher,,,"),
        ("r1,teacher-1,primary,teacher,school-1,,", "r1,teacher-1,primary,teacher,school-1,x,"),
        ("r1,teacher-1", "r1,techer-1"),
        ("r1,teacher-1", "r1,"),
        ("r1,teacher-1,primary,teacher", "r1,techer-1,primary,"),
        ("r1,teacher-1,primary", 'r1,teacher-1,"primary'),
        ("r1,teacher-1,primary,teacher,school-1,,", "r1,teacher-1,teacher"),
        ("r1,teacher-1,primary,teacher,school-1,,", '"'),
        ("r2,teacher-1,secondary,ext:coach", "r2,teacher-1,secondary,coach"),
        ("r2,teacher-1", "r2,techer-1"),
        ("r3,teacher-2,primary,teacher", "r3,teacher-2,primary,guru"),
        ("r3,teacher-2,primary,teacher,school-1,,\n", ""),
        ("r3,teacher-2", "r3,techer-2"),
        ("2026-08-01,2027-07-01", "2026-08-01,2025-07-01"),
    ],
    "classes.csv": [
        ("class-1,Math 4a", "class-1,"),
        ("class-1,Math 4a", "class-1"),
        ("class-1,Math 4a", 'class-1,"Math 4a'),
        ("class-1,Math 4a", "class:1,Math 4a"),
        ("class-1,Math 4a", ",Math 4a"),
        ('"term-1,term-2"', "term-9"),
        ("homeroom,school-1,term-1", "homeroom,school-9,term-1"),
    ],
    "academicSessions.csv": [
        ("term-1,Autumn", "term-1,"),
        ("term-1,Autumn", "term-1,Autumn,"),
        ("term-1,Autumn", "term:1,Autumn"),
        ("term-1,Autumn", '"term-1,Autumn'),
        ("2027-01-01,year", "2025-01-01,year"),
        ("year,Year", "year,"),
        ("2026-08-01,2027-07-01,,2027", "2026-08-01,2027-07-01,,27"),
    ],
    "orgs.csv": [
        ("school-1,,", "school-1,gone,"),
        ("school-1,,", "school-1,,,"),
        ("school-1,,", '"school-1,,'),
        ("school-1,,", "school:1,,"),
        ("district,,North", "district,,"),
    ],
}
CASES = [(file, *case) for file, cases in WRONG.items() for case in cases]


async def stored(service: Service) -> Any:
    """All records of the district as they are stored."""
    paths = service.ports.imports
    return [
        {each.sourced_id: each.stated() for each in (await path.find("north", {}, "", 99)).items}
        for path in (paths.orgs, paths.sessions, paths.people, paths.classes)
    ]


def codes(report: Report) -> list[tuple[str, str]]:
    return [(each.file, each.code.value) for each in report.problems.listed]


@pytest.mark.parametrize(("file", "old", "new"), CASES)
async def test_a_wrong_row_takes_nothing(file: str, old: str, new: str) -> None:
    service = Service()
    await service.load(good_files())
    before = await stored(service)
    report = await service.load(edited(file, old, new))
    assert report.problems.count > 0
    assert await stored(service) == before


def again(*edits: tuple[str, str, str]) -> Files:
    files = good_files()
    for file, old, new in edits:
        assert files[file].count(old) == 1, old
        files[file] = files[file].replace(old, new)
    return files


async def teachers(service: Service) -> dict[str, tuple[str, ...]]:
    classes = (await service.ports.imports.classes.find("north", {}, "", 99)).items
    return {each.sourced_id: each.teachers for each in classes}


async def test_who_is_not_in_the_wrong_row_leaves() -> None:
    service = Service()
    await service.load(good_files())
    wrong = ("enrollments.csv", "teacher-1,teacher,true", "teacher-1,guru,true")
    gone = ("enrollments.csv", "e2,class-1,school-1,teacher-2,teacher,false,,\n", "")
    await service.load(again(wrong, gone))
    assert (await teachers(service))["class-1"] == ("teacher-1",)


async def test_good_rows_beside_a_wrong_one_count() -> None:
    service = Service()
    await service.load(good_files())
    wrong = ("enrollments.csv", "teacher-1,teacher,true", "teacher-1,guru,true")
    more = (
        "enrollments.csv",
        "e8,class-2,school-1,coach-1,administrator",
        "e8,class-1,school-1,coach-1,teacher",
    )
    await service.load(again(wrong, more))
    assert (await teachers(service))["class-1"] == ("coach-1", "teacher-1", "teacher-2")


async def test_wrong_rows_hold_no_more_students_than_they_may_be_of() -> None:
    files = good_files()
    for number in range(3, 21):
        files["users.csv"] += f"student-{number},true,s,C,S,\n"
        files["roles.csv"] += f"r-{number},student-{number},primary,student,school-1,,\n"
        files["enrollments.csv"] += f"x{number},class-1,school-1,student-{number},student,,,\n"
    service = Service()
    await service.load(files)
    files["enrollments.csv"] = files["enrollments.csv"].replace("-3,student,", "-3,pupil,")
    for number in (4, 5, 6):
        row = f"x{number},class-1,school-1,student-{number},student,,,\n"
        files["enrollments.csv"] = files["enrollments.csv"].replace(row, "")
    await service.load(files)
    kept = await service.ports.imports.classes.get("north", "north/class/class-1")
    assert kept.student_count == 17


async def test_a_user_whose_row_is_wrong_may_teach_one_class_more() -> None:
    service = Service()
    await service.load(good_files())
    wrong = ("users.csv", "teacher-1,true", "teacher-1,perhaps")
    more = ("enrollments.csv", "e8,class-2,school-1,coach-1,administrator,,,", MORE)
    await service.load(again(wrong, more))
    assert (await teachers(service))["class-2"] == ("teacher-1", "teacher-2")


MORE = "e8,class-2,school-1,teacher-1,teacher,,,"


async def test_a_user_who_is_not_stored_teaches_nothing_yet() -> None:
    service = Service()
    wrong = ("users.csv", "teacher-1,true", "teacher-1,perhaps")
    await service.load(again(wrong))
    assert (await teachers(service))["class-1"] == ("teacher-2",)


@pytest.mark.parametrize(
    "edit",
    [
        ("users.csv", "teacher-1,true", "teacher-1,false"),
        ("roles.csv", "r1,teacher-1,primary,teacher", "r1,teacher-1,primary,student"),
    ],
)
async def test_what_the_file_does_say_is_taken(edit: tuple[str, str, str]) -> None:
    service = Service()
    await service.load(good_files())
    coach = ("roles.csv", "r2,teacher-1,secondary,ext:coach", "r2,teacher-1,secondary,ext:cook")
    report = await service.load(again(edit, coach), allow_removals=True)
    assert codes(report) == [("enrollments.csv", "not_staff")]
    assert (await teachers(service))["class-1"] == ("teacher-2",)


async def test_a_role_of_the_districts_own_beside_another_is_no_problem() -> None:
    service = Service()
    await service.load(good_files())
    before = await stored(service)
    files = good_files()
    files["roles.csv"] += "r10,parent-1,secondary,ext:librarian,school-1,,\n"
    report = await service.load(files)
    assert codes(report) == []
    assert await stored(service) == before


@pytest.mark.parametrize("wrong", ["second", "", '"secondary'])
async def test_a_wrong_row_takes_no_role_of_the_districts_own(wrong: str) -> None:
    """By it she may lead, and whom she coaches has to know."""
    row = "r10,teacher-2,{},ext:assistantPrincipal,school-1,,\n"
    service, files = Service(), good_files()
    files["roles.csv"] += row.format("secondary")
    await service.load(files)
    before = await stored(service)
    files = good_files()
    files["roles.csv"] += row.format(wrong)
    assert (await service.load(files)).problems.count > 0
    assert await stored(service) == before
    await service.load(good_files())
    kept = await service.ports.imports.people.get("north", "north/person/teacher-2")
    assert [each.role for each in kept.roles] == ["teacher"]


async def test_a_role_that_no_wrong_row_may_be_of_ends() -> None:
    service = Service()
    await service.load(good_files())
    wrong = ("roles.csv", "r1,teacher-1,primary,teacher", "r1,teacher-1,first,teacher")
    gone = ("roles.csv", "r2,teacher-1,secondary,ext:coach,school-2,2026-08-01,2027-07-01\n", "")
    more = ("roles.csv", "r4,coach-1", "r2,teacher-1,secondary,proctor,school-1,,\nr4,coach-1")
    await service.load(again(wrong, gone, more))
    kept = await service.ports.imports.people.get("north", "north/person/teacher-1")
    assert [each.role for each in kept.roles] == ["proctor", "teacher"]
    assert "teacher@school-1" in kept.held


async def test_with_an_unreadable_id_nothing_is_removed_unless_forced() -> None:
    service = Service()
    await service.load(good_files())
    before = await stored(service)
    wrong = again(("users.csv", "teacher-1,true", "teacher:1,true"))
    report = await service.load(wrong)
    assert ("users.csv", "unreadable_row") in codes(report)
    assert await stored(service) == before
    await service.load(wrong, allow_removals=True)
    gone = await service.ports.imports.people.get("north", "north/person/teacher-1")
    assert gone.status == "removed"
    assert (await teachers(service))["class-1"] == ("teacher-2",)


async def test_a_class_whose_terms_are_all_wrong_stays_and_a_new_one_is_not_made() -> None:
    wrong = ("academicSessions.csv", "term-1,Autumn", "term-1,")
    service = Service()
    report = await service.load(again(wrong))
    assert ("classes.csv", "unknown_session") in codes(report)
    assert (await teachers(service)).keys() == {"class-1"}
    made = await service.ports.imports.classes.get("north", "north/class/class-1")
    assert (made.sessions, made.school_year) == (("term-1", "term-2"), 2027)
