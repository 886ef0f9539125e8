"""Building a projection's views anew from the journals, beside the ones in use.

The topics' offsets are noted first, then the journals are read into the collections of a
new generation, its fences are set to the noted offsets, and it catches up from there.
Only then is the alias flipped. Whatever is read twice changes nothing (newest wins). The
old generation stays as it is, to go back to. What rebuilds have left that were ended in the
middle is taken away first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Protocol

from services.chassis.kernel import Clock
from services.chassis.log.envelope import Envelope, Record, headers_of
from services.chassis.log.producer import partition_of
from services.chassis.log.source import Positions, Source, SourceDown, left
from services.chassis.views.batch import Batcher, Limits
from services.chassis.views.decode import Decoded, ToPark, decode
from services.chassis.views.lot import whole
from services.chassis.views.ownership import Ownership
from services.chassis.views.projection import Fold, Projection, is_tombstone
from services.chassis.views.projector import Projector, ProjectorCounts
from services.chassis.views.rows import (
    Batch,
    Fence,
    Generation,
    Outcome,
    StoreDown,
    Terms,
    Views,
)
from services.chassis.write.documents import JournalEntry

JOURNAL = "journal"
TRIES = 8
WAITS, WAIT_SECONDS = 14, 0.5  # longer than what was only passed waits to be stored
WINDOW = 20_000  # records put in the order of their rows before they are folded
TOGETHER = 2_000  # of them folded at once
Advance = Callable[[ProjectorCounts], None]
Copies = Sequence[tuple[str, JournalEntry]]  # keys and what was published under them


class Journals(Protocol):
    """Raises what ends a rebuild."""

    def newest(self, replacing: Sequence[Sequence[str]]) -> AsyncIterator[Sequence[JournalEntry]]:
        """All entries of all services, each aggregate's by version. Of those with the same
        aggregate, keys and year (not 0), and types of the same group of `replacing`,
        only the newest has to be given."""

    def every(self, aggregate: str) -> AsyncIterator[Sequence[JournalEntry]]:
        """All entries of one aggregate."""


class RebuildFailed(Exception):
    """The new generation could not be built; nobody uses it, and nothing else was touched."""


@dataclass
class Rebuild:
    """One build. `partitions` is that of the topics. `prepare` makes the indexes of the new
    generation's collections. Any method may raise RebuildFailed or ParkingLimit."""

    views: Views
    projection: Projection
    clock: Clock
    partitions: int
    prepare: Callable[[Generation], Awaitable[None]]
    progress: Advance = lambda _: None
    limits: Limits = field(default_factory=Limits)
    counts: ProjectorCounts = field(default_factory=ProjectorCounts)
    built: Generation | None = field(default=None, init=False)  # also where it failed
    erased: set[str] = field(default_factory=set, init=False)  # aggregates, as the journals say
    _again: set[str] = field(default_factory=set, init=False)  # aggregates that were read whole
    _refused: set[tuple[str, str]] = field(default_factory=set, init=False)  # keys and entries
    _met_tombstones: bool = field(default=False, init=False)

    async def fold_journals(self, journals: Journals, noted: Positions) -> Generation:
        """Fold all that the journals give into a new generation. `noted` must have been
        noted before the first of it was read; with nothing in it the generation is a view
        as it stood, and not to be flipped to.

        Events that a newer one of their place replaces are not asked for, unless that one is
        refused: then its aggregate is read once more, whole, and folded. The rows are those
        of a replay; what is replaced is not even looked at, and so not parked. A record that
        is refused is parked and counted once, however often it was read."""
        self._again.clear()
        self._refused.clear()
        self.erased.clear()
        generation = await self.views.next_generation(self.projection.group)
        self.built = generation
        builds = await self.views.builds(generation.name)
        for each in builds.others:
            if each.number > builds.current.number:
                await self.views.drop(each, self.projection.collections)
        await self.prepare(generation)
        batcher = Batcher(self.projection, self.views, self.clock, self.limits, self.counts)
        owned = await self._claim(generation)
        entries = journals.newest(replacing(self.projection))
        async for copies in in_order(entries, self.limits.bytes):
            owned = await self._fold(batcher, owned, journals, copies)
        self._met_tombstones = batcher.met_tombstones
        await self._set_positions(generation, noted)
        return generation

    async def catch_up(self, generation: Generation, source: Source, ends: Positions) -> None:
        """Read the topics from the noted offsets to these ends: what is published meanwhile is
        read by whoever has the build once it is in use. `source` must be a member of a consumer
        group of its own."""
        member = Projector(
            source, self.views, self.projection, self.clock, self.limits, pinned=generation
        )
        failures = 0
        try:
            while not member.caught_up(ends):
                try:
                    await member.round()
                    failures = 0
                except (StoreDown, SourceDown) as error:
                    failures += 1
                    if failures >= TRIES:
                        raise RebuildFailed(f"cannot catch up: {error}") from error
                    member.forget(error)
                    await asyncio.sleep(0.05 * 2**failures)
                self.progress(self.counts)
        finally:
            self._met_tombstones |= member.met_tombstones
            await member.leave()

    async def come_into_use(
        self, old: Generation, new: Generation, same_topics: bool = True
    ) -> bool:
        """Flip to the new build. Whether the old one stays, to go back to: where the new one has
        read that something was erased, and the old one within a few seconds has not got as far, it
        is dropped, since nobody would take out of it any more what that was. So it is where it has
        not read the `same_topics`, but those that were there before."""
        stays = same_topics and not self._met_tombstones
        for _ in range(WAITS if same_topics and not stays else 0):
            reached, known = await self._positions(new), await self._positions(old)
            if stays := not left(known, reached):
                break
            await asyncio.sleep(WAIT_SECONDS)
        # alone, a backup may hold more than the one that was in use
        if not await self.views.come_into_use(new, alone=not stays):
            raise RebuildFailed("another rebuild of it was begun after this one")
        # who claims the new one does it where this is ended here
        await self.views.drop_unwanted(new, self.projection.collections)
        return stays

    async def _positions(self, generation: Generation) -> Positions:
        fences = await self.views.fences(generation.group, range(self.partitions))
        return {number: one.positions for number, one in fences.items()}

    async def _fold(
        self,
        batcher: Batcher,
        owned: Ownership,
        journals: Journals,
        copies: Copies,
    ) -> Ownership:
        items: list[Decoded | ToPark] = []
        for key, entry in copies:
            item = decode(self.projection, journal_record(entry, key, self.partitions))
            if isinstance(item, ToPark):
                items += await self._instead(journals, key, entry, item.envelope)
            else:
                items.append(item)
                if is_tombstone(item.envelope):
                    self.erased.add(item.envelope.aggregate_id)
        await asyncio.sleep(0)
        return await self._write(batcher, owned, items)

    async def _instead(
        self, journals: Journals, key: str, entry: JournalEntry, envelope: Envelope | None
    ) -> list[Decoded | ToPark]:
        """A refused record, after all of its aggregate where it may have replaced some and
        they were not read before."""
        copies = [(key, entry)]
        replaces = envelope is None or self.projection.place(envelope) is not None
        if replaces and entry.aggregate_id not in self._again:
            self._again.add(entry.aggregate_id)
            every = journals.every(entry.aggregate_id)
            whole = [(name, one) async for some in every for one in some for name in one.event.keys]
            copies = whole + copies
        items: list[Decoded | ToPark] = []
        for name, one in copies:
            item = decode(self.projection, journal_record(one, name, self.partitions))
            if isinstance(item, ToPark):
                if (name, one.id) in self._refused:
                    continue
                self._refused.add((name, one.id))
            items.append(item)
        return items

    async def _write(
        self, batcher: Batcher, owned: Ownership, items: Sequence[Decoded | ToPark]
    ) -> Ownership:
        for part in batcher.parts(whole(items)):
            for attempt in range(TRIES):
                try:
                    if attempt:
                        batcher.drop()
                        owned = await self._claim(owned.generation)
                    if await batcher.write(owned, part) is Outcome.COMMITTED:
                        break
                except StoreDown:
                    pass
                await asyncio.sleep(0.05 * 2**attempt)
            else:
                raise RebuildFailed("the store takes no batch: see its log, then start again")
            self.progress(self.counts)
        return owned

    async def _claim(self, generation: Generation) -> Ownership:
        numbers = range(self.partitions)
        terms = Terms(self.partitions, self.projection.topics_version)
        fences = await self.views.claim(generation.group, numbers, terms)
        return Ownership(generation, fences)

    async def _set_positions(self, generation: Generation, noted: Positions) -> None:
        """Under a new claim, so that nothing written before can land afterwards."""
        owned = await self._claim(generation)
        fences = {
            number: Fence(rev, dict(noted.get(number, {}))) for number, rev in owned.revs.items()
        }
        if await self.views.commit(Batch(generation, fences)) is not Outcome.COMMITTED:
            raise RebuildFailed("the new generation's positions could not be stored")


