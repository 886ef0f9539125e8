"""Bands of experience, and which groups of people may be told."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from services.chassis.kernel import Fault
from services.ctl.experience_csv import read_experience
from services.roster.experience.domain import Band, band_of, band_since, released

FIRST, SECOND, THIRD, FOURTH, FIFTH = Band


@pytest.mark.parametrize(
    ("years", "band"),
    [
        (0, FIRST), (2, FIRST), (2.9, FIRST), (3, SECOND), (4.99, SECOND), (5, THIRD), (10, THIRD),
        (10.5, THIRD), (11, FOURTH), (20.9, FOURTH), (21, FIFTH), (80, FIFTH),
    ],
)  # fmt: skip
def test_whole_years_make_the_band(years: float, band: Band) -> None:
    assert band_of(years) is band


@pytest.mark.parametrize("years", [-0.1, 80.1, 1_000])
def test_what_can_be_nobodys(years: float) -> None:
    with pytest.raises(Fault, match="years_out_of_range"):
        band_of(years)


@pytest.mark.parametrize(
    ("start", "band"),
    [
        ("2026-10-05", FIRST),
        ("2023-10-06", FIRST),
        ("2023-10-05", SECOND),
        ("2016-02-29", THIRD),
        ("2005-10-05", FIFTH),
        ("2005-10-06", FOURTH),
    ],
)
def test_a_day_since_when_counts_by_its_anniversaries(start: str, band: Band) -> None:
    assert band_since(date.fromisoformat(start), date(2026, 10, 5)) is band


def test_a_day_to_come_is_refused() -> None:
    with pytest.raises(Fault, match="years_out_of_range"):
        band_since(date(2026, 10, 6), date(2026, 10, 5))


def test_no_small_group_is_told_nor_follows_from_what_is() -> None:
    """All districts with 0 to 4 people in each of five bands, where 3 are the fewest to be told."""
    for counts in itertools.product(range(5), repeat=5):
        known = dict(zip(Band, counts, strict=True))
        bands, whole = released(known, 3)
        hidden = [known[band] for band, told in bands.items() if told is None]
        assert {told for told in bands.values() if told is not None} <= {3, 4}
        assert whole == (sum(counts) if sum(counts) >= 3 else None)
        if whole is not None:
            assert not hidden or (len(hidden) > 1 and sum(hidden) >= 3), known
        assert all(told in (None, known[band]) for band, told in bands.items())


def test_of_large_groups_all_are_told() -> None:
    counts = dict.fromkeys(Band, 12)
    assert released(counts, 10) == (counts, 60)


def test_what_personnel_offices_write_is_read() -> None:
    text = (
        "\ufeffSourcedId,Last Name,Years of Experience,Hire Date\r\n"
        "t1,Able,7,\r\n\r\nt2,Baker,7.5,\r\nt3,Cole,,8/15/2019\r\nt4,Dean,,2020-08-01\r\n"
        't5,"Eve, Jr.","7,5",\r\n'
    )
    for content in (text.encode(), text.lstrip("\ufeff").encode("utf-16")):
        found = read_experience(content)
        assert found.problems == []
        assert found.rows == [
            (2, {"person_id": "t1", "years": 7.0}),
            (4, {"person_id": "t2", "years": 7.5}),
            (5, {"person_id": "t3", "start_date": "2019-08-15"}),
            (6, {"person_id": "t4", "start_date": "2020-08-01"}),
            (7, {"person_id": "t5", "years": 7.5}),
        ]
        assert [column for column, _ in found.notes] == ["start_date"]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("t1", "", "wrong_cell_count"),
        ('t1,"7', "", "wrong_cell_count"),
        (",7", "person_id", "required"),
        ("a b,7", "person_id", "bad_id"),
        ("t1,", "years", "years_or_start_date"),
        ("t1,seven", "years", "bad_number"),
        ("t1,-1", "years", "bad_number"),
        ("t1,1e9", "years", "bad_number"),
        ("t1,\u0663", "years", "bad_number"),
        ("t0,7", "person_id", "duplicate"),
    ],
)
def test_a_wrong_row_is_named_and_the_rest_is_taken(row: str, column: str, code: str) -> None:
    found = read_experience(f"person_id,years\nt0,1\n{row}\nt9,2\n".encode())
    (problem,) = found.problems
    assert (problem.line, problem.column, problem.code) == (3, column, code)
    assert [said["person_id"] for _, said in found.rows] == ["t0", "t9"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "bad_header"),
        (b"person_id\nt1\n", "bad_header"),
        (b"years\n7\n", "bad_header"),
        (b"person_id,years,Years\nt1,7,7\n", "bad_header"),
        (b"person_id,years\nt1,\xff\n", "not_utf8"),
        (b" " * (32 * 1024 * 1024 + 1), "too_large"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(content: bytes, code: str) -> None:
    found = read_experience(content)
    assert ([each.code for each in found.problems], found.rows) == ([code], [])
