"""From decoded records to one transaction: cut to size, rows loaded, folded, written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.chassis.kernel import Clock
from services.chassis.tracing import NO_SPANS, Tracer, within
from services.chassis.troubles import EVENT, Troubles
from services.chassis.views.burst import SLICE
from services.chassis.views.decode import ToPark, decode
from services.chassis.views.erased import ErasedDistricts
from services.chassis.views.fold import Barred, Folding, is_overtaken, missing, rows_of
from services.chassis.views.followed import TraceFollowing, Traces
from services.chassis.views.lot import Lot, LotItem, Part
from services.chassis.views.ownership import Ownership, newest_of, overtaken, parked_of
from services.chassis.views.parked import OPEN, RESOLVED, Mark, Parked
from services.chassis.views.parking import ParkingBreaker, ParkingLimits
from services.chassis.views.projection import Projection, is_whole
from services.chassis.views.row_cache import RowCache, RowKey
from services.chassis.views.rows import (
    Batch,
    Change,
    Fence,
    Generation,
    Outcome,
    RowFull,
    Views,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Records a lot, and when more than `behind` remain; bytes of record values and rows (with
    what they hold already), of a lot as of a transaction; bytes of the cache. A backlog is read
    by partition number, so that a small cache holds the rows in use: of 60,000 rows 4 MB had
    8,000 read again, a wait a batch, 8 MB hardly one, and 32 MB took 30 MB more. Of live events
    over many rows it holds few: one more read a batch."""

    records: int = 500
    burst: int = 15_000
    behind: int = 2_000
    bytes: int = 16 * 1024 * 1024
    rows: int = 5_000
    cache_bytes: int = 8 * 1024 * 1024
    parking: ParkingLimits = field(default_factory=ParkingLimits)


class BatchCounts(Protocol):
    records: int
    ignored: int
    parked: int
    failed: int
    unkept: int
    batches: int
    rows: int
    loaded: int
    fenced: int
    unknown: int


