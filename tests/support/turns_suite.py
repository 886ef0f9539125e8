"""What every outbox promises to districts beside one with a backlog, on memory and MongoDB."""

import asyncio
from collections import Counter

from services.chassis.district_turns import TURNS
from services.chassis.write.documents import OutboxPlace, Pending
from services.chassis.write.taken import TURN_AGGREGATES
from tests.support.documents_suite import Store, document, event, get

LIMIT = 10


async def fill(store: Store, district: str, count: int, since: int = 1) -> None:
    async def insert(n: int) -> None:
        name = f"{district}-{n:03d}"
        told = event(since + n, name, keys=(f"{district}:t",))
        await store.insert(document(name, district=district), told)

    await asyncio.gather(*(insert(n) for n in range(count)))


async def read(store: Store) -> Counter[str]:
    """How many aggregates of each district; the longest waiting first."""
    waiting: list[Pending] = list(await store.pending(LIMIT))
    ages = [each.events[0].occurred_at for each in waiting[:LIMIT]]
    assert ages == sorted(ages)
    assert len({each.id for each in waiting}) == len(waiting)
    return Counter(each.district for each in waiting)


class TurnsSuite:
    async def test_no_district_waits_for_the_backlog_of_another(self, store: Store) -> None:
        await fill(store, "m", LIMIT)
        await fill(store, "a", 3, since=100)
        assert await read(store) == {"m": LIMIT, "a": 3}
        await fill(store, "z", TURN_AGGREGATES + 1, since=100)
        for _ in range(3):
            assert await read(store) == {"m": LIMIT, "a": 3, "z": TURN_AGGREGATES - 3}

    async def test_what_one_read_takes_whole_needs_no_turns(self, store: Store) -> None:
        await fill(store, "m", LIMIT)
        assert await read(store) == {"m": LIMIT}
        await fill(store, "n", 1)
        assert await read(store) == {"m": LIMIT - 1, "n": 1}

    async def test_many_districts_with_a_backlog_take_turns(self, store: Store) -> None:
        await fill(store, "a", LIMIT + 1)
        others = [f"d{n:02d}" for n in range(TURNS + 3)]
        for name in others:
            await fill(store, name, TURN_AGGREGATES + 1, since=100)
        served: Counter[str] = Counter()
        for _ in range(3):
            found = await read(store)
            assert found["a"] == LIMIT
            assert len(found) <= TURNS + 1
            served.update(found.keys())
        assert min(served[name] for name in others) >= 1
        assert max(served[name] for name in others) <= 3

    async def test_a_read_begins_behind_a_place(self, store: Store) -> None:
        await fill(store, "m", 2 * LIMIT)
        for n in (2, 1, 3):  # of one instant, as of an import: by id
            told = event(100, f"same{n}")
            await store.insert(document(f"same{n}", district="m"), told)
        found: list[str] = []
        place: OutboxPlace | None = None
        reads = 0
        while place is not None or not reads:
            waiting = await store.pending(LIMIT - 1, place)
            assert list(waiting) == list(waiting.oldest)
            found += [each.id for each in waiting]
            place, reads = waiting.last, reads + 1
        assert found == [*(f"m-{n:03d}" for n in range(2 * LIMIT)), "same1", "same2", "same3"]
        assert reads == 3
        (last,) = await store.pending(LIMIT, (event(100).occurred_at, "same2"))
        assert last.id == "same3"
        assert await store.pending(LIMIT, (event(100).occurred_at, "same3")) == []

    async def test_turns_come_in_behind_a_place_too(self, store: Store) -> None:
        await fill(store, "m", 2 * LIMIT + 1)
        await fill(store, "a", 3, since=0)
        first = await store.pending(LIMIT)
        assert Counter(each.district for each in first) == {"m": LIMIT - 3, "a": 3}
        then = await store.pending(LIMIT, first.last)
        assert [each.district for each in then.oldest] == ["m"] * LIMIT
        assert [each.district for each in then] == ["m"] * LIMIT + ["a"] * 3
        assert {each.id for each in first.oldest}.isdisjoint(each.id for each in then.oldest)

    async def test_a_read_ended_by_bytes_tells_its_last_place(self, store: Store) -> None:
        for n in range(4):
            large = event(1 + n, f"b{n}", data=b"x" * 3_000_000)
            await store.insert(document(f"b{n}"), large)
        first = await store.pending(500)
        assert [each.id for each in first] == ["b0", "b1", "b2"]
        (other,) = await store.pending(500, first.last)
        assert other.id == "b3"

    async def test_one_large_aggregate_leaves_the_others_their_turn(self, store: Store) -> None:
        large = b"x" * 900_000
        await store.insert(document(), event(1, data=large))
        for version in range(2, 13):
            before = await get(store)
            assert await store.replace(before, {"n": version}, event(version, data=large), None)
        await fill(store, "d2", 1, since=100)
        first, other = await store.pending(500)
        assert [each.version for each in first.events] == list(range(1, 10))
        assert other.district == "d2"

    async def test_long_keys_count_as_bytes(self, store: Store) -> None:
        keys = tuple(f"d1:{n:03d}{'x' * 997}" for n in range(200))
        for n in range(60):
            await store.insert(document(f"w{n:02d}"), event(1 + n, f"w{n:02d}", keys=keys))
        assert len(await store.pending(500)) == 40
