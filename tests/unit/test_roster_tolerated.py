"""What real files do: each line of the table has an example here and stands on the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from services.chassis.kernel import Fault
from services.roster.imports.roster_file import ParsedRoster
from services.roster.imports.tolerated import TOLERATED
from tests.support.roster_files import Files, edited, good_files, parsed

Edit = Callable[[], Mapping[str, str | bytes]]
PAGE = Path(__file__).parents[2] / "docs/roster.md"


def renamed(old: str, new: str) -> Edit:
    return lambda: {new if name == old else name: text for name, text in good_files().items()}


def encoded(encoding: str) -> Edit:
    def edit() -> Mapping[str, str | bytes]:
        files = good_files()
        files["users.csv"] = files["users.csv"].replace("Able", "Ábel")
        return {**files, "users.csv": files["users.csv"].encode(encoding)}

    return edit


def edit(name: str, old: str, new: str) -> Edit:
    return lambda: edited(name, old, new)


def empty(name: str) -> Edit:
    return lambda: {**good_files(), name: ""}


# code, and files that say the same as the good ones
NOTED: list[tuple[str, Edit]] = [
    ("file_name", renamed("users.csv", "Users.CSV")),
    ("file_name", renamed("academicSessions.csv", "academicsessions.csv")),
    ("file_name", renamed("manifest.csv", "Manifest.csv")),
    ("letter_case", edit("users.csv", "sourcedId,enabledUser", "SourcedID,ENABLEDUSER")),
    ("letter_case", edit("users.csv", "coach-1,true", "coach-1,TRUE")),
    ("misspelled_column", edit("users.csv", "preferredGivenName", "prefferedGivenName")),
    ("misspelled_column", edit("orgs.csv", "sourcedId,status", "sourcedId,dataLastModified")),
    ("extra_column", edit("orgs.csv", "identifier", "NCES")),
    ("extra_column", edit("orgs.csv", "identifier", "\x1b[2J")),
    ("version", edit("manifest.csv", "manifest.version,1.0", "manifest.version,1")),
    ("unknown_mode", edit("manifest.csv", "demographics,absent", "demographics,")),
    ("us_date", edit("enrollments.csv", "2027-01-01", "1/1/2027")),
    ("us_date", edit("enrollments.csv", "2027-01-01", "1/01/2027 12:00:00 AM")),
    ("other_date", edit("enrollments.csv", "2027-01-01", "20270101")),
    ("other_date", edit("enrollments.csv", "2027-01-01", "2027/1/1")),
    ("other_date", edit("enrollments.csv", "2027-01-01", "2027-01-01T00:00:00.000Z")),
    ("other_date", edit("enrollments.csv", "2027-01-01", "2027-01-01 00:00:00")),
    ("status_in_bulk", edit("orgs.csv", "school-2,,Second", "school-2,active,Second")),
    ("not_a_school", edit("classes.csv", "math,homeroom,school-1", "math,homeroom,district")),
]
REPORTED: list[tuple[str, Edit]] = [
    ("malformed_row", edit("orgs.csv", "school-2,,Second", 'school-2,,"Second')),
    ("wrong_cell_count", edit("orgs.csv", "school-2,,Second,school,,", "school-2,,Second,school,")),
    ("unknown_org", edit("orgs.csv", "Second,school,,district", "Second,school,,nowhere")),
    ("unknown_session", edit("academicSessions.csv", "2027-07-01,,2027", "2027-07-01,x,2027")),
    ("unknown_user", edit("enrollments.csv", "teacher-2,teacher,true", "nobody,teacher,true")),
    ("unknown_user", edit("roles.csv", "r9,parent-1", "r9,nobody")),
    ("duplicate", lambda: twice("orgs.csv")),
    ("school_year_differs", edit("academicSessions.csv", "2027-07-01,,2027", "2027-07-01,,2026")),
]
ENCODED: list[tuple[str, Edit]] = [
    ("utf_16", encoded("utf-16")),
    ("", encoded("utf-8-sig")),
    ("", lambda: {name: text.replace("\n", "\r\n\r\n") for name, text in good_files().items()}),
]
REFUSED: list[tuple[str, Edit]] = [
    ("not_utf8", encoded("cp1252")),
    ("not_utf8", encoded("utf-16-le")),
    ("not_utf8", lambda: {**good_files(), "users.csv": b"\xff\xfea"}),
]


def twice(name: str) -> Files:
    files = good_files()
    files[name] += files[name].splitlines(True)[-1]
    return files


def notes(roster: ParsedRoster) -> list[str]:
    return [each.code.value for each in roster.problems.notes]


@pytest.mark.parametrize(("code", "made"), NOTED)
def test_what_can_be_read_is_read_and_noted(code: str, made: Edit) -> None:
    roster, good = parsed(made()), parsed(good_files())
    assert (roster.problems.listed, set(notes(roster))) == ([], {code})
    assert (roster.orgs, roster.sessions, roster.people) == (good.orgs, good.sessions, good.people)
    classes = {**roster.classes.records}
    if code == "not_a_school":
        assert classes["class-2"].school == "district"
        classes["class-2"].school = "school-1"
    assert classes == good.classes.records


@pytest.mark.parametrize(("code", "made"), REPORTED)
def test_what_is_wrong_is_reported_and_the_rest_is_taken(code: str, made: Edit) -> None:
    roster = parsed(made())
    assert {each.code.value for each in roster.problems.listed} >= {code}
    assert len(roster.orgs.records) >= 2
    assert len(roster.people.records) == 4
    assert len(roster.classes.records) == 2


@pytest.mark.parametrize(("code", "made"), ENCODED)
def test_text_is_read_as_its_mark_says(code: str, made: Edit) -> None:
    roster = parsed(made())
    assert roster.problems.listed == []
    assert notes(roster) == ([code] if code else [])
    assert roster.people.records["teacher-1"].family_name in ("Able", "Ábel")
    assert "\ufeff" not in repr(roster)


@pytest.mark.parametrize(("code", "made"), REFUSED)
def test_what_is_refused(code: str, made: Edit) -> None:
    with pytest.raises(Fault, match=code):
        parsed(made())


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\n\n", "\n" * 19])
def test_a_line_break_within_quotes_is_a_space(break_: str) -> None:
    roster = parsed(edited("orgs.csv", "Second", f'"Second{break_}of all"'))
    assert (roster.problems.listed, notes(roster)) == ([], ["line_break"])
    assert roster.orgs.records["school-2"].name == "Second of all"
    roster = parsed(edited("orgs.csv", '"First, of all"', f'"First,{break_}of ""all"""'))
    assert roster.orgs.records["school-1"].name == 'First, of "all"'
    assert roster.orgs.records["school-2"].name == "Second"


