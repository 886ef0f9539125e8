"""How many teachers a class may have, whose ids are all in each of its events; and who is none."""

from uuid import UUID

import pytest

from services.access.privacy_keys import POLICY_ROW
from services.roster.class_.domain import TEACHER_BYTES, fit
from services.roster.imports.roster_file import ParsedRoster
from tests.support.roster_files import good_files, parsed, problems_of


def with_teachers(ids: list[str]) -> ParsedRoster:
    files = good_files()
    for number, each in enumerate(ids):
        files["users.csv"] += f"{each},true,u,Given,Family,\n"
        files["roles.csv"] += f"x{number},{each},primary,teacher,school-1,,\n"
        files["enrollments.csv"] += f"x{number},class-2,school-1,{each},teacher,,,\n"
    return parsed(files)


def long_id(number: int) -> str:
    return f"{number:03d}".ljust(250, "x")


@pytest.mark.parametrize(
    ("ids", "taken"),
    [
        ([str(UUID(int=n)) for n in range(99)], 99),
        ([str(UUID(int=n)) for n in range(100)], 99),  # and teacher-2
        ([long_id(n) for n in range(15)], 15),
        ([long_id(n) for n in range(17)], 15),
    ],
)
def test_teachers_of_one_class_are_bounded_in_number_and_in_length(
    ids: list[str], taken: int
) -> None:
    roster = with_teachers(ids)
    teachers = roster.classes.records["class-2"].teachers
    assert teachers == tuple(sorted([*ids[:taken], "teacher-2"]))
    assert fit(teachers)
    first = 10 + taken
    assert problems_of(roster) == [
        ("enrollments.csv", first + n, "userSourcedId", "too_many") for n in range(len(ids) - taken)
    ]


def test_who_is_enrolled_twice_counts_once() -> None:
    ids = [long_id(n) for n in range(15)]
    roster = with_teachers([*ids, *ids])
    assert {code for *_, code in problems_of(roster)} == {"duplicate"}
    assert len(roster.classes.records["class-2"].teachers) == 16


def test_what_fits_makes_events_of_less_than_a_megabyte_over_all_keys() -> None:
    """Roughly: the ids of all, for each of them, and their titles."""
    assert TEACHER_BYTES * 100 < 1_000_000
    assert fit([str(UUID(int=n)) for n in range(100)])
    assert not fit([str(n) for n in range(101)])


def test_nobody_takes_the_place_of_the_data_use_policy_in_the_access_view() -> None:
    """Nor does a class have her for a teacher, or its event would say so at that place."""
    taken = POLICY_ROW
    files = {name: text.replace("teacher-2", taken) for name, text in good_files().items()}
    roster = parsed(files)
    assert problems_of(roster) == [
        ("users.csv", 3, "sourcedId", "reserved_id"),
        ("enrollments.csv", 3, "userSourcedId", "not_staff"),
        ("enrollments.csv", 7, "userSourcedId", "not_staff"),
    ]
    assert taken not in roster.people.records
    assert not any(taken in each.teachers for each in roster.classes.records.values())
    assert not roster.people.unread, "it is readable: what else is missing is removed as ever"
