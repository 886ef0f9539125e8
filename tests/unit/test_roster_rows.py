"""Wrong rows: each is reported at its place, and everything else is taken."""

from __future__ import annotations

import pytest

from services.access.districts import OwnRoles
from tests.support.roster_files import edited, good_files, parsed, problems_of

LONG = "x" * 201
# place and code; what stands there; what stands there instead
WRONG = {
    "orgs.csv": [
        ("4 - wrong_cell_count", "school-2,,Second,school,,district", "school-2,,Second,school"),
        ("4 - malformed_row", "school-2,,Second", 'school-2,,"Second'),
        ("4 name control_character", "school-2,,Second", "school-2,,Sec\x00ond"),
        ("4 name control_character", "school-2,,Second", "school-2,,Sec\tond"),
        ("4 name too_long", "school-2,,Second", f"school-2,,{LONG}"),
        ("4 name required", "school-2,,Second", "school-2,, "),
        ("4 sourcedId required", "school-2,,Second", ",,Second"),
        ("4 sourcedId bad_id", "school-2,,Second", "school:2,,Second"),
        ("4 sourcedId bad_id", "school-2,,Second", f"{'s' * 256},,Second"),
        ("4 sourcedId bad_id", "school-2,,Second", "$gt,,Second"),
        ("4 status bad_value", "school-2,,Second", "school-2,gone,Second"),
        ("4 type bad_value", "Second,school,", "Second,College,"),
        ("4 type bad_value", "Second,school,", "Second,ext:,"),
        ("4 parentSourcedId unknown_org", "Second,school,,district", "Second,school,,nowhere"),
        (
            "4 sourcedId duplicate",
            "school-2,,Second,school,,district",
            "school-1,,Again,school,,district",
        ),
    ],
    "academicSessions.csv": [
        ("4 startDate bad_date", "Spring,term,2027-01-01", "Spring,term,13/01/2027"),
        ("4 startDate bad_date", "Spring,term,2027-01-01", "Spring,term,2027-02-30"),
        ("4 startDate bad_date", "Spring,term,2027-01-01", "Spring,term,2027011"),
        ("4 endDate end_before_start", "Spring,term,2027-01-01", "Spring,term,2028-01-01"),
        ("4 endDate date_out_of_range", "term,2027-01-01,2027-07", "term,2027-01-01,9999-07"),
        ("4 startDate date_out_of_range", "term,2027-01-01,2027-07", "term,1999-12-31,2027-07"),
        ("4 endDate session_too_long", "term,2027-01-01,2027-07", "term,2027-01-01,2029-07"),
        ("4 startDate date_out_of_range", "term,2027-01-01,2027-07", "term,2101-01-01,2101-07"),
        ("4 schoolYear bad_year", "2027-07-01,year,2027", "2027-07-01,year,27"),
        ("4 schoolYear bad_year", "2027-07-01,year,2027", "2027-07-01,year,2101"),
        ("4 parentSourcedId unknown_session", "2027-07-01,year,2027", "2027-07-01,yaer,2027"),
        ("4 type bad_value", "term-2,Spring,term", "term-2,Spring,trimester"),
    ],
    "users.csv": [
        ("5 enabledUser bad_value", "admin-1,true", "admin-1,yes"),
        ("5 givenName required", "a1,Di,Dean", "a1,,Dean"),
        ("5 familyName too_long", "a1,Di,Dean", f"a1,Di,{LONG}"),
        ("8 sourcedId duplicate", "parent-1,true,p1", "admin-1,true,p1"),
    ],
    "roles.csv": [
        ("5 role unknown_role", "ext:instructionalCoach", "guru"),
        ("5 role unknown_role", "ext:instructionalCoach", "ext:"),
        ("5 userSourcedId unknown_user", "r4,coach-1,primary", "r4,nobody,primary"),
        ("5 roleType bad_value", "r4,coach-1,primary", "r4,coach-1,main"),
        (
            "5 orgSourcedId unknown_org",
            "ext:instructionalCoach,district",
            "ext:instructionalCoach,nowhere",
        ),
        ("3 endDate end_before_start", "2026-08-01,2027-07-01", "2026-08-01,2025-07-01"),
    ],
    "courses.csv": [
        ("2 orgSourcedId unknown_org", "math,Mathematics,school-1", "math,Mathematics,nowhere"),
    ],
    "classes.csv": [
        (
            "3 courseSourcedId unknown_course",
            "math,homeroom,school-1,term-1",
            "art,homeroom,school-1,term-1",
        ),
        ("3 classType bad_value", "math,homeroom,school-1,term-1", "math,club,school-1,term-1"),
        ("3 schoolSourcedId unknown_org", "homeroom,school-1,term-1", "homeroom,nowhere,term-1"),
        (
            "3 termSourcedIds unknown_session",
            "homeroom,school-1,term-1",
            "homeroom,school-1,term-9",
        ),
        ("3 termSourcedIds required", "homeroom,school-1,term-1", 'homeroom,school-1," , "'),
        ("2 grades too_many", '"03,04"', f'"{",".join(map(str, range(31)))}"'),
    ],
    "enrollments.csv": [
        ("7 classSourcedId unknown_class", "e6,class-2", "e6,class-9"),
        ("7 schoolSourcedId unknown_org", "e6,class-2,school-1", "e6,class-2,nowhere"),
        (
            "7 userSourcedId unknown_user",
            "e6,class-2,school-1,teacher-2",
            "e6,class-2,school-1,nobody",
        ),
        (
            "7 userSourcedId not_staff",
            "e6,class-2,school-1,teacher-2",
            "e6,class-2,school-1,student-1",
        ),
        ("7 role unknown_role", "teacher-2,teacher,true", "teacher-2,aide,true"),
        ("8 endDate bad_date", "2026-10-05", "05.10.2026"),
    ],
}
CASES = [(file, *case) for file, cases in WRONG.items() for case in cases]


