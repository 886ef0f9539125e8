"""What all services tell of who looked, by its example."""

from __future__ import annotations

from coaching.looks.v1 import look_events_pb2
from services.access.book import LookBook
from services.chassis.call import Call, Principal
from services.chassis.write.memory_loose import MemoryLooseEvents
from services.chassis.write.write_path import EncodedEvent
from tests.support.clocks import FakeClock
from tests.support.golden import assert_complete, assert_golden


async def test_an_event_is_published_as_its_example_says() -> None:
    store = MemoryLooseEvents(FakeClock())
    book = LookBook("goals", store, FakeClock())
    viewer = Principal("north", person="coach-1", partner="sis")  # never both: it shows each field
    call = Call("get_goal", viewer, single="goal-1")
    for _ in range(2):
        book.note(call, "goal", "allowed", "coach", "grant-1", ["teacher-1", "teacher-2"])
    assert await book.flush() == 1
    ((_, loose),) = store.kept.values()
    event = loose.event
    assert event.type == "coaching.looks.v1.Looked"
    assert_golden("looks", EncodedEvent(event.type, event.keys, event.data))


def test_every_event_has_an_example() -> None:
    assert_complete("looks", look_events_pb2)
