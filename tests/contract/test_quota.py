"""Where growth begins it has a bound, and asking for it costs few commands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

import pytest

from services.chassis.call import Call
from services.chassis.kernel import Fault, Kind
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import Document, Wanted
from services.chassis.write.quota import AN_EIGHTH, FULL_SECONDS, KEPT, SECONDS, Bound, Quota
from services.chassis.write.write_path import WritePath
from tests.support.counters import Bench, Clock, Counter, Spied, call
from tests.support.documents_suite import event

BOUND = Bound({"note": "n"}, 3, "too_many_things", "There are at most 3 things.")


class Counting(Spied):
    counted = 0
    down = False

    async def insert(self, document: Document, event: PendingEvent) -> None:
        if self.down:
            raise Fault(Kind.UNAVAILABLE, "outcome_unknown")
        await super().insert(document, event)

    async def counts(self, district: str, kind: str, wanted: Sequence[Wanted]) -> Sequence[int]:
        self.counted += 1
        return await super().counts(district, kind, wanted)


class Site(Bench):
    def __init__(self) -> None:
        self.store, self.now = Counting(), 0.0
        super().__init__(documents=self.store)
        self.path = self.process()

    def process(self) -> WritePath[Counter]:
        return WritePath(self.documents, self.codec, Clock(), self.bell, monotonic=lambda: self.now)

    async def make(
        self,
        each: Call,
        path: WritePath[Counter] | None = None,
        bounds: Sequence[Bound] = (BOUND,),
        note: str = "n",
    ) -> Counter:
        path = path or self.path
        new = Counter(id=path.new_id(each), district=each.district, note=note)
        new.add(1)
        return await path.create(each, new, bounds)

    async def all_that_may_be(
        self, path: WritePath[Counter], bounds: Sequence[Bound]
    ) -> AsyncGenerator[Counter]:
        with suppress(Fault):
            while True:
                yield await self.make(call(), path, bounds)


async def refused(answer: Awaitable[object]) -> Fault:
    with pytest.raises(Fault) as fault:
        await answer
    return fault.value


async def test_there_are_no_more_than_the_bound_says() -> None:
    site = Site()
    for _ in range(3):
        await site.make(call())
    fault = await refused(site.make(call()))
    assert (fault.kind, fault.code, fault.detail) == (
        Kind.CONFLICT, "too_many_things", "There are at most 3 things.",
    )  # fmt: skip
    assert (site.store.writes, site.store.counted) == (3, 3)  # so near to the bound each asks
    await site.make(call(district="d2"))
    await site.make(call(), bounds=[Bound({"note": "other"}, 1, "c", "d")])


async def test_several_are_taken_at_once_or_none_of_them() -> None:
    site = Site()
    two = replace(BOUND, places=2)
    await site.make(call(), bounds=[two])  # who asks for two makes both
    await site.make(call(), bounds=[])
    assert (await refused(site.make(call(), bounds=[two]))).code == "too_many_things"
    await site.make(call())
    assert (await refused(site.make(call()))).code == "too_many_things"


async def test_several_are_not_taken_by_what_was_counted_long_before() -> None:
    site = Site()
    wide = replace(BOUND, most=80)
    await site.make(call(), bounds=[wide])
    assert site.store.counted == 1
    await site.make(call(), bounds=[replace(wide, places=AN_EIGHTH)])
    assert site.store.counted == 1
    await site.make(call(), bounds=[replace(wide, places=AN_EIGHTH)])
    assert site.store.counted == 2


async def test_many_at_once_are_no_more_either() -> None:
    site = Site()
    made = await asyncio.gather(*(site.make(call()) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(each, Counter) for each in made) == site.store.writes == 3


async def test_a_create_that_comes_back_at_the_bound_meets_its_own_result() -> None:
    site = Site()
    made = [await site.make(call(f"k{n}")) for n in range(3)]
    again = call("k1")
    assert (await site.make(again) == made[1], again.replayed) == (True, True)
    assert (await refused(site.make(call("k1", "other")))).kind is Kind.KEY_REUSED
    assert (await refused(site.make(call("k9")))).code == "too_many_things"


async def test_one_that_was_not_made_takes_no_place() -> None:
    site = Site()
    await site.make(call("k"))
    for _ in range(5):
        await site.make(call("k"))
    for _ in range(2):
        await site.make(call())
    assert (await refused(site.make(call()))).code == "too_many_things"


async def test_of_several_bounds_each_holds_and_a_refusal_takes_no_place_in_any() -> None:
    site = Site()
    all_of_them = Bound({}, 5, "too_many", "d")
    bounds = [BOUND, all_of_them]
    for _ in range(3):
        await site.make(call(), bounds=bounds)
    for _ in range(4):
        assert (await refused(site.make(call(), bounds=bounds))).code == "too_many_things"
    others = [Bound({"note": "m"}, 3, "c", "d"), all_of_them]
    for _ in range(2):
        await site.make(call(), bounds=others, note="m")
    assert (await refused(site.make(call(), bounds=others, note="m"))).code == "too_many"
    assert (site.store.writes, site.store.counted) == (5, 7)
    await site.make(call(), bounds=others[:1], note="m")  # its place was given back
    assert (await refused(site.make(call(), bounds=others[:1], note="m"))).code == "c"


async def test_what_is_left_out_of_the_count_makes_room_a_second_later() -> None:
    site = Site()
    bounds = [Bound({}, 2, "too_many", "d", {"note": "withdrawn"})]
    made = [await site.make(call(), bounds=bounds) for _ in range(2)]
    assert (await refused(site.make(call(), bounds=bounds))).code == "too_many"

    def withdraw(it: Counter) -> None:
        it.note = "withdrawn"
        it.add(1)

    await site.path.change(call(), made[0].id, withdraw)
    site.now += FULL_SECONDS
    await site.make(call(), bounds=bounds)
    assert (await refused(site.make(call(), bounds=bounds))).code == "too_many"
    assert site.store.counted == 3


async def test_another_process_makes_an_eighth_more_at_most_however_its_count_has_aged() -> None:
    site = Site()
    other, bounds = site.process(), [Bound({"note": "n"}, 200, "too_many_things", "d")]
    await site.make(call(), other, bounds)
    for path in (site.path, other):
        async with aclosing(site.all_that_may_be(path, bounds)) as made:
            async for _ in made:
                assert site.store.writes < 400
    assert 200 <= site.store.writes < 200 + 200 // AN_EIGHTH


async def test_what_another_process_made_shows_within_a_minute() -> None:
    site, bound = Site(), [Bound({}, 20, "too_many_things", "d")]
    other = site.process()
    await site.make(call(), bounds=bound)
    for _ in range(18):
        await site.make(call(), other, bound)
    await site.make(call(), bounds=bound)
    assert site.store.writes == 20
    assert (await refused(site.make(call(), bounds=bound))).code == "too_many_things"


async def test_far_from_the_bound_a_count_lasts_a_minute() -> None:
    site, bound = Site(), [Bound({}, 800, "too_many_things", "d")]
    for _ in range(100):
        await site.make(call(), bounds=bound)
    assert site.store.counted == 1
    site.now += SECONDS
    await site.make(call(), bounds=bound)
    assert site.store.counted == 2


async def test_counts_in_memory_are_bounded() -> None:
    store = Counting()
    quota = Quota(store, "counter")
    for number in range(KEPT + 5):
        assert await quota.take_all("d1", [Bound({"n": number}, 1, "c", "d")]) is None
    assert len(quota._counts) == KEPT
    await store.insert(Document("a", "counter", "d1", 1, {"n": 0}), event(1))
    assert await quota.take_all("d1", [Bound({"n": 0}, 1, "c", "d")]) is not None


async def test_what_could_not_be_stored_takes_no_place() -> None:
    site = Site()
    site.store.down = True
    for _ in range(3):
        assert (await refused(site.make(call("k")))).kind is Kind.UNAVAILABLE
    site.store.down = False
    for n in range(3):
        await site.make(call(f"k{n}"))


class Waiting(Counting):
    """A count of several bounds takes until it is `let_go`."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = asyncio.Event()

    async def counts(self, district: str, kind: str, wanted: Sequence[Wanted]) -> Sequence[int]:
        found = await super().counts(district, kind, wanted)
        if wanted[0].where:
            await self.let_go.wait()
        return found


async def test_a_place_within_a_bound_that_is_counted_anew_meanwhile_is_taken_all_the_same() -> (
    None
):
    store = Waiting()
    quota = Quota(store, "counter")
    wide, narrow = Bound({}, 16, "c", "d"), Bound({"note": "n"}, 9, "c", "d")
    taken = [await quota.take_all("d1", [wide])]
    waits = asyncio.create_task(quota.take_all("d1", [wide, narrow]))
    await asyncio.sleep(0)
    taken += [await quota.take_all("d1", [wide]) for _ in range(2)]
    store.let_go.set()
    taken.append(await waits)
    while await quota.take_all("d1", [wide]) is None:
        taken.append(None)
    assert taken == [None] * 16