@pytest.mark.parametrize(("file", "where", "old", "new"), CASES)
def test_a_wrong_row_is_reported_at_its_place(file: str, where: str, old: str, new: str) -> None:
    line, column, code = where.split()
    roster = parsed(edited(file, old, new))
    found = [each for each in problems_of(roster) if each[0] == file]
    assert found[0] == (file, int(line), column.strip("-"), code)
    assert roster.problems.count == len(roster.problems.listed)
    assert len(roster.orgs.records) >= 2, "the rest is taken"
    assert roster.people.records["teacher-1"].given_name == "Annie"


@pytest.mark.parametrize(("file", "where", "old", "new"), CASES)
def test_a_report_never_repeats_a_value(file: str, where: str, old: str, new: str) -> None:
    for each in parsed(edited(file, old, new)).problems.listed:
        for word in (LONG, "nowhere", "nobody", "guru", "College", "05.10.2026", "Canary"):
            assert word not in each.reason + each.column


# what stands there; what stands there instead; the note
OTHERWISE = [
    ("users.csv", "coach-1,true", "coach-1,TRUE", "enabledUser letter_case"),
    ("users.csv", "coach-1,true", "coach-1,True", "enabledUser letter_case"),
    ("orgs.csv", "school-2,,Second,school", "school-2,Active,Second,School", "status letter_case"),
    ("classes.csv", "homeroom", "Homeroom", "classType letter_case"),
    ("roles.csv", "ext:instructionalCoach", "ext:InstructionalCoach", "role letter_case"),
    ("roles.csv", "r4,coach-1,primary", "r4,coach-1,Primary", "roleType letter_case"),
    ("enrollments.csv", "teacher-2,teacher,true", "teacher-2,Teacher,true", "role letter_case"),
    ("academicSessions.csv", "term-1,Autumn,term", "term-1,Autumn,Term", "type letter_case"),
    ("roles.csv", "2026-08-01,2027-07-01", "8/1/2026,07/01/2027", "beginDate us_date"),
    ("enrollments.csv", "2026-10-05", "10/5/2026", "endDate us_date"),
]