async def in_order(
    entries: AsyncIterator[Sequence[JournalEntry]], most_bytes: int
) -> AsyncIterator[Copies]:
    """What journals give, some at a time: by key, so that a row is read and written once a window
    (20,000 of them or so many bytes), and of a key as it came, which is by version."""
    window: list[tuple[str, JournalEntry]] = []
    size = 0
    async for some in entries:
        window += [(key, entry) for entry in some for key in entry.event.keys]
        size += sum(len(entry.event.data) for entry in some)
        if len(window) >= WINDOW or size >= most_bytes:
            for copies in _cut(window):
                yield copies
            window, size = [], 0
    for copies in _cut(window):
        yield copies


def _cut(window: list[tuple[str, JournalEntry]]) -> Iterator[Copies]:
    window.sort(key=itemgetter(0))
    for start in range(0, len(window), TOGETHER):
        yield window[start : start + TOGETHER]


def journal_record(entry: JournalEntry, key: str, partitions: int) -> Record:
    """The Kafka record that published an event under a key, out of any topic."""
    headers = headers_of(
        entry.event,
        source=JOURNAL,
        district=entry.district,
        aggregate_id=entry.aggregate_id,
        key=key,
    )
    number = partition_of(key.encode(), partitions)
    return Record(JOURNAL, number, -1, key.encode(), entry.event.data, headers)


def replacing(projection: Projection) -> list[list[str]]:
    """Types whose events have one place when aggregate, key and year are the same: of
    two such events the newer sets all that the older set (see `Projection.place`)."""
    groups: dict[Fold, list[str]] = {}
    for type_, fold in projection.folds.items():
        if fold in projection.singles:
            groups.setdefault(fold, []).append(type_)
    return list(groups.values())
