"""A small CSV of a school year: read whole, or every mistake with its line."""

from __future__ import annotations

import pytest

from services.ctl.calendar_csv import MOST_BYTES, MOST_ROWS, read_calendar
from services.roster.calendar.domain import MOST_SPANS, DaysOff, DayType, SpecialDays, Term


def found(text: str, year: int = 2027) -> list[tuple[int, str, str]]:
    read = read_calendar(text.encode())
    read.check(year)
    return [(each.line, each.column, each.code) for each in read.mistakes]


@pytest.mark.parametrize(
    "text",
    [
        "date,title\n2026-11-11,Veterans Day\n2026-11-26,\n",
        "\ufeffDate , Title\r\n2026-11-11,Veterans Day\r\n\r\n2026-11-26,\r\n",
        '"title","date"\n'.replace('"title","date"', "date,title")
        + '"2026-11-11","Veterans Day"\n 2026-11-26 ,\n',
    ],
)
def test_a_row_is_a_day(text: str) -> None:
    read = read_calendar(text.encode())
    assert read.mistakes == []
    assert read.said[""].days == [
        DaysOff("2026-11-11", "2026-11-11", "Veterans Day"),
        DaysOff("2026-11-26", "2026-11-26"),
    ]
    assert read.school_year() == 2027


def test_a_row_may_be_several_days() -> None:
    read = read_calendar(b'first,last,title\n2026-12-21,2027-01-01,"Winter, break"\n')
    assert read.said[""].days == [DaysOff("2026-12-21", "2027-01-01", "Winter, break")]
    read.check(2027)
    assert read.mistakes == []


def test_a_row_may_have_a_type_and_be_of_a_school() -> None:
    read = read_calendar(
        b"school,type,first,last,title\n"
        b",term,2026-08-17,2026-12-18,Fall\n"
        b",,2026-11-11,2026-11-11,Veterans Day\n"
        b"s1,No_School,2026-10-12,2026-10-12,\n"
        b"s1,testing,2027-04-12,2027-04-16,Spring tests\n"
    )
    read.check(2027)
    assert read.mistakes == []
    district, school = read.said[""], read.said["s1"]
    assert district.terms == [Term("2026-08-17", "2026-12-18", "Fall")]
    assert district.days == [DaysOff("2026-11-11", "2026-11-11", "Veterans Day")]
    assert school.days == [DaysOff("2026-10-12", "2026-10-12")]
    assert school.special == [
        SpecialDays("2027-04-12", "2027-04-16", DayType.TESTING, "Spring tests")
    ]


def test_a_mistake_is_one_of_its_school() -> None:
    text = "date,title,type,school\n2026-11-11,x,,\n2026-11-11,x,half_day,s1\n"
    assert found(text) == []
    assert found(text + "2026-11-11,x,testing,s1\n") == [(4, "date", "day_twice")]


def test_every_mistake_is_named_with_its_line() -> None:
    text = (
        "first,last,title\n"
        "2026-11-11,2026-11-11,fine\n"
        "2026-02-30,2026-11-11,no day\n"
        "11/11/2026,soon,neither\n"
        "2026-11-26\n"
        "\n"
        '2026-11-26,2026-11-27,"open\n'
        f"2026-11-26,2026-11-27,{'x' * 201}\n"
        "2026-11-27,2026-11-26,backwards\n"
        "2026-11-11,2026-11-12,again\n"
        "2027-06-30,2027-07-01,beyond\n"
    )
    assert found(text) == [
        (3, "first", "bad_date"),
        (4, "first", "bad_date"),
        (4, "last", "bad_date"),
        (5, "", "wrong_cell_count"),
        (7, "", "wrong_cell_count"),
        (8, "title", "too_long"),
        (9, "last", "last_before_first"),
        (10, "first", "day_twice"),
        (11, "last", "other_school_year"),
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", (1, "", "bad_header")),
        ("date\n2026-11-11\n", (1, "", "bad_header")),
        ("date;title\n2026-11-11;x\n", (1, "", "bad_header")),
        ("date,title,more\n", (1, "", "bad_header")),
        ("date,first,last,title\n", (1, "", "bad_header")),
        ("first,title\n", (1, "", "bad_header")),
        ("date,title,type,type\n", (1, "", "bad_header")),
        ("date,title,type\n2026-11-11,x,holiday\n", (2, "type", "bad_type")),
        ("date,title,school\n2026-11-11,x,s\x07\n", (2, "school", "bad_id")),
        (f"date,title,school\n2026-11-11,x,{'s' * 256}\n", (2, "school", "bad_id")),
        ("date,title,school\n2026-11-11,x,s 1\n", (2, "school", "bad_id")),
        ("date,title,school\n2026-11-11,x,.\n", (2, "school", "bad_id")),
        ("date,title,school\n2026-11-11,x,..\n", (2, "school", "bad_id")),
        ("date,title,school\n2026-11-11,x,s/../t\n", (2, "school", "bad_id")),
        ("date,title\n2026-11-11,a\x07b\n", (2, "title", "control_character")),
        ("date,title\n2025-11-11,x\n", (2, "date", "other_school_year")),
        ("date,title\n2026-11-11,x\n2026-11-11,y\n", (3, "date", "day_twice")),
    ],
)
def test_one_mistake(text: str, mistake: tuple[int, str, str]) -> None:
    assert found(text) == [mistake]


def test_what_is_no_text_or_too_large_is_named() -> None:
    assert [each.code for each in read_calendar(b"#" * (MOST_BYTES + 1)).mistakes] == ["too_large"]
    (mistake,) = read_calendar(b"date,title\n2026-11-11,\xff\n").mistakes
    assert (mistake.line, mistake.code) == (2, "not_utf8")
    rows = "2026-11-11,x\n" * (MOST_SPANS + 1)
    (mistake,) = read_calendar(f"date,title\n{rows}".encode()).mistakes
    assert (mistake.line, mistake.code) == (MOST_SPANS + 2, "too_many")
    rows = "".join(f"2026-11-11,x,s{number}\n" for number in range(MOST_ROWS + 1))
    (mistake,) = read_calendar(f"date,title,school\n{rows}".encode()).mistakes
    assert (mistake.line, mistake.code) == (MOST_ROWS + 2, "too_many")