@pytest.mark.parametrize(("file", "old", "new", "note"), OTHERWISE)
def test_what_is_written_otherwise_is_read_and_noted(
    file: str, old: str, new: str, note: str
) -> None:
    roster = parsed(edited(file, old, new))
    assert problems_of(roster) == []
    notes = [(each.file, f"{each.column} {each.code}", each.rows) for each in roster.problems.notes]
    assert (file, note, 1) in notes
    good = parsed(good_files())
    assert (roster.people, roster.classes) == (good.people, good.classes)
    assert (roster.orgs, roster.sessions) == (good.orgs, good.sessions)


def test_an_id_of_staff_is_one_of_the_standards() -> None:
    files = {name: text.replace("coach-1", "coach:1") for name, text in good_files().items()}
    assert problems_of(parsed(files))[0] == ("users.csv", 4, "sourcedId", "bad_id")
    for good in ("c" * 255, "/", "a/b@c.d-e_F9"):
        files = {name: text.replace("coach-1", good) for name, text in good_files().items()}
        assert problems_of(parsed(files)) == []
        assert good in parsed(files).people.records


def test_an_id_that_is_not_kept_may_be_anything() -> None:
    files = {
        name: text.replace("student-1", "student: ü 1").replace("student-2", "s" * 300)
        for name, text in good_files().items()
    }
    files["enrollments.csv"] = files["enrollments.csv"].replace("e1,", "e:1,")
    roster = parsed(files)
    assert problems_of(roster) == []
    assert roster.classes == parsed(good_files()).classes


def test_a_note_counts_its_rows_and_not_those_that_are_wrong() -> None:
    files = good_files()
    files["users.csv"] = files["users.csv"].replace(",true,", ",TRUE,").replace("Di,Dean", ",")
    (note,) = parsed(files).problems.notes
    assert (note.file, note.column, note.code, note.rows) == (
        "users.csv",
        "enabledUser",
        "letter_case",
        3,  # the staff: nothing more of anybody else is read
    )


def test_a_role_of_the_districts_own_is_kept_of_staff_and_noted_until_it_is_explained() -> None:
    roster = parsed(edited("roles.csv", "secondary,ext:coach", "secondary,ext:librarian"))
    assert problems_of(roster) == []
    (note,) = roster.problems.notes
    assert (note.file, note.column, note.code, note.rows) == ("roles.csv", "role", "unused_role", 1)
    assert "name it there under roles" in note.reason
    held = [each.role for each in roster.people.records["teacher-1"].roles]
    assert held == ["ext:librarian", "teacher"]
    explained = parsed(
        edited("roles.csv", "secondary,ext:coach", "secondary,ext:librarian"),
        own=OwnRoles(other=("ext:librarian",)),
    )
    assert explained.problems.notes == []
    assert explained.people.records == roster.people.records


def test_a_role_of_the_districts_own_alone_makes_staff_where_it_leads_or_coaches() -> None:
    files = good_files()
    files["roles.csv"] = files["roles.csv"].replace(",ext:instructionalCoach,", ",ext:mentor,")
    assert "coach-1" in parsed(good_files()).people.records
    for own in (OwnRoles(), OwnRoles(other=("ext:mentor",))):
        assert "coach-1" not in parsed(files, own=own).people.records
        assert "coach-1" not in parsed(files, own=own).people.unsaid
    for own in (OwnRoles(coaching=("ext:Mentor",)), OwnRoles(leading=("ext:mentor",))):
        (name,) = own.named
        assert [each.role for each in parsed(files, own=own).people.records["coach-1"].roles] == [
            name
        ]


def test_the_good_files_have_no_problem() -> None:
    roster = parsed(good_files())
    assert problems_of(roster) == []
    assert roster.problems.notes == []
    assert list(roster.orgs.records) == ["district", "school-1", "school-2"]
    assert roster.orgs.records["school-1"].name == "First, of all"
    assert [each.school_year for each in roster.sessions.records.values()] == [2027] * 3


