"""What the programs service publishes of planning records, example by example: never a text."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.programs.record.codec import PLANNING_ENTRIES
from services.programs.record.domain import PlanningEntry, Shared, Written
from services.programs.record.outline import EntryKind, Links, RecordOf
from tests.support.clocks import START
from tests.support.golden import assert_golden

TEACHER, COACH, OTHER, CANARY = "teacher-1", "coach-1", "teacher-2", "Canary-words"
ID = "5f0c9a4e-0000-4000-8000-000000000071"
TWO = Shared(RecordOf.RELATIONSHIP, "rel-1", 2027, (COACH, TEACHER), TEACHER, COACH)
PAIR = Shared(RecordOf.CIRCLE, "circle-1", 2027, (TEACHER, OTHER))
LINKS = Links("goal-1", "trial-1", "observation-1", "session-1", "administration-1")


def written(record: Shared = TWO, by: str = COACH, corrects: str = "") -> PlanningEntry:
    return PlanningEntry.write(
        id=ID,
        district="north",
        record=record,
        last=None,
        by=by,
        at=START,
        said=Written(EntryKind.OBSERVE, CANARY, LINKS, corrects, START - timedelta(hours=1)),
        salt="0" * 32,
        made_by="made-by",
    )


def after(step: str) -> PlanningEntry:
    entry = written(PAIR, TEACHER, "entry-0")
    entry.take_event()
    match step:
        case "transfer":
            entry.transfer(TEACHER, "teacher-9")
        case "forget":
            entry.forget_reader(OTHER)
        case "restate":
            entry = entry.in_its_place(TEACHER, "5f0c9a4e-0000-4000-8000-000000000072")
        case "erase":
            entry.erase()
    return entry


PLACE = "5f0c9a4e-0000-4000-8000-000000000072"
EVENTS = [
    ("PlanningEntryWritten", written(), (TEACHER,)),
    ("PlanningEntryTransferred", after("transfer"), (TEACHER, "teacher-9")),
    ("PlanningEntryRestated", after("restate"), (PLACE,)),
    ("PlanningEntryErased", after("erase"), (TEACHER,)),
]


@pytest.mark.parametrize(("name", "entry", "told"), EVENTS, ids=[name for name, *_ in EVENTS])
def test_an_event_is_published_as_its_example_says(
    name: str, entry: PlanningEntry, told: tuple[str, ...]
) -> None:
    event = entry.take_event()
    entry.record(event)
    encoded = PLANNING_ENTRIES.encode(entry, event)
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert sorted(encoded.keys) == sorted(f"north:{each}" for each in told)
    for secret in (CANARY, entry.salt, entry.chained.content):
        assert not secret or secret.encode() not in encoded.data
    assert_golden("programs", encoded)


def test_a_correction_says_of_which_entry_and_nothing_of_either() -> None:
    entry = written(PAIR, TEACHER, "entry-0")
    encoded = PLANNING_ENTRIES.encode(entry, entry.take_event())
    assert b"entry-0" in encoded.data
    assert CANARY.encode() not in encoded.data


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, entry, _ in EVENTS:
        state = PLANNING_ENTRIES.to_state(entry)
        assert PLANNING_ENTRIES.from_state(entry.id, "north", 0, state) == entry
