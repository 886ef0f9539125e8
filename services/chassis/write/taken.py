"""What one read of the outbox takes."""

from __future__ import annotations

from datetime import datetime

from bson import encode

from services.chassis.district_turns import TURNS
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import READ_BYTES, OutboxPlace, Pending

TURN_AGGREGATES = 60
TURN_BYTES = READ_BYTES // TURNS


class Taken:
    """What was read, bounded in aggregates and in bytes of events. `more`: something was left;
    `last`: the place of the last that was taken."""

    def __init__(self, aggregates: int, size: int) -> None:
        self.waiting: list[Pending] = []
        self.more = False
        self.last: OutboxPlace | None = None
        self._aggregates = aggregates
        self._left = size

    def add(self, each: Pending, since: datetime) -> bool:
        """Take what there is room for, of the first one event at least. False: it is full."""
        if self._left <= 0 or len(self.waiting) == self._aggregates:
            self.more = True
            return False
        events: list[PendingEvent] = []
        for event in each.events:
            if self._left <= 0:
                self.more = True
                break
            self._left -= len(event.data) + sum(map(len, event.keys))
            self._left -= sum(len(encode(each.state)) for each in event.entries)
            events.append(event)
        self.waiting.append(Pending(each.id, each.district, tuple(events)))
        self.last = since, each.id
        return not self.more
