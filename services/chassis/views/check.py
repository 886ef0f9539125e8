"""Whether a view holds what the journals tell, and reading again what it does not.

The journals are read as for a rebuild, and what each entry says is looked up in the rows: a fact
that is not there, or of an older version, lacks. A view runs behind its topics, so nothing counts
before it has read what had been published by then. What lacks is folded once more, under fences
claimed for that moment: the member that had them drops what it has in memory, and goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.chassis.field_names import field_name
from services.chassis.kernel import Clock
from services.chassis.log.source import Positions, left
from services.chassis.views.batch import Batcher, Limits
from services.chassis.views.decode import Decoded, decode
from services.chassis.views.fold import rows_of
from services.chassis.views.lot import whole
from services.chassis.views.ownership import owned_of
from services.chassis.views.projection import MORE, Projection, Row, is_whole
from services.chassis.views.projector import ProjectorCounts
from services.chassis.views.rebuild import Journals, in_order, journal_record, replacing
from services.chassis.views.rows import Generation, Outcome, StoreDown, Terms, Views

TOGETHER = 100  # records whose rows are looked up at once
MOST_TOLD = 100
TRIES = 8
WAIT_SECONDS = 60.0
PAUSE_SECONDS = 0.2


class CheckFailed(Exception):
    """What lacks cannot be told now, or not be mended."""


class Lack(NamedTuple):
    """Which version of an aggregate a row should hold, and which it does (0: none)."""

    collection: str
    row: str
    aggregate: str
    version: int
    known: int


class Seen(NamedTuple):
    """The newest record of a fact that its row does not hold; `incomplete` where the row says so
    itself, since the event is parked."""

    item: Decoded
    lack: Lack
    incomplete: bool


@dataclass(slots=True)
class Compared:
    """`records` that were looked at, one for each key of an entry; `unreadable` ones, which a
    projector parks; facts that are `lacking`, of which so many were `mended`, and that are
    `incomplete`; `told`: where the first 100 lack."""

    records: int = 0
    unreadable: int = 0
    lacking: int = 0
    mended: int = 0
    incomplete: int = 0
    told: list[Lack] = field(default_factory=list)


@dataclass
class Check:
    """One pass over a view in use whose rows are there to stay. `partitions` is that of the
    topics. `reach` returns once a build holds what had been published before it was called, or
    raises CheckFailed. With `mend` what lacks is read again."""

    views: Views
    projection: Projection
    clock: Clock
    partitions: int
    reach: Callable[[Generation], Awaitable[None]]
    mend: bool = False
    limits: Limits = field(default_factory=Limits)
    found: Compared = field(default_factory=Compared, init=False)

    async def run(self, journals: Journals) -> Compared:
        """Raises CheckFailed, StoreDown, ParkingLimit, and what `Views.claim` does."""
        generation = await self.views.generation(self.projection.group)
        await self.reach(generation)
        entries = journals.newest(replacing(self.projection))
        async for copies in in_order(entries, self.limits.bytes):
            records = (journal_record(entry, key, self.partitions) for key, entry in copies)
            decoded = [decode(self.projection, record) for record in records]
            items = [item for item in decoded if isinstance(item, Decoded)]
            self.found.records += len(decoded)
            self.found.unreadable += len(decoded) - len(items)
            for start in range(0, len(items), TOGETHER):
                await self._look(generation, items[start : start + TOGETHER])
        return self.found

    async def _look(self, generation: Generation, items: Sequence[Decoded]) -> None:
        seen = await self._not_held(generation, items)
        if not all(one.incomplete for one in seen):
            await self._in_use(generation)
            await self.reach(generation)
            seen = await self._not_held(generation, [one.item for one in seen])
        lacking = [one for one in seen if not one.incomplete]
        self.found.incomplete += len(seen) - len(lacking)
        if not lacking:
            return
        self.found.lacking += len(lacking)
        self.found.told += [one.lack for one in lacking[: MOST_TOLD - len(self.found.told)]]
        if self.mend:
            items = list({id(one.item): one.item for one in lacking}.values())
            await self._fold(generation, items)
            self.found.mended += len(lacking) - len(await self._not_held(generation, items))

    async def _in_use(self, generation: Generation) -> None:
        if await self.views.generation(generation.name) != generation:
            raise CheckFailed("another build came into use meanwhile: check that one")

    async def _not_held(self, generation: Generation, items: Sequence[Decoded]) -> Collection[Seen]:
        wanted: dict[str, dict[str, None]] = {}
        for item in items:
            for collection, row_id in rows_of(self.projection, item):
                wanted.setdefault(collection, {})[row_id] = None
        rows: Mapping[tuple[str, str], Row] = {}
        if wanted:
            found = await self.views.load(generation, {c: list(ids) for c, ids in wanted.items()})
            rows = {place: row for place, row in found.items() if is_whole(row)}
        newest: dict[tuple[str, str, str, str], Seen] = {}
        for item in items:
            for place, one in _seen(item, rows):
                if place not in newest or newest[place].lack.version < one.lack.version:
                    newest[place] = one
        return newest.values()

    async def _fold(self, generation: Generation, items: Sequence[Decoded]) -> None:
        numbers = {item.record.partition for item in items}
        terms = Terms(self.partitions, self.projection.topics_version)
        batcher = Batcher(self.projection, self.views, self.clock, self.limits, ProjectorCounts())
        for attempt in range(TRIES):
            try:
                if await self._folded(batcher, generation, numbers, terms, items):
                    return
            except StoreDown:
                pass
            batcher.drop()
            await asyncio.sleep(0.05 * 2**attempt)
        raise CheckFailed("the store takes no batch: try again")

    async def _folded(
        self,
        batcher: Batcher,
        generation: Generation,
        numbers: Collection[int],
        terms: Terms,
        items: Sequence[Decoded],
    ) -> bool:
        fences = await self.views.claim(generation.group, numbers, terms)
        await self._in_use(generation)  # else it may be dropped, and have been claimed after that
        owned = await owned_of(self.views, generation, fences)
        for part in batcher.parts(whole(items)):
            if await batcher.write(owned, part) is not Outcome.COMMITTED:
                return False
        return True


def _seen(
    item: Decoded, rows: Mapping[tuple[str, str], Row]
) -> Iterator[tuple[tuple[str, str, str, str], Seen]]:
    """Of each fact that its row does not hold, its place. A row of another district is none of
    this record's."""
    envelope = item.envelope
    for fact in item.facts:
        row = rows.get((fact.collection, fact.row))
        if row is not None and row["district"] != envelope.district:
            continue
        held = row["facts"].get(fact.group, {}).get(field_name(fact.id)) if row else None
        known = held["v"] if held else 0
        if known >= envelope.version:
            continue
        marks = row["incomplete"] if row else {}
        marked = marks.get(field_name(envelope.aggregate_id), 0) >= envelope.version
        lack = Lack(fact.collection, fact.row, envelope.aggregate_id, envelope.version, known)
        place = (fact.collection, fact.row, fact.group, fact.id)
        yield place, Seen(item, lack, marked or MORE in marks)


async def reached(
    views: Views, generation: Generation, ends: Positions, seconds: float = WAIT_SECONDS
) -> None:
    """Return once the stored positions of a build lie at these ends or beyond. Raises CheckFailed
    after so many seconds."""
    until = time.monotonic() + seconds
    while wait := await behind(views, generation, ends):
        if time.monotonic() >= until:
            raise CheckFailed(f"{wait} records wait for its projector: check when it has read them")
        await asyncio.sleep(PAUSE_SECONDS)


async def behind(views: Views, generation: Generation, ends: Positions) -> int:
    """How many records lie between the stored positions of a build and these ends."""
    fences = await views.fences(generation.group, ends)
    return left({number: fence.positions for number, fence in fences.items()}, ends)