@pytest.mark.parametrize("closed", ["", 'Last"', "more\n" * 30 + '"'])
def test_a_quote_that_nobody_closes_spoils_its_own_row_alone(closed: str) -> None:
    files = edited("orgs.csv", '"First, of all"', '"First')
    files["orgs.csv"] += f"school-3,,{closed}Third,school,,\n"
    roster = parsed(files)
    assert roster.problems.listed[0].line == 3
    assert roster.problems.listed[0].code == "malformed_row"
    assert "school-2" in roster.orgs.records


def test_a_column_whose_name_is_no_word_is_not_shown() -> None:
    (note,) = parsed(edited("orgs.csv", "identifier", "\x1b[2J")).problems.notes
    assert (note.column, note.rows) == ("column 5", 1)
    for own in ("metadata.nces", "ext.nces"):
        assert notes(parsed(edited("orgs.csv", "identifier", own))) == []


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.raises(Fault, match="duplicate_entry"):
        parsed({**good_files(), "Users.csv": "sourcedId\n"})


def test_an_optional_file_with_nothing_in_it_is_passed_over() -> None:
    roster = parsed(empty("courses.csv")())
    assert (roster.problems.listed, notes(roster)) == ([], ["empty_file"])
    assert roster.classes == parsed(good_files()).classes
    with pytest.raises(Fault, match="missing_column"):
        parsed(empty("orgs.csv")())


def test_every_line_of_the_table_has_an_example_and_stands_on_the_page() -> None:
    examples = {code for code, _ in (*NOTED, *REPORTED, *ENCODED, *REFUSED)}
    examples |= {"line_break", "empty_file"}
    assert {each.code for each in TOLERATED} == examples
    page = PAGE.read_text()
    table = page.partition("| what real files do |")[2].partition("\n\n")[0].splitlines()[2:]
    assert table == [
        f"| {each.real} | {each.done} | {f'`{each.code}`' if each.code else ''} |"
        for each in TOLERATED
    ]
