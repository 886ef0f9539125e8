"""What every store promises of what is erased, on memory and MongoDB alike."""

from dataclasses import replace
from typing import Any

import pytest

from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import AlreadyExists, Journal, JournalEntry, Page
from services.chassis.write.pending import erasing
from tests.support.documents_suite import (
    Store,
    bound,
    change,
    document,
    event,
    get,
    pending,
)
from tests.support.entries_suite import leaving, publish, told

SECRET = b"secret"


def last(version: int, id: str = "a", because: str = "order:1", **more: Any) -> PendingEvent:
    return replace(event(version, id, data=b"", causation=because, **more), erases=True)


async def erase(store: Store, id: str = "a", **more: Any) -> bool:
    before = await get(store, id)
    waiting = await store.leaving("d1", "thing", id)
    return await store.erase(before, erasing(last(before.version + 1, id, **more), waiting))


async def versions(journal: Journal, id: str = "a") -> list[int]:
    return [each.event.version for each in await journal.read("", None, "", 5_000, id)]


class ErasingSuite:
    async def test_nothing_finds_what_was_erased_and_its_id_stays_taken(self, store: Store) -> None:
        await store.insert(document(key="k"), event(1))
        before = await get(store)
        assert not await store.is_erased("d1", "thing", "a")
        assert await erase(store)
        assert await store.get("d1", "thing", "a") is None
        assert await store.find("d1", "thing", {}, "", 10) == Page([])
        assert await store.counts("d1", "thing", [bound({})]) == [0]
        assert await store.leaving("d1", "thing", "a") == []
        assert not await store.replace(before, {"n": 2}, event(2), None)
        assert not await store.erase(before, last(2))
        assert await store.is_erased("d1", "thing", "a")
        for district, kind, name in (
            ("d2", "thing", "a"),
            ("d1", "other", "a"),
            ("d1", "thing", "b"),
        ):
            assert not await store.is_erased(district, kind, name)
        with pytest.raises(AlreadyExists):
            await store.insert(document(), event(1))

    async def test_what_has_moved_is_not_erased(self, store: Store) -> None:
        await store.insert(document(), event(1))
        before = await get(store)
        assert await change(store)
        assert not await store.erase(before, last(2))
        assert not await store.erase(replace(before, district="d2", version=2), last(3))
        assert (await get(store)).state == {"n": 2}
        assert await pending(store) == {"a": [1, 2]}

    async def test_what_waits_is_never_published_but_that_it_is_gone(self, store: Store) -> None:
        await store.insert(document(), event(1, data=SECRET))
        assert await change(store)
        assert await erase(store, year=2027)
        (waiting,) = await store.pending(10)
        assert (waiting.id, waiting.district, waiting.events) == ("a", "d1", (last(3, year=2027),))
        assert await store.backlog() == (1, last(3).occurred_at)
        await store.clear({"a": [1, 2]})
        assert await pending(store) == {"a": [3]}
        await store.clear({"a": [3]})
        assert await store.backlog() == (0, None)

    async def test_tombstones_are_found_by_their_cause(self, store: Store) -> None:
        for name, because in (("a", "order:1"), ("b", "order:1"), ("c", "order:2"), ("d", "")):
            await store.insert(document(name), event(1, name))
            assert await erase(store, name, because=because)
        await store.insert(document("e"), event(1, "e"))
        assert await store.erased("d1", "order:1") == ["a", "b"]
        assert await store.erased("d1", "order:2") == ["c"]
        assert await store.erased("d1", "order") == ["a", "b", "c"]
        assert await store.erased("d1", "orde") == []
        assert await store.erased("d2", "order:1") == await store.erased("d2", "order") == []
        assert await store.erased("d1", "order:3") == []
        assert await store.erased("d1", "order:1", journaled=True) == []
        await store.clear({"a": [2]})
        assert await store.erased("d1", "order:1", journaled=True) == ["a"]
        assert await store.erased("d1", "order", journaled=True) == ["a"]

    async def test_the_journal_forgets_what_was_said_before(
        self, store: Store, journal: Journal
    ) -> None:
        await store.insert(document(), event(1, data=SECRET))
        assert await change(store)
        await publish(store, journal)
        for other in ("ab", "a:1", "a;"):
            await journal.append([JournalEntry(other, "d1", event(1, other))])
        assert await versions(journal) == [1, 2]
        assert await erase(store)
        await publish(store, journal, clear=False)
        await publish(store, journal)
        assert await journal.read("", None, "", 10, "a") == [JournalEntry("a", "d1", last(3))]
        newest = await journal.newest("d1", None, "", 100, [["t.E"]])
        assert [(each.aggregate_id, each.event.version) for each in newest] == [
            ("a", 3), ("a:1", 1), ("a;", 1), ("ab", 1)
        ]  # fmt: skip

    async def test_who_has_read_it_before_puts_nothing_back(
        self, store: Store, journal: Journal
    ) -> None:
        """A relay that stood still since, of versions that another has journaled or nobody."""
        await store.insert(document(), leaving(1, (1, "sesame"), data=SECRET))
        await publish(store, journal)
        assert await store.replace(await get(store), {}, leaving(2, (2, "barley")), None)
        (read,) = await store.pending(10)
        late = [
            JournalEntry("a", "d1", leaving(1, (1, "sesame"), data=SECRET)),
            *(JournalEntry("a", "d1", each) for each in read.events),
        ]
        assert await erase(store)
        await publish(store, journal)
        assert await versions(journal) == [3]
        await journal.append(late)
        assert await versions(journal) == [3]
        assert await journal.left("d1", "a", "note", 99, 10) == []
        assert await self.everything(store, journal, b"sesame", b"barley", SECRET) == []

    async def test_parts_that_have_left_it_are_forgotten(
        self, store: Store, journal: Journal
    ) -> None:
        for name in ("a", "ab", "a:1"):
            await store.insert(document(name), leaving(1, (1, f"of {name}"), (2, "x"), id=name))
        await publish(store, journal)
        assert await erase(store)
        await publish(store, journal)
        assert await journal.left("d1", "a", "note", 99, 10) == []
        for name in ("ab", "a:1"):
            kept = told(await journal.left("d1", name, "note", 99, 10))
            assert kept == [(2, "x", 1), (1, f"of {name}", 1)]

    async def test_however_many_versions_there_were(self, journal: Journal) -> None:
        await journal.append([JournalEntry("a", "d1", event(n)) for n in (1, 999, 1_000, 2_001)])
        await journal.append([JournalEntry("a", "d1", last(2_002))])
        assert await versions(journal) == [2_002]
        await journal.append([JournalEntry("a", "d1", event(n)) for n in (1, 2, 1_500, 2_001)])
        assert await versions(journal) == [2_002]

    async def everything(self, store: Any, journal: Any, *secrets: bytes) -> list[bytes]:
        """Which of them lie anywhere in the stores."""
        held = repr((store.__dict__, journal.__dict__)).encode()
        return [each for each in secrets if each in held]
