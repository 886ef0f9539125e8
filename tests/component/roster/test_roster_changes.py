"""OneRoster 1.1, and files that say only what has changed: such a file takes only what it says."""

from __future__ import annotations

import pytest

from services.chassis.kernel import Fault
from services.roster.imports.cases import Report
from services.roster.imports.plan import NounCounts
from services.roster.record import Status
from tests.support.roster_changes import changes, old_files
from tests.support.roster_files import Files, Service, good_files, parsed, problems_of


def notes(report: Report) -> list[tuple[str, str, int]]:
    return [(each.file, each.code.value, each.rows) for each in report.problems.notes]


def problems(report: Report) -> list[tuple[str, int, str, str]]:
    listed = report.problems.listed
    return [(each.file, each.line, each.column, each.code.value) for each in listed]


async def roles(service: Service, person: str) -> list[tuple[str, str]]:
    found = await service.ports.imports.people.get("north", f"north/person/{person}")
    assert found is not None
    return [(each.role, each.org) for each in found.roles] if active(found.status) else []


def active(status: Status) -> bool:
    return status is Status.ACTIVE


async def taught(service: Service, sourced: str) -> tuple[tuple[str, ...], int]:
    found = await service.ports.imports.classes.get("north", f"north/class/{sourced}")
    assert found is not None
    return found.teachers, found.student_count


@pytest.fixture
async def service() -> Service:
    made = Service()
    await made.load(good_files())
    await made.published()
    return made


def test_users_of_1_1_carry_their_role_and_orgs() -> None:
    roster = parsed(old_files())
    assert problems_of(roster) == []
    people = roster.people.records
    assert sorted(people) == ["admin-1", "coach-1", "teacher-1", "teacher-2"]
    assert [(each.role, each.org, each.role_type) for each in people["teacher-1"].roles] == [
        ("teacher", "school-1", "primary"),
        ("teacher", "school-2", "primary"),
    ]
    assert [(each.role, each.org) for each in people["admin-1"].roles] == [
        ("districtAdministrator", "district"),
        ("siteAdministrator", "school-1"),
    ]
    (note,) = roster.problems.notes
    assert (note.file, note.column, note.code, note.rows) == (
        "users.csv",
        "role",
        "administrator",
        1,
    )
    good = parsed(good_files())
    assert (roster.orgs, roster.sessions, roster.classes) == (
        good.orgs,
        good.sessions,
        good.classes,
    )


@pytest.mark.parametrize("line", ["", "oneroster.version,\n", "oneroster.version,1.10\n"])
def test_the_version_is_told_by_whether_there_are_roles(line: str) -> None:
    files = old_files()
    files["manifest.csv"] = files["manifest.csv"].replace("oneroster.version,1.1\n", line)
    roster = parsed(files)
    assert sorted(roster.people.records) == ["admin-1", "coach-1", "teacher-1", "teacher-2"]
    assert ("oneroster.version", "version") in [
        (each.column, each.code) for each in roster.problems.notes
    ]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("ext:coach", "guru", "4 role unknown_role"),
        ("ext:coach", "instructional coach", "4 role unknown_role"),
        ("true,district,ext:coach", "true,,ext:coach", "4 orgSourcedIds required"),
        ("true,district,ext:coach", "true,nowhere,ext:coach", "4 orgSourcedIds unknown_org"),
    ],
)
async def test_a_wrong_role_of_1_1_leaves_what_is_stored(old: str, new: str, where: str) -> None:
    service, files = Service(), old_files()
    await service.load(files)
    await service.published()
    files["users.csv"] = files["users.csv"].replace(old, new)
    report = await service.load(files)
    line, column, code = where.split()
    assert problems(report)[0] == ("users.csv", int(line), column, code)
    assert await roles(service, "coach-1") == [("ext:coach", "district")]
    assert await service.published() == []


async def test_an_administrator_of_an_org_whose_row_is_wrong_stays_what_she_is() -> None:
    service, files = Service(), old_files()
    await service.load(files)
    before = await roles(service, "admin-1")
    assert ("districtAdministrator", "district") in before
    files["orgs.csv"] = files["orgs.csv"].replace(",district,", ",realm,", 1)
    report = await service.load(files)
    assert "orgs.csv" in {each[0] for each in problems(report)}
    assert sorted(await roles(service, "admin-1")) == sorted(before)


async def test_a_row_of_1_1_that_is_short_or_twice_there_is_reported_once() -> None:
    service, files = Service(), old_files()
    files["users.csv"] += "teacher-2,,,true,school-1,guru,t2,,Ben,Baker,,,,,,,,\nx,,,true\n"
    report = await service.load(files)
    assert problems(report) == [
        ("users.csv", 9, "sourcedId", "duplicate"),
        ("users.csv", 10, "", "wrong_cell_count"),
    ]