def test_students_and_families_are_not_kept() -> None:
    roster = parsed(good_files())
    assert sorted(roster.people.records) == ["admin-1", "coach-1", "teacher-1", "teacher-2"]
    assert "Canary" not in repr(roster)


def test_roles_add_up_and_those_of_a_parent_are_left_out() -> None:
    people = parsed(good_files()).people.records
    assert [(each.role, each.org) for each in people["teacher-1"].roles] == [
        ("ext:coach", "school-2"),
        ("teacher", "school-1"),
    ]
    assert [each.role for each in people["admin-1"].roles] == ["districtAdministrator"]
    assert people["teacher-1"].held == (
        "@school-1",
        "@school-2",
        "ext:coach@",
        "ext:coach@school-2",
        "teacher@",
        "teacher@school-1",
    )


@pytest.mark.parametrize(
    ("dates", "holds"),
    [
        ("2026-10-05,", True),
        ("2026-10-06,", False),
        (",2026-10-05", True),
        (",2026-10-04", False),
    ],
)
def test_a_role_is_looked_up_while_it_holds(dates: str, holds: bool) -> None:
    people = parsed(edited("roles.csv", "2026-08-01,2027-07-01", dates)).people.records
    assert len(people["teacher-1"].roles) == 2, "kept all the same: it says when it holds"
    assert ("ext:coach@school-2" in people["teacher-1"].held) is holds


def test_a_class_has_its_teachers_and_counts_each_present_student_once() -> None:
    classes = parsed(good_files()).classes.records
    assert classes["class-1"].teachers == ("teacher-1", "teacher-2")
    assert classes["class-1"].student_count == 2
    assert classes["class-1"].sessions == ("term-1", "term-2")
    assert classes["class-1"].grades == ("03", "04")
    assert classes["class-2"].teachers == ("teacher-2",)
    assert classes["class-2"].student_count == 0, "her enrollment ended today"


def test_what_hangs_below_a_wrong_row_is_taken() -> None:
    files = edited("orgs.csv", "district,,North", "district,gone,North")
    files["academicSessions.csv"] = files["academicSessions.csv"].replace("Year,s", "Year,,s")
    roster = parsed(files)
    assert [each[3] for each in problems_of(roster)] == ["bad_value", "wrong_cell_count"]
    assert roster.orgs.records.keys() == {"school-1", "school-2"}
    assert roster.orgs.records["school-1"].parent == "district"
    assert roster.sessions.records["term-1"].parent == "year"
    assert {role.org for role in roster.people.records["admin-1"].roles} == {"district"}


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("orgs.csv", "North,district,,", "North,district,,state", "unknown_org"),
        ("academicSessions.csv", "2027-07-01,,2027", "2027-07-01,ever,2027", "unknown_session"),
    ],
)
def test_a_parent_that_the_file_does_not_have_is_reported_and_the_rest_is_taken(
    file: str, old: str, new: str, code: str
) -> None:
    roster = parsed(edited(file, old, new))
    nouns = roster.orgs if file == "orgs.csv" else roster.sessions
    assert [each[:2] + each[3:] for each in problems_of(roster)] == [(file, 2, code)]
    assert len(nouns.records) == 3
    assert nouns.kept == {next(iter(nouns.records)): {"parent"}}


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("classes.csv", "math,homeroom", "art,homeroom", "3 courseSourcedId unknown_course"),
        ("classes.csv", "math,homeroom", "math,club", "3 classType bad_value"),
        (
            "courses.csv",
            "Mathematics,school-1",
            "Mathematics,nowhere",
            "2 orgSourcedId unknown_org",
        ),
        ("courses.csv", "math,", "math,,", "2  wrong_cell_count"),
        ("enrollments.csv", "e6,class-2,school-1", "e6,class-2,x", "7 schoolSourcedId unknown_org"),
        ("enrollments.csv", "e6,", ",", "7 sourcedId required"),
        ("roles.csv", "r4,", ",", "5 sourcedId required"),
    ],
)
def test_a_wrong_cell_of_which_nothing_is_kept_takes_nothing(
    file: str, old: str, new: str, place: str
) -> None:
    roster = parsed(edited(file, old, new))
    assert [f"{line} {column} {code}" for _, line, column, code in problems_of(roster)] == [place]
    good = parsed(good_files())
    assert (roster.people, roster.classes) == (good.people, good.classes)


