"""What a city's file takes in memory: nothing that grows with enrollments but 4 bytes for each."""

import gc
import io
import tracemalloc
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import Any

from bench.rosters import Size, write_roster
from services.access.districts import OwnRoles
from services.roster.class_.codec import CLASSES
from services.roster.class_.domain import Class
from services.roster.imports.cases import ImportProgress, Report, import_roster
from services.roster.imports.oneroster.line_numbers import LineNumbers
from services.roster.imports.oneroster.reader import read_roster
from services.roster.imports.roster_file import KnownRecords, ParsedRoster
from services.roster.imports.sharing import Sharing
from tests.support.roster_files import TODAY, Service, call_for


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


class Filed:
    """A `RosterFile` of that many classes."""

    def __init__(self, path: Path, classes: int) -> None:
        write_roster(path, Size(30, 2, 60, classes, 1), 2027)
        self._packed = path.read_bytes()

    async def changes(self) -> bool:
        return False

    async def read(
        self, district: str, today: str, own: OwnRoles, known: KnownRecords
    ) -> ParsedRoster:
        return read_roster(io.BytesIO(self._packed), district, today, own, known)


class Counted(ImportProgress):
    """`held`: bytes, when it is settled what is to be done."""

    held = 0

    async def planned(self, report: Report) -> None:
        gc.collect()  # what nobody holds any more waits for that by chance
        self.held = tracemalloc.get_traced_memory()[0]


async def beside(path: Path, classes: int) -> int:
    """Bytes that the same file again holds more than it did while nothing was stored."""
    service, file = Service(), Filed(path, classes)
    ports, call, held = service.ports.imports, call_for("import_roster", "admin-1"), list[int]()
    for _ in range(2):
        counted = Counted()
        tracemalloc.start()
        try:
            await import_roster(ports, call, file, validate_only=True, progress=counted)
        finally:
            tracemalloc.stop()
        held.append(counted.held)
        await import_roster(ports, call, file)
    return held[1] - held[0]


async def test_what_is_stored_takes_little_beside_a_file_that_says_the_same(
    tmp_path: Path,
) -> None:
    """A city's second import in a process took 309 MB more than its first: 1 kB a record."""
    few, many = [await beside(tmp_path / "r.zip", classes) for classes in (400, 1_400)]
    assert (many - few) / 1_000 < 400


def has_a_dictionary_of_its_own(record: Class) -> bool:
    """It takes 700 bytes more than attributes that all records of a kind have alike."""
    return any(type(each) is dict for each in gc.get_referents(record))


def test_no_record_has_a_dictionary_of_its_own() -> None:
    said = {"title": "Math", "school": "s", "sessions": ("term-1",), "school_year": 2027}
    told: dict[str, Any] = {"teachers": ("teacher-1",), "student_count": 20, **said}
    made = [Class(id="c", district="north", sourced_id="c", **told) for _ in range(3)]
    made[0].upsert(made[0])
    assert made[0].take_event() is not None
    sharing = Sharing({"c": made[0]})
    stored = CLASSES.from_state("c", "north", 1, CLASSES.to_state(made[1]))
    assert has_a_dictionary_of_its_own(stored), "or nothing of this is needed any more"
    for each in (*made, sharing.shared(made[2]), sharing.shared(replace(stored))):
        assert not has_a_dictionary_of_its_own(each)


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