# what is changed; what is then to be seen
TAKEN: list[tuple[Files, dict[str, NounCounts], list[str]]] = [
    (
        changes(orgs="school-2,active,2026-10-01T00:00:00.000Z,2nd,school,,district"),
        {"orgs": NounCounts(changed=1, unchanged=2)},
        ["OrgUpserted"],
    ),
    (
        changes(users="teacher-2,active,,true,t2,Bea,Baker"),
        {"people": NounCounts(changed=1, unchanged=3)},
        ["PersonUpserted"],
    ),
    (
        changes(
            users="student-9,active,,true,s,Canary,S",
            roles="r,active,,student-9,primary,student,school-1,,",
        ),
        {"people": NounCounts(unchanged=4)},
        [],
    ),
    (
        changes(classes="class-2,active,,Math 4c,math,homeroom,school-1,term-1"),
        {"classes": NounCounts(changed=1, unchanged=1)},
        ["ClassUpserted"],
    ),
    (
        changes(enrollments="e6,tobedeleted,,class-2,school-1,teacher-2,teacher,,,"),
        {"classes": NounCounts(changed=1, unchanged=1)},
        ["ClassUpserted"],
    ),
    (changes(orgs=""), {"people": NounCounts(unchanged=4), "classes": NounCounts(unchanged=2)}, []),
]


@pytest.mark.parametrize(("files", "counts", "events"), TAKEN)
async def test_changes_are_taken_and_all_else_stays(
    service: Service, files: Files, counts: dict[str, NounCounts], events: list[str]
) -> None:
    report = await service.load(files)
    assert problems(report) == []
    assert {noun: report.counts[noun] for noun in counts} == counts
    assert [name for name, _ in await service.published()] == events
    again = await service.load(files)
    assert await service.published() == []
    assert {each.changed + each.created + each.removed for each in again.counts.values()} == {0}


async def test_a_person_who_is_marked_goes_and_nobody_else(service: Service) -> None:
    files = changes(users="coach-1,tobedeleted,,true,c1,Cy,Cole")
    report = await service.load(files, allow_removals=True)
    assert report.counts["people"] == NounCounts(unchanged=3, removed=1)
    assert await service.published() == [("PersonRemoved", ("north:coach-1",))]


async def test_a_new_role_comes_in_place_of_the_primary_one_there(service: Service) -> None:
    moved = "r1,active,,teacher-1,primary,principal,school-1,,"
    assert problems(await service.load(changes(roles=moved))) == []
    assert await roles(service, "teacher-1") == [
        ("ext:coach", "school-2"),
        ("principal", "school-1"),
    ]


async def test_a_role_that_is_marked_ends_and_with_the_last_one_its_holder(
    service: Service,
) -> None:
    ended = "r2,tobedeleted,,teacher-1,secondary,ext:coach,school-2,,"
    await service.load(changes(roles=ended), allow_removals=True)
    assert await roles(service, "teacher-1") == [("teacher", "school-1")]
    ended = "r1,tobedeleted,,teacher-1,primary,teacher,school-1,,"
    report = await service.load(changes(roles=ended), allow_removals=True)
    assert report.counts["people"] == NounCounts(unchanged=3, removed=1)
    assert await roles(service, "teacher-1") == []
    assert await taught(service, "class-1") == (("teacher-2",), 2)


async def test_a_role_that_is_given_under_another_id_stays(service: Service) -> None:
    rows = """
r9,active,,teacher-2,primary,teacher,school-1,,
r3,tobedeleted,,teacher-2,primary,teacher,school-1,,
"""
    await service.load(changes(roles=rows))
    assert await roles(service, "teacher-2") == [("teacher", "school-1")]
    assert await service.published() == []


async def test_staff_of_whom_neither_the_file_nor_the_roster_has_a_name_is_reported(
    service: Service,
) -> None:
    report = await service.load(changes(roles="r,active,,new-1,primary,teacher,school-1,,"))
    assert problems(report) == [("roles.csv", 2, "userSourcedId", "unknown_user")]
    both = changes(
        users="new-1,active,,true,n,Nia,New",
        roles="r,active,,new-1,primary,teacher,school-1,,",
        enrollments="e,active,,class-2,school-1,new-1,teacher,,,",
    )
    assert problems(await service.load(both)) == []
    assert await roles(service, "new-1") == [("teacher", "school-1")]
    assert await taught(service, "class-2") == (("new-1", "teacher-2"), 0)


