"""What every store promises of parts that leave their aggregates, on memory and MongoDB alike."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from services.chassis.kernel import Fault
from services.chassis.log.envelope import Entry, PendingEvent
from services.chassis.write.documents import PAGE_BYTES, Journal, JournalEntry
from services.chassis.write.entries import Entries, EntryCodec, Numbered
from services.chassis.write.loading import Found
from tests.support.documents_suite import START, Store, document, event, get


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    at: datetime = START
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Other:
    n: int


NOTES = EntryCodec("note", "thing", Note)


def leaving(version: int, *left: tuple[int, str], id: str = "a", **more: Any) -> PendingEvent:
    entries = NOTES.entries([(number, Note(text)) for number, text in left])
    return event(version, id, entries=entries, **more)


async def publish(store: Store, journal: Journal, *, clear: bool = True) -> None:
    """What a relay does once all is acked; without `clear` it dies before its last step."""
    for each in await store.pending(500):
        published = [JournalEntry(each.id, each.district, one) for one in each.events]
        await journal.append(published)
        if clear:
            await store.clear({each.id: [one.version for one in each.events]})


def told(entries: Sequence[Entry]) -> list[tuple[int, str, int]]:
    return [(each.number, NOTES.part(each).text, each.version) for each in entries]


class Between:
    """A port after each of whose calls the relay has a round."""

    def __init__(self, port: Any, relay: Callable[[], Awaitable[None]]) -> None:
        self._port, self._relay = port, relay

    def __getattr__(self, name: str) -> Any:
        async def call(*arguments: Any) -> Any:
            found = await getattr(self._port, name)(*arguments)
            await self._relay()
            return found

        return call


class EntriesSuite:
    async def test_what_leaves_goes_along_with_its_event_and_is_kept_behind_it(
        self, store: Store, journal: Journal
    ) -> None:
        await store.insert(document(), event(1))
        assert await store.replace(
            await get(store), {"n": 2}, leaving(2, (1, "one"), (2, "two")), None
        )
        (waiting,) = await store.pending(10)
        assert [len(each.entries) for each in waiting.events] == [0, 2]
        before = await store.leaving("d1", "thing", "a")
        assert told(before) == [(1, "one", 2), (2, "two", 2)]
        assert [NOTES.part(each).at for each in before] == [START, START]
        assert await journal.left("d1", "a", "note", 99, 10) == []
        await publish(store, journal, clear=False)
        assert told(await store.leaving("d1", "thing", "a")) == told(before)
        await publish(store, journal)
        assert await store.leaving("d1", "thing", "a") == []
        after = await journal.left("d1", "a", "note", 99, 10)
        assert told(after) == [(2, "two", 2), (1, "one", 2)]
        assert [NOTES.part(each) for each in after] == [Note("two"), Note("one")]

    async def test_nothing_of_it_is_in_the_journal(self, store: Store, journal: Journal) -> None:
        await store.insert(document(), leaving(1, (1, "secret")))
        await publish(store, journal)
        assert await journal.read("", None, "", 10) == [JournalEntry("a", "d1", event(1))]

    async def test_the_newest_of_a_number_is_kept_in_whatever_order_they_come(
        self, journal: Journal
    ) -> None:
        first, second, third = (
            JournalEntry("a", "d1", leaving(version, (7, f"v{version}"))) for version in (1, 2, 3)
        )
        await journal.append([second])
        await journal.append([first, second])
        assert told(await journal.left("d1", "a", "note", 99, 10)) == [(7, "v2", 2)]
        await journal.append([third, first])
        await journal.append([second])
        assert told(await journal.left("d1", "a", "note", 99, 10)) == [(7, "v3", 3)]

    async def test_they_are_read_from_a_number_down_and_of_one_aggregate_alone(
        self, journal: Journal
    ) -> None:
        numbers = [1, 2, 9, 10, 100, 1_000]
        named = ("a", "a:1", "a:note", "ab")
        for name, district in (*((name, "d1") for name in named), ("b", "d2")):
            all_of_it = leaving(1, *((n, f"{name} {n}") for n in numbers), id=name)
            await journal.append([JournalEntry(name, district, all_of_it)])

        async def read(name: str, below: int, limit: int, district: str = "d1") -> list[int]:
            found = told(await journal.left(district, name, "note", below, limit))
            assert all(text == f"{name} {number}" for number, text, _ in found)
            return [number for number, _, _ in found]

        assert await read("a", 1_001, 10) == numbers[::-1]
        assert await read("a", 1_000, 2) == [100, 10]
        assert await read("a", 9, 10) == [2, 1]
        assert await read("a", 1, 10) == []
        assert await read("a:1", 3, 10) == [2, 1]
        assert await read("b", 3, 10) == []
        assert await read("b", 3, 10, "d2") == [2, 1]

    async def test_what_is_of_another_kind_is_a_list_of_its_own(
        self, store: Store, journal: Journal
    ) -> None:
        others = EntryCodec("other", "thing", Other)
        left = [(1, Note("one")), (1, Other(5)), (2, Other(6))]
        both = (*NOTES.entries(left), *others.entries(left))
        await store.insert(document(), event(1, entries=both))
        for _ in range(2):
            notes = await Entries(store, journal, NOTES).find("d1", "a", 9, 9)
            assert [(each.number, each.part) for each in notes.items] == [(1, Note("one"))]
            found = await Entries(store, journal, others).find("d1", "a", 9, 9)
            assert [(each.number, each.part.n) for each in found.items] == [(2, 6), (1, 5)]
            await publish(store, journal)

    async def test_another_district_or_kind_sees_nothing_leave(self, store: Store) -> None:
        await store.insert(document(), leaving(1, (1, "one")))
        assert await store.leaving("d2", "thing", "a") == []
        assert await store.leaving("d1", "other", "a") == []
        assert await store.leaving("d1", "thing", "b") == []

    async def test_a_list_is_whole_wherever_its_items_are(
        self, store: Store, journal: Journal
    ) -> None:
        """Some kept, some on the way, some of these anew; and what is on both sides once."""
        entries = Entries(store, journal, NOTES)
        await store.insert(document(), leaving(1, *((n, f"old {n}") for n in range(1, 6))))
        await publish(store, journal)
        more = leaving(2, (6, "new 6"), (2, "new 2"))
        assert await store.replace(await get(store), {"n": 2}, more, None)
        for clear in (False, True):
            pages, below = [], 99
            while True:
                page = await entries.find("d1", "a", below, 4)
                pages.append([(each.number, each.part.text) for each in page.items])
                if not page.after:
                    break
                below = int(page.after)
            assert pages == [
                [(6, "new 6"), (5, "old 5"), (4, "old 4"), (3, "old 3")],
                [(2, "new 2"), (1, "old 1")],
            ]
            assert (await entries.get("d1", "a", 2)).text == "new 2"
            await publish(store, journal, clear=clear)
        for number in (0, 7):
            with pytest.raises(Fault, match="not_found"):
                await entries.get("d1", "a", number)

    @pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 9])
    async def test_a_page_goes_from_what_is_held_to_what_has_left(
        self, store: Store, journal: Journal, size: int
    ) -> None:
        entries = Entries(store, journal, NOTES)
        left = [(n, f"left {n}") for n in range(1, 6)]
        await store.insert(document(), leaving(1, *left))
        held = [Numbered(n, Note(f"held {n}")) for n in range(6, 9)]
        found: list[str] = []
        after = ""
        while after or not found:
            page = await entries.page("d1", "a", held, after, size)
            assert len(page.items) == min(size, 8 - len(found))
            found += [each.part.text for each in page.items]
            after = page.after
            await publish(store, journal)
        assert found == [
            *(f"held {n}" for n in (8, 7, 6)), *(f"left {n}" for n in (5, 4, 3, 2, 1))
        ]  # fmt: skip
        assert await entries.page("d1", "a", [], "", size) == Found([])
        for after in ("x", "-1", "1_0", "9" * 13):
            with pytest.raises(Fault, match="page_token"):
                await entries.page("d1", "a", held, after, size)

    async def test_a_page_of_them_is_bounded(self, store: Store, journal: Journal) -> None:
        entries = Entries(store, journal, NOTES)
        long = "x" * (PAGE_BYTES // 3)
        texts = [long if n < 7 else "short" for n in range(1, 120)]
        await store.insert(document(), leaving(1, *enumerate(texts, 1)))
        await publish(store, journal)
        sizes, below = [], 999
        while below:
            page = await entries.find("d1", "a", below, 200)
            sizes.append(len(page.items))
            assert sum(len(each.part.text) for each in page.items) <= PAGE_BYTES
            below = int(page.after or 0)
        assert sizes == [50, 50, 15, 2, 2]

    async def test_what_goes_on_while_it_is_read_is_read(
        self, store: Store, journal: Journal
    ) -> None:
        async def relay() -> None:
            await publish(store, journal)

        entries = Entries(Between(store, relay), Between(journal, relay), NOTES)
        await store.insert(document(), leaving(1, (1, "one")))
        (found,) = (await entries.find("d1", "a", 99, 10)).items
        assert (found.number, found.part.text) == (1, "one")

    async def test_what_this_build_cannot_read_is_left_out_and_counted(
        self, store: Store, journal: Journal
    ) -> None:
        (good,) = NOTES.entries([(1, Note("good"))])
        unknown = replace(good, number=2, state={**good.state, "more": 1})
        newer = replace(good, number=3, schema=2)
        entries = Entries(store, journal, NOTES)
        await store.insert(document(), event(1, entries=(good, unknown, newer)))
        await publish(store, journal)
        page = await entries.find("d1", "a", 99, 10)
        assert ([each.number for each in page.items], page.left_out) == ([1], 2)
        for number, code in ((2, "state_unreadable"), (3, "needs_upgrade")):
            with pytest.raises(Fault) as refused:
                await entries.get("d1", "a", number)
            assert refused.value.code == code
