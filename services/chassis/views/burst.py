"""Decoding many records at once: of events that say the same fact only the newest is folded."""

from __future__ import annotations

from collections.abc import Hashable

from services.chassis.log.envelope import Record
from services.chassis.views.decode import Decoded, Refused, decode, folded, read
from services.chassis.views.projection import Event, Projection


class Burst:
    """Records that are projected together, in order.

    The items are those of `decode`, with one difference that no row shows: of the events of
    one `Projection.place`, the first carries the facts of the newest, the others none. Rows
    that were committed up to some record are thus never older than a replay up to it, and in
    the end equal to it. Where the newest is refused, all of its place are folded. An event
    that a newer one replaces is still read: it is parked when its bytes are no message.
    """

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._items: list[Decoded | Refused] = []
        self._newest: dict[Hashable, tuple[int, Event]] = {}  # with the index of the first

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
        known = self._newest.get(place)
        if known is None:
            self._newest[place] = (len(self._items), event)
        elif known[1].envelope.version < event.envelope.version:
            self._newest[place] = (known[0], event)
        self._items.append(Decoded(record, event.envelope, ()))

    def items(self) -> list[Decoded | Refused]:
        """All that was added. Call it once."""
        refused = set[Hashable]()
        for place, (first, event) in self._newest.items():
            item = folded(self._projection, self._items[first].record, event)
            if isinstance(item, Decoded):
                self._items[first] = item
            else:
                refused.add(place)
        if refused:
            self._items = [self._again(item, refused) for item in self._items]
        return self._items

    def _again(self, item: Decoded | Refused, places: set[Hashable]) -> Decoded | Refused:
        if isinstance(item, Decoded) and self._projection.place(item.envelope) in places:
            return decode(self._projection, item.record)
        return item