async def test_students_of_a_known_class_are_not_counted_and_of_a_new_one_are(
    service: Service,
) -> None:
    rows = """
a,active,,class-1,school-1,student-7,student,,,
b,tobedeleted,,class-1,school-1,student-1,student,,,
f,active,,class-1,school-1,teacher-2,teacher,,,
c,active,,class-3,school-1,student-7,student,,,
d,active,,class-3,school-1,student-8,student,,,
e,active,,class-3,school-1,teacher-1,teacher,,,
"""
    new = "class-3,active,,Art,art,scheduled,school-2,term-2"
    report = await service.load(changes(classes=new, enrollments=rows))
    assert problems(report) == []
    assert notes(report) == [("enrollments.csv", "students_not_counted", 2)]
    assert await taught(service, "class-1") == (("teacher-1", "teacher-2"), 2)
    assert await taught(service, "class-3") == (("teacher-1",), 2)


async def test_a_wrong_row_of_changes_changes_nothing(service: Service) -> None:
    files = changes(
        orgs="no id,active,,X,school,,\nschool-2,gone,,X,school,,",
        users="teacher-2,active,,perhaps,t2,Bea,Baker",
        roles="r,active,,teacher-1,primary,guru,school-1,,",
        classes="class-1,active,,M,math,scheduled,nowhere,term-1",
        enrollments="e1,active,,class-9,school-1,teacher-1,teacher,,,",
    )
    report = await service.load(files)
    assert [code for *_, code in problems(report)] == [
        "bad_id",
        "bad_value",
        "unknown_role",
        "bad_value",
        "unknown_org",
        "unknown_class",
    ]
    assert await service.published() == []


async def test_of_two_rows_the_one_changed_last_counts(service: Service) -> None:
    rows = """
school-2,active,2026-10-01T10:00:00.000Z,Older,school,,district
school-2,tobedeleted,2026-10-01T11:00:00.000Z,Older,school,,district
school-2,active,2026-10-01T12:00:00.000Z,Newest,school,,district
school-2,active,2026-10-01T09:00:00.000Z,Oldest,school,,district
"""
    report = await service.load(changes(orgs=rows))
    assert problems(report) == [("orgs.csv", 5, "sourcedId", "duplicate")]
    assert notes(report) == [("orgs.csv", "changed_again", 2)]
    second = await service.ports.imports.orgs.get("north", "north/org/school-2")
    assert second is not None
    assert (second.name, active(second.status)) == ("Newest", True)


async def test_a_session_that_moves_takes_along_classes_and_people_that_are_not_named(
    service: Service,
) -> None:
    rows = """
year,active,,Year,schoolYear,2027-08-01,2028-07-01,,2028
term-1,active,,Autumn,term,2027-08-01,2028-01-01,year,2028
term-2,active,,Spring,term,2028-01-01,2028-07-01,year,2028
"""
    report = await service.load(changes(academicSessions=rows))
    assert (problems(report), report.counts["people"]) == ([], NounCounts(changed=4))
    assert report.counts["classes"] == NounCounts(changed=2)
    whole = good_files()
    whole["academicSessions.csv"] = (
        whole["academicSessions.csv"].replace("2027", "2028").replace("2026", "2027")
    )
    await service.published()
    await service.load(whole)
    assert await service.published() == []


async def test_changes_of_1_1_say_all_of_a_users_roles() -> None:
    service = Service()
    await service.load(old_files())
    await service.published()
    row = "teacher-1,active,,true,school-2,teacher,t1,,Annie,Able,,,,,,,,"
    assert problems(await service.load(changes(version="1.1", users=row))) == []
    assert await roles(service, "teacher-1") == [("teacher", "school-2")]
    row = "coach-1,active,,false,district,ext:coach,c1,,Cy,Cole,,,,,,,,"
    await service.load(changes(version="1.1", users=row), allow_removals=True)
    assert await roles(service, "coach-1") == []
    assert await roles(service, "teacher-2") == [("teacher", "school-1")]


async def test_a_first_file_of_changes_alone_makes_a_roster_of_what_it_says() -> None:
    service = Service()
    files = {
        name: text.replace(",bulk", ",delta").replace("courses,delta", "courses,absent")
        for name, text in good_files().items()
    }
    report = await service.load(files)
    assert problems(report) == []
    assert {noun: each.created for noun, each in report.counts.items()} == {
        "orgs": 3,
        "academic_sessions": 3,
        "people": 4,
        "classes": 2,
    }
    await service.published()
    await service.load(good_files())
    assert await service.published() == []


@pytest.mark.parametrize("name", ["orgs", "classes"])
async def test_a_file_that_is_said_to_be_there_must_be(service: Service, name: str) -> None:
    files = changes(orgs="", users="", roles="", classes="", enrollments="")
    del files[f"{name}.csv"]
    with pytest.raises(Fault, match="missing_file"):
        await service.load(files)
