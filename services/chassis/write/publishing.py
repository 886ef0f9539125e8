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
REMEMBERED_SECONDS = 300.0  # a rebuild that reads the journal now reads the topic from ten minutes
# ago: what was acked before is in the journal, or goes out again

Send = Callable[[Pending, PendingEvent, str], Coroutine[Any, Any, None]]


class Acks:
    """Which keys of an event are acked while others of it are not: a later round of this
    process sends the others only. Of 2,000 events, and for five minutes from the first ack of
    each; one that is forgotten goes out again."""

    def __init__(self) -> None:
        self._bits: OrderedDict[tuple[str, int], int] = OrderedDict()  # by age
        self._since: dict[tuple[str, int], float] = {}
        self._now = 0.0

    def begin(self, now: float) -> None:
        """A round begins at this instant (s), which never goes back."""
        self._now = now
        while self._bits and now - self._since[next(iter(self._bits))] > REMEMBERED_SECONDS:
            self._drop_oldest()

    def __len__(self) -> int:
        return len(self._bits)

    def missing(self, id: str, event: PendingEvent) -> list[int]:
        """The places in `event.keys` that are not acked."""
        bits = self._bits.get((id, event.version), 0)
        if not bits:
            return list(range(len(event.keys)))
        return [place for place in range(len(event.keys)) if not bits >> place & 1]

    def add(self, id: str, event: PendingEvent, place: int) -> None:
        name = id, event.version
        self._bits[name] = self._bits.get(name, 0) | 1 << place
        self._since.setdefault(name, self._now)
        if len(self._bits) > REMEMBERED:
            self._drop_oldest()

    def forget(self, id: str, event: PendingEvent) -> None:
        self._bits.pop((id, event.version), None)
        self._since.pop((id, event.version), None)

    def _drop_oldest(self) -> None:
        name, _ = self._bits.popitem(last=False)
        del self._since[name]


@dataclass
class RoundPublished:
    """What became of a round. `entries`: events of which all keys are acked, those of an
    aggregate in order; `records`: acks in all; `acked`, `failed`: aggregates of which a record
    was, was not."""

    entries: list[JournalEntry] = field(default_factory=list)
    records: int = 0
    failure: ProducerError | None = None
    acked: set[str] = field(default_factory=set)
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


_Record = tuple[_Line, int, int]  # the place of its key, its size in bytes


class Publishing:
    """One round: call `publish` once, or again for aggregates that are to come after."""

    def __init__(self, send: Send, acks: Acks, late: Callable[[], bool]) -> None:
        """`send` returns when the record is acked and raises ProducerError in bounded time.
        Once `late` says so nothing more is begun, but for the first record of the round."""
        self.published = RoundPublished()
        self._send = send
        self._acks = acks
        self._late = late
        self._numbers = count()
        self._ready: dict[str, list[tuple[int, _Line]]] = {}  # a heap for each district
        self._given: dict[str, int] = {}  # bytes of the round, by district
        self._records = self._bytes = 0  # under way
        self._workers: set[asyncio.Task[None]] = set()
        self._idle = asyncio.Event()
        self._defect: BaseException | None = None

    async def publish(self, waiting: Sequence[Pending]) -> None:
        """Each one version after the other, many aggregates at once. Once a record fails none
        is begun any more; those under way are awaited."""
        for aggregate in waiting:
            self._next(_Line(aggregate, next(self._numbers), deque(aggregate.events)))
        self._begin()
        try:
            while self._workers and self._defect is None:
                self._idle.clear()
                await self._idle.wait()
            if self._defect is not None:
                raise self._defect
        finally:
            workers = list(self._workers)
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

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
        while (record := self._take()) is not None:
            worker = asyncio.create_task(self._work(record))
            self._workers.add(worker)
            worker.add_done_callback(self._ended)

    def _take(self) -> _Record | None:
        """What comes next, counted as under way. None: nothing may be begun now."""
        if not self._ready or self.published.failure is not None:
            return None
        district = min(self._ready, key=self._given.__getitem__)
        lines = self._ready[district]
        line = lines[0][1]
        event, place = line.left[0], line.keys[0]
        size = len(event.data) + 2 * len(event.keys[place].encode()) + HEADERS
        if (self._records or self.published.records) and (self._full(size) or self._late()):
            return None
        line.keys.popleft()
        if not line.keys:
            heappop(lines)
            if not lines:
                del self._ready[district]
        self._given[district] += size
        self._records += 1
        self._bytes += size
        return line, place, size

    def _full(self, size: int) -> bool:
        return self._records >= RECORDS or self._bytes + size > BYTES

    async def _work(self, record: _Record | None) -> None:
        """Send a record, then what comes next: a task for each record would cost a fifth more."""
        while record is not None:
            line, place, size = record
            event = line.left[0]
            try:
                await self._send(line.aggregate, event, event.keys[place])
            except ProducerError as error:
                self.published.failure = self.published.failure or error
                self.published.failed.add(line.aggregate.id)
            else:
                self._acked(line, place)
            self._records -= 1
            self._bytes -= size
            record = self._take()
            self._begin()

    def _ended(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled():
            self._defect = self._defect or worker.exception()
        if not self._workers or self._defect is not None:
            self._idle.set()

    def _acked(self, line: _Line, place: int) -> None:
        aggregate, event = line.aggregate, line.left[0]
        self.published.records += 1
        self.published.acked.add(aggregate.id)
        line.awaited -= 1
        if line.awaited:
            self._acks.add(aggregate.id, event, place)
            return
        self._acks.forget(aggregate.id, event)
        self.published.entries.append(JournalEntry(aggregate.id, aggregate.district, event))
        line.left.popleft()
        self._next(line)
