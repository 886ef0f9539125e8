"""Of a backlog the next lot is read while one is written, and dropped unless that commits; and
what ends a lot."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cached_property

import pytest

from services.chassis.log.envelope import Record
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.log.source import Positions, SourceDown
from services.chassis.views import intake
from services.chassis.views.batch import Batcher, Limits
from services.chassis.views.decode import decode
from services.chassis.views.intake import Intake
from services.chassis.views.lot import whole
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.ownership import Ownership
from services.chassis.views.parking import ParkingLimits
from services.chassis.views.projector import Projector, ProjectorCounts, Timing
from services.chassis.views.rows import Batch, Fence, Generation, Outcome, StoreDown
from tests.support.clocks import FakeClock
from tests.support.goal_cards import GOALS, all_records, goal_cards, progress, put
from tests.support.oracles import live_rows, replay_log
from tests.support.simulation_net import VirtualLoop

LOTS = Limits(records=10, burst=10, behind=5)


class Watched(MemorySource):
    """Keeps count of the records it has given; is down, or says nothing, once it has given
    so many."""

    given = 0
    down_at = silent_at = -1
    cancelled = 0

    @cached_property
    def spoken(self) -> asyncio.Event:
        return asyncio.Event()

    async def fetch(self, most: int, ahead: int, wait: float) -> Sequence[Record]:
        if self.given == self.down_at:
            raise SourceDown("no broker")
        if self.given == self.silent_at:
            try:
                await self.spoken.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        records = await super().fetch(most, ahead, wait)
        self.given += len(records)
        return records


class Slow(MemoryViews):
    """A commit takes until all that can be read meanwhile has been read, and may fail."""

    outcomes: Sequence[Outcome] = ()

    def __init__(self, source: Watched) -> None:
        super().__init__()
        self.source = source
        self.read: list[int] = []  # records given by the end of each commit

    async def commit(self, batch: Batch) -> Outcome:
        for _ in range(20):
            await asyncio.sleep(0)
        self.read.append(self.source.given)
        if len(self.read) <= len(self.outcomes):
            return self.outcomes[len(self.read) - 1]
        outcome = await super().commit(batch)
        if outcome is Outcome.COMMITTED:
            (fence,) = batch.fences.values()
            known = self.rows["cards"]["d1:t1"]["facts"]["goals"]
            assert len(known) == fence.positions[GOALS], "positions of what was not folded"
        return outcome


def backlog(count: int) -> tuple[Projector, Slow, Watched, MemoryLog]:
    log, projection, clock = MemoryLog(1), goal_cards(), FakeClock()
    for number in range(count):
        put(log, GOALS, f"g{number}", progress("t1", f"g{number}", 1))
    source = Watched(MemoryGroup(log, projection.topics), now=clock.now)
    views = Slow(source)
    return Projector(source, views, projection, clock, LOTS, Timing(wait=0)), views, source, log


async def check(one: Projector, views: MemoryViews, log: MemoryLog) -> None:
    live = await live_rows(views.scan(await views.generation("cards-test"), "cards"))
    assert live == replay_log(one.projection, all_records(log, one.projection))["cards"]


async def test_the_next_lot_is_read_while_one_is_written_and_no_further() -> None:
    one, views, _, log = backlog(40)
    while not one.caught_up(log.ends(one.projection.topics)):
        await one.round()
    assert views.read == [20, 30, 40, 40]
    await check(one, views, log)


async def test_where_little_is_left_nothing_is_read_ahead() -> None:
    one, views, _, _ = backlog(15)
    await one.round()
    assert views.read == [10]


@pytest.mark.parametrize("outcome", [Outcome.FENCED, Outcome.UNKNOWN])
async def test_what_was_read_ahead_of_a_batch_that_did_not_commit_is_read_again(
    outcome: Outcome,
) -> None:
    one, views, source, log = backlog(30)
    views.outcomes = [outcome]
    while not one.caught_up(log.ends(one.projection.topics)):
        try:
            await one.round()
        except StoreDown as error:
            one.forget(error)
    assert source.given == 20 + 30
    await check(one, views, log)


async def test_what_was_read_ahead_of_a_rebalance_is_read_again() -> None:
    one, views, source, log = backlog(30)
    await one.round()
    source.assign(frozenset({0}))
    await one.round()
    assert one.counts.records == 10
    while not one.caught_up(log.ends(one.projection.topics)):
        await one.round()
    assert source.given == 20 + 20
    await check(one, views, log)


async def test_a_failure_of_reading_ahead_is_that_of_the_next_round() -> None:
    one, views, source, log = backlog(30)
    source.down_at = 10
    await one.round()
    assert one.counts.records == 10
    with pytest.raises(SourceDown) as down:
        await one.round()
    source.down_at = -1
    one.forget(down.value)
    while not one.caught_up(log.ends(one.projection.topics)):
        await one.round()
    assert one.counts.records == 30
    await check(one, views, log)


async def test_a_projector_that_ends_leaves_nothing_under_way() -> None:
    one, _, source, _ = backlog(40)
    source.silent_at = 10
    before = asyncio.all_tasks()
    await one.round()
    assert asyncio.all_tasks() > before
    await one.leave()
    assert asyncio.all_tasks() == before
    assert source.cancelled == 1


async def test_a_fetch_under_way_may_end_and_is_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(intake, "SLICE", 5)
    one, _, source, _ = backlog(40)
    source.silent_at = 10
    await one.round()
    asyncio.get_running_loop().call_soon(source.spoken.set)
    await one.leave()
    assert (source.cancelled, source.given) == (0, 15)


async def lots(source: MemorySource, limits: Limits) -> list[int]:
    """The records of each lot, to the end of the log."""
    projection = goal_cards()
    one = Intake(source, projection, limits)
    await source.seek({0: {}})
    source.take_assignment()
    owned = Ownership(Generation("cards-test", 0), {0: Fence(1, {})})
    found = []
    while lot := await one.next(owned, 0):
        if not lot.records:
            break
        found.append(lot.records)
    return found


class Gapped(MemorySource):
    """Of two offsets one is missing, as in a log that markers of transactions are in."""

    async def seek(self, positions: Positions) -> None:
        given = {n: {topic: (at + 1) // 2 for topic, at in p.items()} for n, p in positions.items()}
        await super().seek(given)

    async def fetch(self, most: int, ahead: int, wait: float) -> Sequence[Record]:
        records = await super().fetch(most, ahead, wait)
        return [each._replace(offset=2 * each.offset) for each in records]


async def test_gaps_of_a_log_are_passed_and_remembered_only_until_then() -> None:
    log, projection = MemoryLog(1), goal_cards()
    for number in range(60):
        put(log, GOALS, f"g{number}", progress("t1", f"g{number}", 1))
    source = Gapped(MemoryGroup(log, projection.topics))
    await source.start()
    one = Intake(source, projection, LOTS)
    generation, read, most = Generation("cards-test", 0), 0, 0
    fences = {0: Fence(1, {})}
    while read < 60:
        source.take_assignment()
        owned = Ownership(generation, fences)
        await source.seek(owned.positions)
        while lot := await one.next(owned, 0):
            if not lot.records:
                break
            read += lot.records
            owned.passed(Batch(generation, owned.fences_after(lot.ends)))
            fences = {0: Fence(1, owned.positions[0])}
        most = max(most, len(one.gaps))
    assert (owned.positions, read) == ({0: {GOALS: 2 * 59 + 1}}, 60)
    assert most <= LOTS.records


async def test_a_lot_ends_with_its_bytes_and_with_its_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(intake, "SLICE", 1)
    _, _, source, log = backlog(7)
    await source.start()
    size = len(log.all(GOALS)[0].value or b"")
    assert await lots(source, Limits(behind=0)) == [7]
    assert await lots(source, Limits(behind=0, bytes=3 * size)) == [3, 3, 1]
    assert await lots(source, Limits(behind=0, rows=2)) == [2, 2, 2, 1]


def test_a_lot_ends_in_time_however_slowly_its_records_come() -> None:
    class Trickle(MemorySource):
        async def fetch(self, most: int, ahead: int, wait: float) -> Sequence[Record]:
            await asyncio.sleep(0.04)
            return await super().fetch(1, 0, 0)

    log = MemoryLog(1)
    for number in range(1_000):
        put(log, GOALS, f"g{number}", progress("t1", f"g{number}", 1))
    loop = VirtualLoop()
    source = Trickle(MemoryGroup(log, goal_cards().topics))
    loop.run_until_complete(source.start())
    found = loop.run_until_complete(lots(source, Limits(behind=0)))
    loop.close()
    assert found[:2] == [25, 25]
    assert sum(found) == 1_000


async def test_a_transaction_ends_with_its_bytes() -> None:
    log, projection = MemoryLog(1), goal_cards()
    records = [put(log, GOALS, "g1", progress("t1", "g1", version)) for version in range(1, 6)]
    size = len(records[0].value or b"")
    batcher = Batcher(
        projection, MemoryViews(), FakeClock(), Limits(bytes=2 * size), ProjectorCounts()
    )
    parts = batcher.parts(whole([decode(projection, record) for record in records]))
    assert [part.records for part in parts] == [2, 2, 1]


async def test_the_share_of_what_is_parked_is_that_of_all_records() -> None:
    log, projection, clock = MemoryLog(1), goal_cards(), FakeClock()
    for version in range(1, 200):
        put(log, GOALS, "g1", progress("t1", "g1", version))
    for number in range(6):
        put(log, GOALS, f"x{number}", progress("t1", f"x{number}", 1), b"\xff\xff")
    source = MemorySource(MemoryGroup(log, projection.topics), now=clock.now)
    limits = Limits(behind=0, parking=ParkingLimits(share=0.05, least=5))
    one = Projector(source, MemoryViews(), projection, clock, limits, Timing(wait=0))
    while not one.caught_up(log.ends(one.projection.topics)):
        await one.round()
    assert (one.counts.records, one.counts.parked) == (205, 6)