def test_without_courses_classes_are_taken_as_they_are() -> None:
    files = edited("manifest.csv", "file.courses,bulk", "file.courses,absent")
    del files["courses.csv"]
    roster = parsed(files)
    assert problems_of(roster) == []
    assert roster.classes == parsed(good_files()).classes


@pytest.mark.parametrize(
    ("start", "end", "stated", "taken"),
    [
        ("2026-08-17", "2026-12-19", 2027, 2027),
        ("2026-08-17", "2027-06-12", 2026, 2027),  # the year in which it begins
        ("2027-01-04", "2027-06-12", 2026, 2027),
        ("2026-07-06", "2026-08-07", 2026, 2026),  # a summer is of the year before it ...
        ("2026-07-06", "2026-08-07", 2027, 2027),  # ... or of the year after it
        ("2026-06-15", "2026-06-30", 2027, 2027),
        ("2026-08-10", "2026-09-18", 2026, 2027),
        ("2026-08-17", "2027-06-12", 2029, 2027),
    ],
)
def test_a_school_year_is_that_of_the_dates(start: str, end: str, stated: int, taken: int) -> None:
    old = "term-2,Spring,term,2027-01-01,2027-07-01,year,2027"
    roster = parsed(
        edited("academicSessions.csv", old, f"term-2,Spring,term,{start},{end},year,{stated}")
    )
    assert roster.sessions.records["term-2"].school_year == taken
    told = [("academicSessions.csv", 4, "schoolYear", "school_year_differs")]
    assert problems_of(roster) == (told if taken != stated else [])


def test_a_user_of_whom_there_is_no_role_is_reported_and_stays_as_stored() -> None:
    roster = parsed(
        edited("roles.csv", "r4,coach-1,primary,ext:instructionalCoach,district,,\n", "")
    )
    assert problems_of(roster) == [("users.csv", 4, "sourcedId", "no_role")]
    assert "coach-1" not in roster.people.records
    assert roster.people.unsaid == {"coach-1"}


def test_a_user_whose_only_role_is_wrong_stays_as_stored() -> None:
    roster = parsed(edited("roles.csv", "ext:instructionalCoach", "guru"))
    assert [each[3] for each in problems_of(roster)] == ["unknown_role", "no_role"]
    assert roster.people.spoiled == {"coach-1"}


def test_a_user_whose_account_is_switched_off_is_no_staff() -> None:
    roster = parsed(edited("users.csv", "coach-1,true", "coach-1,false"))
    assert problems_of(roster) == []
    assert "coach-1" not in roster.people.records
    assert "coach-1" not in roster.people.spoiled


def test_a_record_to_be_deleted_is_taken_out_and_what_refers_to_it_is_wrong() -> None:
    roster = parsed(edited("orgs.csv", "school-2,,Second", "school-2,tobedeleted,Second"))
    assert problems_of(roster) == [("roles.csv", 3, "orgSourcedId", "unknown_org")]
    assert "school-2" not in roster.orgs.records
    assert "school-2" not in roster.orgs.spoiled


def test_the_id_of_a_malformed_row_is_spared_where_it_can_be_told() -> None:
    roster = parsed(edited("users.csv", "c1,Cy,Cole,", 'c1,Cy,"Cole,'))
    assert problems_of(roster)[0] == ("roles.csv", 5, "userSourcedId", "unknown_user")
    assert "coach-1" in roster.people.spoiled


def test_problems_beyond_the_first_thousand_are_counted() -> None:
    files = good_files()
    files["orgs.csv"] += "bad id,,x,school,,\n" * 1_500
    roster = parsed(files)
    assert roster.problems.count == 1_500
    assert len(roster.problems.listed) == 1_000
