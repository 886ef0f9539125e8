"""What a city's file takes in memory: nothing that grows with enrollments but 4 bytes for each."""

import io
import tracemalloc
from itertools import count, islice
from pathlib import Path

from bench.rosters import Size, write_roster
from services.access.districts import OwnRoles
from services.roster.imports.oneroster.line_numbers import LineNumbers
from services.roster.imports.oneroster.reader import read_roster
from tests.support.roster_files import TODAY


def peak(path: Path, students: int, seats: int) -> int:
    """Bytes that reading such a file took at most."""
    write_roster(path, Size(30, 2, students, 120, seats), 2027)
    file = io.BytesIO(path.read_bytes())
    tracemalloc.start()
    try:
        roster = read_roster(file, "north", TODAY, OwnRoles())
        assert sum(each.student_count for each in roster.classes.records.values()) > 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_what_a_student_and_her_enrollments_take(tmp_path: Path) -> None:
    """A set of each class's students took 1.3 GB of a city's file."""
    few, students, seats = (
        peak(tmp_path / "r.zip", *each) for each in ((100, 1), (2_100, 1), (2_100, 11))
    )
    assert (students - few) / 2_000 < 60
    assert (seats - students) / 20_000 < 12


def test_a_line_of_each_key() -> None:
    lines = LineNumbers()
    for number in range(1, 3_001):
        assert f"k{number}" not in lines
        lines[f"k{number}"] = number
    lines["k7"] = 4_000  # a later row counts in a file of changes
    assert [lines.get(f"k{number}") for number in (1, 7, 3_000, 3_001)] == [1, 4_000, 3_000, 0]
    assert lines.last == 4_000
    assert all(lines[f"k{number}"] == number for number in range(8, 3_001))


def test_keys_that_share_a_place_are_told_apart() -> None:
    lines = LineNumbers()
    one, other, third = islice((k for k in map(str, count()) if hash(k) % 1024 == 5), 3)
    lines[one], lines[other] = 1, 2
    assert (lines[one], lines[other], lines.get(third)) == (1, 2, 0)