class Batcher:
    def __init__(
        self,
        projection: Projection,
        views: Views,
        clock: Clock,
        limits: Limits,
        counts: BatchCounts,
        troubles: Troubles | None = None,
        tracer: Tracer = NO_SPANS,
    ) -> None:
        self._projection, self._views, self._clock = projection, views, clock
        self._limits, self._counts = limits, counts
        self._cache = RowCache(limits.cache_bytes)
        self._breaker = ParkingBreaker(limits.parking, projection.group)
        self._erased = ErasedDistricts(views.erased_districts, clock)
        self._troubles = troubles or Troubles()
        self._follow = TraceFollowing(tracer, projection.group)
        self._most = limits.burst
        self.met_tombstones = False  # ever

    def drop(self) -> None:
        """Forget every row: somebody else may have written."""
        self._cache.clear()

    def parts(self, lot: Lot) -> Iterator[Part]:
        """Cut into transactions, in order: bounded items, bytes and rows."""
        start, size, rows = 0, 0, set[RowKey]()
        for index, item in enumerate(lot.items):
            value = len(item.record.value or b"")
            keys = rows_of(self._projection, item)
            new = [key for key in keys if key not in rows]
            if index > start and (
                index - start >= self._most
                or size + value > self._limits.bytes
                or (new and len(rows) + len(new) > self._limits.rows)
            ):
                yield lot.part(start, index)
                start, size, rows = index, 0, set()
            size += value
            rows.update(keys)
        if lot.records:
            yield lot.part(start, len(lot.items))

    async def write(self, owned: Ownership, part: Part) -> Outcome:
        """Fold and commit these records. Raises StoreDown (nothing was written),
        ParkingLimit. Unless it returns COMMITTED or raises nothing, drop the cache."""
        return await self._sparing(lambda barred: self._write(owned, part, barred))

    async def _sparing(self, work: Callable[[Barred], Awaitable[Outcome]]) -> Outcome:
        """Again without the row that the store finds too large; that was nearly always
        prevented (`fold.FULL_BYTES`)."""
        barred: Barred = {}
        while True:
            try:
                return await work(barred)
            except RowFull as full:
                barred[full.collection, full.row] = full
                self._cache.clear()

    async def _write(self, owned: Ownership, part: Part, barred: Barred) -> Outcome:
        with self._follow(part.items) as traces:
            outcome = await self._written(owned, part, barred, traces)
            traces.done = outcome is Outcome.COMMITTED
        return outcome

    async def _written(
        self, owned: Ownership, part: Part, barred: Barred, traces: Traces
    ) -> Outcome:
        items, records = await self._erased.without(part.items), part.records
        changes, refused = await self._fold(owned.generation, items, barred, traces)
        now = self._clock.now()
        newest = newest_of(items, refused) if owned.parked or refused else {}
        self._breaker.check(records, refused, now)
        parked = [
            parked_of(
                owned.generation.group,
                one,
                newest,
                now,
                self._limits.parking.decided,
                is_overtaken(self._projection, self._cache, barred, one),
            )
            for one in refused
        ]
        batch = Batch(
            generation=owned.generation,
            fences=owned.fences_after(part.ends),
            changes=changes,
            parked=owned.kept(parked, self._limits.parking.kept) if parked else [],
            marks=overtaken(owned, newest),
        )
        if part.erased:
            self.met_tombstones = True
            # first: else they hold what was erased if this dies in between
            await self._views.drop_others(owned.generation, self._projection.collections)
        if batch.changes or batch.parked or batch.marks:
            outcome = await self._commit(owned, batch)
        else:
            owned.passed(batch)
            self._cache.trim()
            outcome = Outcome.COMMITTED
        if outcome is Outcome.COMMITTED:
            self._breaker.count(records, refused, now)
            self._counts.records += records
            self._counts.parked += len(batch.parked)
            self._counts.unkept += len(refused) - len(batch.parked)
            self._counts.ignored += part.ignored
            self._tell(refused)
        return outcome

    def _tell(self, refused: Sequence[ToPark]) -> None:
        """What our own code failed with: never a message's text."""
        for one in refused:
            if one.error is not None:
                self._counts.failed += 1
                with within(one.envelope.trace if one.envelope else ""):
                    self._troubles.tell(EVENT, one.district, one.error)

    async def save(self, owned: Ownership) -> Outcome:
        """Store the positions that were only passed: see `Ownership.passed`."""
        fences = {n: Fence(owned.revs[n], owned.positions[n]) for n in owned.unsaved}
        return await self._commit(owned, Batch(owned.generation, fences))

    async def redrive(self, owned: Ownership, parked: Parked) -> Outcome:
        """Fold a parked record again, under the fence and without moving it."""
        return await self._sparing(lambda barred: self._redrive(owned, parked, barred))

    async def _redrive(self, owned: Ownership, parked: Parked, barred: Barred) -> Outcome:
        number = parked.record.partition
        item = decode(self._projection, parked.record)
        items = await self._erased.without([item])
        changes, refused = await self._fold(owned.generation, items, barred)
        mark = Mark(RESOLVED)
        if refused and not is_overtaken(self._projection, self._cache, barred, refused[0]):
            mark = Mark(OPEN, refused[0].reason)
        fence = Fence(owned.revs[number], owned.positions[number])
        batch = Batch(owned.generation, {number: fence}, changes, marks={parked.id: mark})
        return await self._commit(owned, batch)

    async def _fold(
        self,
        generation: Generation,
        items: Sequence[LotItem],
        barred: Barred,
        traces: Traces | None = None,
    ) -> tuple[list[Change], list[ToPark]]:
        """What the items change, and those to be parked. A row that cannot be folded is left
        as it is stored; to find the others' changes all are folded once more without it."""
        while True:
            await self._load(generation, items)
            told = traces.by_event if traces else {}
            folding, before = Folding(self._projection, self._cache, barred, told), len(barred)
            refused: list[ToPark] = []
            for index, item in enumerate(items):
                out = folding.apply(item)
                if out is not None:
                    refused.append(out)
                if index % SLICE == SLICE - 1:
                    await asyncio.sleep(0)
            changes = folding.changes()
            if len(barred) == before:
                return changes, refused
            self._cache.clear()

    async def _load(self, generation: Generation, items: Sequence[LotItem]) -> None:
        wanted = missing(
            self._cache, (key for item in items for key in rows_of(self._projection, item))
        )
        if wanted:
            loaded = await self._views.load(generation, wanted)
            self._counts.loaded += len(loaded)
            for key, row in loaded.items():
                if is_whole(row):
                    self._cache.put(key, row)

    async def _commit(self, owned: Ownership, batch: Batch) -> Outcome:
        outcome = await self._views.commit(batch)
        if outcome is Outcome.COMMITTED:
            owned.committed(batch)
            self._cache.trim()
            self._counts.batches += 1
            self._counts.rows += len(batch.changes)
            if batch.changes:
                self._most = min(self._most * 2, self._limits.burst)
        elif outcome is Outcome.FENCED:
            self._counts.fenced += 1
        else:
            self._counts.unknown += 1
            self._most = max(self._most // 2, 1)
        return outcome
