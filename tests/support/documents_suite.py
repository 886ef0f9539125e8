"""What every store of the write side promises, run on memory and on MongoDB alike."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest

from services.chassis.kernel import Fault, Kind
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import (
    OUTBOX_EVENTS,
    READ_EVENTS,
    AlreadyExists,
    Document,
    Documents,
    Journal,
    JournalEntry,
    KeyUse,
    Outbox,
    OutboxFull,
    Page,
    Scalar,
    ended,
)
from services.chassis.write.quota import Bound

START = datetime(2026, 11, 2, 8, 0, 0, 123000, tzinfo=UTC)


class Store(Documents, Outbox, Protocol):
    """Both sides of one adapter."""


def event(version: int, id: str = "a", data: bytes = b"x", **more: Any) -> PendingEvent:
    fields: dict[str, Any] = {"keys": ("d1:t1",), "occurred_at": START + timedelta(seconds=version)}
    return PendingEvent(
        version=version, event_id=f"{id}:{version}", type="t.E", data=data, **{**fields, **more}
    )


def document(id: str = "a", key: str = "", **more: Any) -> Document:
    fields: dict[str, Any] = {"kind": "thing", "district": "d1", "version": 1, "state": {"n": 1}}
    keys = (KeyUse(key, "f", 1, "person:p1"),) if key else ()
    return Document(id=id, keys=keys, **{**fields, **more})


def bound(
    where: Mapping[str, Scalar], most: int = 10, unless: Mapping[str, Scalar] | None = None
) -> Bound:
    return Bound(where, most, "too_many", "Too many.", unless or {})


async def get(store: Documents, id: str = "a", district: str = "d1") -> Document:
    found = await store.get(district, "thing", id)
    assert found is not None
    return found


async def change(store: Documents, id: str = "a", key: str = "", caller: str = "person:p1") -> bool:
    """Add one to `n` of the aggregate as it is now."""
    before = await get(store, id)
    version = before.version + 1
    use = KeyUse(key, "f", version, caller) if key else None
    return await store.replace(before, {"n": before.state["n"] + 1}, event(version, id), use)


async def pending(store: Outbox, limit: int = 500) -> dict[str, list[int]]:
    return {
        each.id: [event.version for event in each.events] for each in await store.pending(limit)
    }


class DocumentsSuite:
    async def test_what_was_stored_is_read_back(self, store: Store) -> None:
        state = {"n": 1, "when": START, "list": [1, "x", {"y": None}], "yes": True, "raw": b"\0"}
        await store.insert(document(state=state, key="k"), event(1))
        found = await get(store)
        assert found == document(state=state, key="k", changed_at=event(1).occurred_at)

    async def test_an_id_is_taken_once(self, store: Store) -> None:
        await store.insert(document(), event(1))
        with pytest.raises(AlreadyExists):
            await store.insert(document(state={"n": 9}), event(1))
        assert (await get(store)).state == {"n": 1}
        assert await pending(store) == {"a": [1]}

    async def test_a_replace_raises_the_version_by_one(self, store: Store) -> None:
        await store.insert(document(), event(1))
        assert await change(store)
        found = await get(store)
        assert (found.version, found.state) == (2, {"n": 2})
        assert await pending(store) == {"a": [1, 2]}

    async def test_it_is_told_when_the_newest_event_was(self, store: Store) -> None:
        await store.insert(document(), event(1))
        assert await change(store)
        (listed,) = (await store.find("d1", "thing", {}, "", 10)).documents
        newest = event(2).occurred_at
        assert (listed.changed_at, (await get(store)).changed_at) == (newest, newest)

    async def test_a_replace_of_what_has_moved_changes_nothing(self, store: Store) -> None:
        await store.insert(document(), event(1))
        before = await get(store)
        assert await change(store)
        assert not await store.replace(
            before, {"n": 50}, event(2), KeyUse("k", "f", 2, "person:p1")
        )
        found = await get(store)
        assert (found.version, found.state, found.keys) == (2, {"n": 2}, ())
        assert await pending(store) == {"a": [1, 2]}

    async def test_racing_workers_get_gapless_versions_and_one_event_each(
        self, store: Store
    ) -> None:
        await store.insert(document(), event(1))

        async def worker() -> None:
            while not await change(store):
                pass

        await asyncio.gather(*(worker() for _ in range(20)))
        found = await get(store)
        assert (found.version, found.state) == (21, {"n": 21})
        assert await pending(store) == {"a": list(range(1, 22))}

    async def test_another_district_or_kind_sees_nothing(self, store: Store) -> None:
        await store.insert(document(), event(1))
        assert await store.get("d2", "thing", "a") is None
        assert await store.get("d1", "other", "a") is None
        assert await store.find("d2", "thing", {}, "", 10) == Page([])
        assert await store.find("d1", "other", {}, "", 10) == Page([])
        foreign = document(district="d2")
        assert not await store.replace(foreign, {"n": 7}, event(2), None)
        assert (await get(store)).version == 1

    async def test_find_pages_by_id(self, store: Store) -> None:
        for n in (3, 1, 4, 2, 5):
            await store.insert(document(f"id{n}"), event(1, f"id{n}"))
        pages, after = [], ""
        for _ in range(3):
            pages.append(await store.find("d1", "thing", {}, after, 2))
            after = pages[-1].after
        ids = [each.id for page in pages for each in page.documents]
        assert ids == [f"id{n}" for n in range(1, 6)]
        assert [page.after for page in pages] == ["id2", "id4", ""]
        assert (await store.find("d1", "thing", {}, "id3", 2)).after == ""

    async def test_find_asks_by_values_of_the_state(self, store: Store) -> None:
        states = {
            "a": {"teacher": "t1", "people": ["p1", "p2"], "open": True, "says": {"tags": ["x"]}},
            "b": {"teacher": "t1", "people": ["p2"], "open": False, "says": {"tags": ["x", "y"]}},
            "c": {"teacher": "t2", "people": [], "open": 1},
        }
        for name, state in states.items():
            await store.insert(document(name, state=state), event(1, name))

        async def ids(**where: str | int | bool) -> list[str]:
            return [each.id for each in (await store.find("d1", "thing", where, "", 10)).documents]

        assert await ids(**{"says.tags": "x"}) == ["a", "b"]
        assert await ids(**{"says.tags": "y"}) == ["b"]
        assert await ids(**{"says.missing": "y"}) == []
        assert await ids(teacher="t1") == ["a", "b"]
        assert await ids(people="p2") == ["a", "b"]
        assert await ids(people="p1", teacher="t1") == ["a"]
        assert await ids(open=True) == ["a"]
        assert await ids(missing="x") == []

    async def test_documents_are_counted_as_they_are_found_and_no_further(
        self, store: Store
    ) -> None:
        for n in range(5):
            state = {"teacher": f"t{n % 2}", "people": ["p1"]}
            await store.insert(document(f"id{n}", state=state), event(1, f"id{n}"))
        await store.insert(document("x", district="d2", state={"teacher": "t0"}), event(1, "x"))
        expected = [
            (bound({"teacher": "t0"}), 3),
            (bound({"teacher": "t0", "people": "p1"}, 2), 2),
            (bound({}), 5),
            (bound({}, unless={"teacher": "t0"}), 2),
            (bound({}, 1, {"teacher": "t0"}), 1),
            (bound({"teacher": "t1"}, unless={"teacher": "t0"}), 2),
            (bound({"teacher": "t0"}, unless={"people": "p1"}), 0),
            (bound({}, unless={"teacher": "t0", "missing": "x"}), 2),
        ]
        for each, count in expected:
            assert await store.counts("d1", "thing", [each]) == [count]
        wanted = [each for each, _ in expected]
        assert await store.counts("d1", "thing", wanted) == [count for _, count in expected]
        assert await store.counts("d1", "other", wanted[:2]) == [0, 0]

    async def test_a_full_outbox_refuses_and_a_moved_version_does_not_look_full(
        self, store: Store
    ) -> None:
        await store.insert(document(), event(1))
        await self.fill(store)
        before = await get(store)
        assert before.version == OUTBOX_EVENTS
        with pytest.raises(OutboxFull):
            await change(store)
        stale = document(version=3)
        assert not await store.replace(stale, {"n": 0}, event(4), None)
        assert await get(store) == before
        await store.clear({"a": [1]})
        assert await change(store)

    async def fill(self, store: Store) -> None:
        """As many events of `a` as there may be."""
        for _ in range(OUTBOX_EVENTS - 1):
            assert await change(store)

    async def test_a_document_that_grows_too_large_is_refused(self, store: Store) -> None:
        huge = {"text": "x" * 17_000_000}
        with pytest.raises(Fault) as refused:
            await store.insert(document(state=huge), event(1))
        assert refused.value.kind is Kind.LIMITED
        await store.insert(document(), event(1, data=b"x" * 9_000_000))
        before = await get(store)
        with pytest.raises(Fault) as refused:
            await store.replace(before, {}, event(2, data=b"x" * 9_000_000), None)
        assert refused.value.kind is Kind.LIMITED
        assert (await get(store)).version == 1


class OutboxSuite:
    async def test_pending_events_are_read_back_whole(self, store: Store) -> None:
        sent = event(
            1, keys=("d1:t1", "d1:t2"), year=2027, trace="00-ab", correlation="c",
            causation="b",
        )  # fmt: skip
        await store.insert(document(), sent)
        (waiting,) = await store.pending(10)
        assert (waiting.id, waiting.district, waiting.events) == ("a", "d1", (sent,))

    async def test_clear_removes_exactly_what_was_published(self, store: Store) -> None:
        await store.insert(document(), event(1))
        await store.insert(document("b"), event(1, "b"))
        for _ in range(3):
            assert await change(store)
        await store.clear({"a": [1, 2]})
        assert await pending(store) == {"a": [3, 4], "b": [1]}
        await store.clear({"a": [1, 2, 3], "b": [1], "unknown": [1]})
        assert await pending(store) == {"a": [4]}
        await store.clear({"a": [4]})
        await store.clear({})
        assert await pending(store) == {}
        assert await store.backlog() == (0, None)

    async def test_an_event_appended_before_the_clear_stays_pending(self, store: Store) -> None:
        await store.insert(document(), event(1))
        assert await pending(store) == {"a": [1]}
        assert await change(store)
        await store.clear({"a": [1]})
        assert await pending(store) == {"a": [2]}

    async def test_no_append_is_lost_to_a_clear_at_the_same_time(self, store: Store) -> None:
        await store.insert(document(), event(1))
        published: list[int] = []
        writing = True

        async def write() -> None:
            nonlocal writing
            for _ in range(60):
                assert await change(store)
            writing = False

        async def relay() -> None:
            while True:
                last = not writing
                for name, versions in (await pending(store)).items():
                    published.extend(versions)
                    await store.clear({name: versions})
                if last:
                    return
                await asyncio.sleep(0)

        await asyncio.gather(write(), relay())
        assert published == list(range(1, 62))
        assert await pending(store) == {}

    async def test_the_longest_waiting_come_first_and_no_more_than_asked(
        self, store: Store
    ) -> None:
        for n in (3, 1, 2):
            await store.insert(document(f"id{n}"), event(n, f"id{n}"))
        assert list(await pending(store)) == ["id1", "id2", "id3"]
        assert list(await pending(store, limit=2)) == ["id1", "id2"]
        assert await store.backlog() == (3, event(1).occurred_at)
        await store.replace(await get(store, "id1"), {"n": 2}, event(9, "id1"), None)
        await store.clear({"id1": [1]})
        assert list(await pending(store)) == ["id2", "id3", "id1"]
        assert await store.backlog() == (3, event(2).occurred_at)

    async def test_one_read_is_bounded_in_events_and_bytes(self, store: Store) -> None:
        await store.insert(document(), event(1))
        for _ in range(READ_EVENTS + 5):
            assert await change(store)
        assert await pending(store) == {"a": list(range(1, READ_EVENTS + 1))}
        for n in range(4):
            big = event(50 + n, f"b{n}", data=b"x" * 3_000_000)
            await store.insert(document(f"b{n}"), big)
        assert list(await pending(store)) == ["a", "b0", "b1", "b2"]


class JournalSuite:
    @staticmethod
    def entries(id: str, versions: Sequence[int], district: str = "d1") -> list[JournalEntry]:
        return [JournalEntry(id, district, event(version, id)) for version in versions]

    async def test_entries_are_read_back_by_aggregate_and_version(self, journal: Journal) -> None:
        await journal.append(self.entries("b", [1, 2]) + self.entries("a", [10, 2, 1]))
        await journal.append([])
        read = await journal.read("d1", None, "", 10)
        assert read == self.entries("a", [1, 2, 10]) + self.entries("b", [1, 2])
        after = await journal.read("d1", None, read[1].id, 2)
        assert after == self.entries("a", [10]) + self.entries("b", [1])

    async def test_a_second_append_leaves_the_first_alone_and_adds_the_rest(
        self, journal: Journal
    ) -> None:
        await journal.append(self.entries("a", [1, 2]))
        other = JournalEntry("a", "d1", event(2, data=b"other"))
        await journal.append([*self.entries("a", [1]), other, *self.entries("a", [3])])
        assert await journal.read("", None, "", 10) == self.entries("a", [1, 2, 3])

    async def test_reads_keep_to_a_district_and_a_time(self, journal: Journal) -> None:
        await journal.append(self.entries("a", [1, 2, 3]) + self.entries("b", [1], "d2"))
        assert await journal.read("d2", None, "", 10) == self.entries("b", [1], "d2")
        until = event(3).occurred_at
        assert await journal.read("d1", until, "", 10) == self.entries("a", [1, 2])
        assert len(await journal.read("", None, "", 10)) == 4

    async def test_the_events_of_one_aggregate_are_read_alone(self, journal: Journal) -> None:
        for name in ("a", "a:1", "a;", "ab", "b"):
            await journal.append(self.entries(name, [1, 2, 10]))
        for name in ("a", "a:1", "a;", "b"):
            assert await journal.read("", None, "", 10, name) == self.entries(name, [1, 2, 10])
        after = JournalEntry("a", "d1", event(1, "a")).id
        assert await journal.read("d1", None, after, 1, "a") == self.entries("a", [2])
        assert not await journal.read("d2", None, "", 10, "a")

    async def test_one_read_is_bounded_in_bytes(self, journal: Journal) -> None:
        large = [JournalEntry("a", "d1", event(n, data=b"x" * 3_000_000)) for n in range(1, 6)]
        for each in large:
            await journal.append([each])
        first = await journal.read("", None, "", 10)
        assert first == large[:3]
        assert not ended(first, 10)
        rest = await journal.read("", None, first[-1].id, 10)
        assert rest == large[3:]
        assert ended(rest, 10)
        assert not ended(rest, 2)

    async def test_of_those_that_replace_each_other_the_newest_is_given(
        self, journal: Journal
    ) -> None:
        def told(version: int, type_: str = "t.A", **other: Any) -> JournalEntry:
            entry = event(version, "a", **{"year": 2027, **other})
            return JournalEntry("a", "d1", replace(entry, type=type_))

        entries = [
            told(1),
            told(2, "t.B"),
            told(3, "t.Other"),
            told(4, "$type"),
            told(5, keys=("d1:t1", "d1:t2")),
            told(6, year=2026),
            told(7, year=0),
            told(8, year=0),
            told(9, "t.C"),
            told(10, "t.C"),
            told(11, "t.A"),
        ]
        await journal.append([*entries, *self.entries("b", [1])])
        groups = [["t.A", "t.B"], ["t.C", "$type"]]

        async def newest(after: str = "", among: int = 100) -> list[int]:
            found = await journal.newest("d1", None, after, among, groups)
            return [each.event.version for each in found]

        assert await newest() == [3, 5, 6, 7, 8, 10, 11, 1]
        assert await newest(among=2) == [2]
        assert await newest(entries[1].id, among=5) == [3, 4, 5, 6, 7]
        assert await newest(entries[9].id, among=5) == [11, 1]
        assert await journal.newest("d2", None, "", 100, groups) == []
        until = entries[1].event.occurred_at
        assert list(await journal.newest("d1", until, "", 100, groups)) == [
            told(1),
            *self.entries("b", [1]),
        ]
