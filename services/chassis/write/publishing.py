"""What one round of a relay sends, in which order, and how much of it is under way at once.

Bounded whatever waits: an event goes out once for each of its keys, so what has been read may
become a hundred times as much. Next is always the district that has had the least of the
round, and of that the aggregate that waits the longest: so events are finished one after the
other, and no district waits for all of another.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any

from services.chassis.log.envelope import PendingEvent
from services.chassis.log.producer import ProducerError
from services.chassis.write.documents import JournalEntry, Pending

RECORDS = 500  # under way at once
BYTES = 2_000_000  # of them: what a broker acks within seconds, even in one partition
HEADERS = 500  # bytes: about what a record's headers take, but for the key in them
REMEMBERED = 2_000  # events

Send = Callable[[Pending, PendingEvent, str], Coroutine[Any, Any, None]]


class Acks:
    """Which keys of an event are acked while others of it are not: a later round of this
    process sends the others only. Of 2,000 events; one that is forgotten goes out again."""

    def __init__(self) -> None:
        self._bits: OrderedDict[tuple[str, int], int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._bits)

    def missing(self, id: str, event: PendingEvent) -> list[int]:
        """The places in `event.keys` that are not acked."""
        bits = self._bits.get((id, event.version), 0)
        return [place for place in range(len(event.keys)) if not bits >> place & 1]

    def add(self, id: str, event: PendingEvent, place: int) -> None:
        name = id, event.version
        self._bits[name] = self._bits.pop(name, 0) | 1 << place
        if len(self._bits) > REMEMBERED:
            self._bits.popitem(last=False)

    def forget(self, id: str, event: PendingEvent) -> None:
        self._bits.pop((id, event.version), None)


@dataclass
class Published:
    """What became of a round. `entries`: events of which all keys are acked, those of an
    aggregate in order; `records`: acks in all; `failed`: aggregates of which a record was not."""

    entries: list[JournalEntry] = field(default_factory=list)
    records: int = 0
    failure: ProducerError | None = None
    failed: set[str] = field(default_factory=set)


@dataclass
class _Line:
    """An aggregate in the round. The first of the events that are `left` is under way: `keys`,
    places among its keys, are not yet sent, `awaited` of them not yet acked."""

    aggregate: Pending
    number: int
    left: deque[PendingEvent]
    keys: deque[int] = field(default_factory=deque)
    awaited: int = 0


class Publishing:
    """One round: call `publish` once, or again for aggregates that are to come after."""

    def __init__(self, send: Send, acks: Acks, late: Callable[[], bool]) -> None:
        """`send` returns when the record is acked and raises ProducerError in bounded time.
        Once `late` says so nothing more is begun, but for the first record of the round."""
        self.published = Published()
        self._send = send
        self._acks = acks
        self._late = late
        self._numbers = count()
        self._ready: dict[str, list[tuple[int, _Line]]] = {}  # a heap for each district
        self._given: dict[str, int] = {}  # bytes of the round, by district
        self._flying: dict[asyncio.Task[None], int] = {}  # the record's size
        self._bytes = 0
        self._defect: BaseException | None = None
        self._landed = asyncio.Event()

    async def publish(self, waiting: Sequence[Pending]) -> None:
        """Each one version after the other, many aggregates at once. Once a record fails none
        is begun any more; those under way are awaited."""
        for aggregate in waiting:
            self._next(_Line(aggregate, next(self._numbers), deque(aggregate.events)))
        try:
            self._begin()
            while self._flying:
                await self._landed.wait()
                self._landed.clear()
                if self._defect is not None:
                    raise self._defect
                self._begin()
        finally:
            under_way = list(self._flying)
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    def _next(self, line: _Line) -> None:
        """Its next event may be begun, if there is one."""
        if not line.left:
            return
        district = line.aggregate.district
        line.keys = deque(self._acks.missing(line.aggregate.id, line.left[0]))
        line.awaited = len(line.keys)
        self._given.setdefault(district, 0)
        heappush(self._ready.setdefault(district, []), (line.number, line))

    def _begin(self) -> None:
        while self._ready and self.published.failure is None:
            district = min(self._ready, key=self._given.__getitem__)
            lines = self._ready[district]
            line = lines[0][1]
            event, place = line.left[0], line.keys[0]
            key = event.keys[place]
            size = len(event.data) + 2 * len(key.encode()) + HEADERS
            if (self._flying or self.published.records) and (self._full(size) or self._late()):
                return
            line.keys.popleft()
            if not line.keys:
                heappop(lines)
                if not lines:
                    del self._ready[district]
            self._given[district] += size
            self._bytes += size
            task = asyncio.create_task(self._send(line.aggregate, event, key))
            self._flying[task] = size
            task.add_done_callback(partial(self._ended, line, place))

    def _full(self, size: int) -> bool:
        return len(self._flying) >= RECORDS or self._bytes + size > BYTES

    def _ended(self, line: _Line, place: int, task: asyncio.Task[None]) -> None:
        self._bytes -= self._flying.pop(task)
        self._landed.set()
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._acked(line, place)
        elif isinstance(error, ProducerError):
            self.published.failure = self.published.failure or error
            self.published.failed.add(line.aggregate.id)
        else:
            self._defect = error

    def _acked(self, line: _Line, place: int) -> None:
        aggregate, event = line.aggregate, line.left[0]
        self.published.records += 1
        line.awaited -= 1
        if line.awaited:
            self._acks.add(aggregate.id, event, place)
            return
        self._acks.forget(aggregate.id, event)
        self.published.entries.append(JournalEntry(aggregate.id, aggregate.district, event))
        line.left.popleft()
        self._next(line)
