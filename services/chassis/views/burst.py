"""Decoding many records at once: of events that say the same fact only the newest is folded."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Set
from dataclasses import dataclass
from operator import itemgetter

from services.chassis.log.envelope import Record
from services.chassis.views.decode import Decoded, ToPark, folded, read
from services.chassis.views.lot import Lot, LotItem, number_and_topic
from services.chassis.views.projection import Event, Projection, is_tombstone

SLICE = 1_000  # records or events between two turns of others


@dataclass(slots=True)
class _Place:
    """The newest event of a place and its record, and the first record; of each the number
    of records that came before it."""

    newest: Event
    record: Record
    before: int
    first_record: Record
    first: int
    alone: bool = True


class Burst:
    """Records that are projected together, in order.

    Of the events of one `Projection.place`, the newest is folded, and its facts stand where
    it came and where the first of the place came; the others are forgotten. Rows that were
    committed up to some record are thus never older than a replay up to it, and in the end
    equal to it; what else goes by a version (`batch`: which parked event is overtaken) holds
    once the newest itself is reached. An event that a newer one replaces is still read: it is
    parked when its bytes are no message. Where the newest is refused, what it replaced is
    needed after all: then `lot` is None, the place is one of the `refused`, and the records
    are to be read again by a burst to which that place is `plain`: it folds all its events.
    """

    def __init__(self, projection: Projection, plain: Set[Hashable] = frozenset()) -> None:
        self._projection, self._plain = projection, plain
        self.refused: set[Hashable] = set()
        self._items: list[tuple[int, LotItem]] = []
        self._places: dict[Hashable, _Place] = {}
        self._ends: dict[tuple[int, str], int] = {}
        self._records = self._ignored = 0
        self._erased = False

    @property
    def records(self) -> int:
        return self._records

    @property
    def kept(self) -> int:
        """Of how many records and places there is something in memory."""
        return len(self._items) + len(self._places)

    def add(self, record: Record) -> None:
        before = self._records
        self._records += 1
        self._ends[number_and_topic(record)] = record.offset + 1
        event = read(self._projection, record)
        if isinstance(event, Decoded):
            self._ignored += 1
            self._erased |= is_tombstone(event.envelope)
            return
        if isinstance(event, ToPark):
            self._items.append((before, event))
            return
        self._erased |= is_tombstone(event.envelope)
        place = self._projection.place(event.envelope)
        if place is None or place in self._plain:
            self._items.append((before, folded(self._projection, record, event)))
            return
        known = self._places.get(place)
        if known is None:
            self._places[place] = _Place(event, record, before, record, before)
            return
        known.alone = False
        if known.newest.envelope.version < event.envelope.version:
            known.newest, known.record, known.before = event, record, before

    async def lot(self) -> Lot | None:
        """All that was added. Call it once. Lets others run between slices."""
        for index, (name, place) in enumerate(self._places.items()):
            item = folded(self._projection, place.record, place.newest)
            if isinstance(item, ToPark) and not place.alone:
                self.refused.add(name)
            if place.first != place.before:
                self._items.append((place.first, item._replace(record=place.first_record)))
            self._items.append((place.before, item))
            if index % SLICE == SLICE - 1:
                await asyncio.sleep(0)
        if self.refused:
            return None
        self._items.sort(key=itemgetter(0))
        before, items = [at for at, _ in self._items], [item for _, item in self._items]
        return Lot(items, before, self._ends, self._records, self._ignored, self._erased)
