"""Decoding many records at once: of events that say the same fact only the newest is folded."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import NamedTuple

from services.chassis.log.envelope import Record
from services.chassis.views.batch import SLICE, Item
from services.chassis.views.decode import Decoded, decode, folded, read
from services.chassis.views.projection import Event, Projection


class _Newest(NamedTuple):
    """Of a place: its newest event, the index of that, and the index of the place's first."""

    event: Event
    own: int
    first: int


class Burst:
    """Records that are projected together, in order.

    The items are those of `decode`, with one difference: of the events of one
    `Projection.place`, the newest carries its facts, and so does the first, in the newest's
    name; the others carry none. Rows that were committed up to some record are thus never
    older than a replay up to it, and in the end equal to it; what else goes by a version
    (`batch`: which parked event is overtaken) holds once the newest itself is reached. Where
    the newest is refused, all of its place are folded. An event that a newer one replaces is
    still read: it is parked when its bytes are no message.
    """

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._items: list[Item] = []
        self._newest: dict[Hashable, _Newest] = {}

    def add(self, record: Record) -> None:
        """Raises ProjectionFailed, as `items`."""
        event = read(self._projection, record)
        if not isinstance(event, Event):
            self._items.append(event)
            return
        place = self._projection.place(event.envelope)
        if place is None:
            self._items.append(folded(self._projection, record, event))
            return
        known, own = self._newest.get(place), len(self._items)
        if known is None:
            self._newest[place] = _Newest(event, own, own)
        elif known.event.envelope.version < event.envelope.version:
            self._newest[place] = _Newest(event, own, known.first)
        self._items.append(Decoded(record, event.envelope, ()))

    async def items(self) -> list[Item]:
        """All that was added. Call it once. Lets others run between slices."""
        refused = set[Hashable]()
        for index, (place, (event, own, first)) in enumerate(self._newest.items()):
            item = folded(self._projection, self._items[own].record, event)
            if isinstance(item, Decoded):
                self._items[own] = item
                self._items[first] = item._replace(record=self._items[first].record)
            else:
                refused.add(place)
            if index % SLICE == SLICE - 1:
                await asyncio.sleep(0)
        for index, item in enumerate(self._items if refused else ()):
            self._items[index] = self._again(item, refused)
            if index % SLICE == SLICE - 1:
                await asyncio.sleep(0)
        return self._items

    def _again(self, item: Item, places: set[Hashable]) -> Item:
        if isinstance(item, Decoded) and self._projection.place(item.envelope) in places:
            return decode(self._projection, item.record)
        return item
