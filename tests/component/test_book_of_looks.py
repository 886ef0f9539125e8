"""The book of looks: what is noted is stored with all of its moment, or nothing more is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest

from coaching.looks.v1 import look_events_pb2 as published
from services.access import book as books
from services.access.book import LookBook
from services.chassis.call import Call, Principal
from services.chassis.kernel import Fault, Kind
from services.chassis.write.loose import LooseEvent
from services.chassis.write.memory_loose import MemoryLooseEvents
from tests.support.clocks import FakeClock
from tests.support.waiting import eventually


class Store(MemoryLooseEvents):
    """`down`: it answers nothing; `inserts` are the commands that were asked."""

    def __init__(self) -> None:
        super().__init__(FakeClock())
        self.down = False
        self.inserts: list[int] = []

    async def insert(self, events: Sequence[LooseEvent]) -> None:
        self.inserts.append(len(events))
        if self.down:
            raise Fault(Kind.UNAVAILABLE, "outcome_unknown")
        await super().insert(events)

    def told(self) -> list[tuple[tuple[str, ...], Any]]:
        return [
            (each.event.keys, published.Looked.FromString(each.event.data).look)
            for _, each in self.kept.values()
        ]


def note(book: LookBook, *people: str, viewer: str = "coach", operation: str = "get_goal") -> None:
    call = Call(operation, Principal("north", person=viewer))
    book.note(call, "goal", "allowed", "coach", "", people)


async def test_looks_that_are_alike_are_one_event_for_all_whom_they_concern() -> None:
    store = Store()
    book = LookBook("goals", store, FakeClock())
    note(book, "t1", "t2", "coach")  # not of herself
    note(book, "t1")
    note(book, "t3", viewer="other")
    assert await book.flush() == 3
    assert store.inserts == [3]
    told = {keys: (look.viewer_id, look.times) for keys, look in store.told()}
    assert told == {
        ("north:t2",): ("coach", 1),
        ("north:t1",): ("coach", 2),
        ("north:t3",): ("other", 1),
    }
    (first, *_) = (look for _, look in store.told())
    assert (first.service, first.kind, first.operation) == ("goals", "goal", "get_goal")
    assert (first.purpose, first.relation, first.decision) == ("coaching", "coach", "allowed")
    assert await book.flush() == 0
    assert store.inserts == [3]


async def test_an_event_tells_a_bounded_number_of_people() -> None:
    store = Store()
    book = LookBook("goals", store, FakeClock())
    note(book, *(f"t{each}" for each in range(books.MOST_KEYS + 1)))
    await book.flush()
    assert sorted(len(keys) for keys, _ in store.told()) == [1, books.MOST_KEYS]


async def test_what_may_have_been_stored_is_stored_again_as_it_was() -> None:
    store = Store()
    book = LookBook("goals", store, FakeClock())
    note(book, "t1")
    store.down = True
    with pytest.raises(Fault):
        await book.flush()
    note(book, "t2")
    store.down = False
    assert await book.flush() == 1
    assert await book.flush() == 1
    assert sorted(keys for keys, _ in store.told()) == [("north:t1",), ("north:t2",)]


async def test_a_look_for_which_there_is_no_room_is_not_granted() -> None:
    store = Store()
    book = LookBook("goals", store, FakeClock())
    note(book, *(f"t{each}" for each in range(books.MOST)))
    with pytest.raises(Fault) as caught:
        note(book, "one-more")
    assert (caught.value.kind, caught.value.code) == (Kind.OVERLOADED, "overloaded")
    store.down = True
    with pytest.raises(Fault):
        await book.flush()
    with pytest.raises(Fault):
        note(book, "one-more")  # what is being stored counts
    store.down = False
    await book.flush()
    note(book, "one-more")


async def test_it_stores_by_itself_and_the_last_ones_when_it_ends() -> None:
    store, stop = Store(), asyncio.Event()
    book = LookBook("goals", store, FakeClock())
    running = asyncio.create_task(book.run(stop))
    note(book, "t1")
    await eventually(lambda: bool(store.kept))
    note(book, "t2")
    stop.set()
    await running
    assert sorted(keys for keys, _ in store.told()) == [("north:t1",), ("north:t2",)]


async def test_nobody_is_let_in_while_looks_cannot_be_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(books, "WAIT_SECONDS", 0.05)
    store, stop = Store(), asyncio.Event()
    book = LookBook("goals", store, FakeClock())
    store.down = True
    running = asyncio.create_task(book.run(stop))
    await book.ready()
    note(book, "t1")

    async def refused() -> bool:
        with suppress(TimeoutError):
            try:
                await book.ready()
            except Fault as fault:
                return fault.kind is Kind.OVERLOADED
        return False

    await eventually(refused)
    store.down = False
    monkeypatch.setattr(books, "WAIT_SECONDS", 60.0)
    await book.ready()  # who waits is let in once they are stored
    assert store.kept
    stop.set()
    await running


async def test_which_thing_it_was_is_told_of_partners_that_read_one_by_itself_alone() -> None:
    """Of what belongs to it, and of people who look, nobody is told which."""
    store = Store()
    book = LookBook("goals", store, FakeClock())
    for who in (Principal("north", partner="sis"), Principal("north", person="coach")):
        for operation in ("get_goal", "list_progress", "get_trial"):
            call = Call(operation, who, single="g1")
            book.note(call, "goal", "allowed", "scope", "", ["t1"])
    await book.flush()
    named = {(look.partner_id, look.operation) for _, look in store.told() if look.artifact_id}
    assert named == {("sis", "get_goal")}
