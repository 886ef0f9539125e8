"""What one read of the outbox takes, and how no district waits for the backlog of another, there
and elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from bson import encode

from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import READ_BYTES, Pending, Place

TURNS = 8  # districts, or runs of small ones, that a read adds
TURN_AGGREGATES = 60
TURN_BYTES = READ_BYTES // TURNS


class OfDistrict(Protocol):
    @property
    def district(self) -> str: ...


W = TypeVar("W", bound=OfDistrict)
W_co = TypeVar("W_co", bound=OfDistrict, covariant=True)


class Some(Protocol[W_co]):
    """What one read has found."""

    @property
    def waiting(self) -> Sequence[W_co]: ...


Read = Callable[[str, Collection[str]], Awaitable[Some[W]]]


class Taken:
    """What was read, bounded in aggregates and in bytes of events. `more`: something was left;
    `last`: the place of the last that was taken."""

    def __init__(self, aggregates: int, size: int) -> None:
        self.waiting: list[Pending] = []
        self.more = False
        self.last: Place | None = None
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


class DistrictTurns(Generic[W]):
    """Whose turn it is, by name, where more waits than one read takes."""

    def __init__(self) -> None:
        self._last = ""

    async def others(self, first: Sequence[W], read: Read[W]) -> list[W]:
        """What comes in beside `first`: of districts that have nothing in it. `read` takes some
        (of an outbox 60 aggregates and 1 MB) of the districts after a name, but for those that
        are present, by district and age."""
        present = {each.district for each in first}
        waiting: list[W] = []
        for _ in range(TURNS):
            found = (await read(self._last, present)).waiting
            if not found and not self._last:
                break
            self._last = found[-1].district if found else ""
            present.update(each.district for each in found)
            waiting += found
        return waiting
