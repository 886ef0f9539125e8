"""Who follows a topic in this process: one reading of it for all who have kept up.

Whoever begins reads the topic herself from her place up to where all others are, and from there on
hears what they hear. A mailbox of what was published meanwhile waits for her; where that was too
much, she reads on and tries again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import NamedTuple

from services.chassis.backoff import Backoff
from services.chassis.edge.beginners import Beginners, Who, in_time, slow_reader
from services.chassis.kernel import Fault, Kind
from services.chassis.log.envelope import Envelope, Record, Unreadable, open_envelope
from services.chassis.log.following import (
    Followed,
    LogPlace,
    PlaceLost,
    Places,
    Track,
    check_same,
    mark_of,
    reached,
)
from services.chassis.log.source import SourceDown
from services.chassis.mailbox import Mailbox

log = logging.getLogger(__name__)

MOST = 200
MAILBOX_BYTES, ALL_BYTES = 4_000_000, 64_000_000
OVERHEAD = 4_000  # bytes of a record in memory besides its value, about
BATCH, BATCH_BYTES = 500, 1_000_000
READY_SECONDS = 10.0
HEARTBEAT_SECONDS = 15.0


class Published(NamedTuple):
    """A record, and what its headers say."""

    record: Record
    envelope: Envelope


Wanted = Callable[[Envelope], bool]


class Follower:
    """One who hears of what comes."""

    def __init__(self, wanted: Wanted, places: Places) -> None:
        """`places`: behind them begins what she hears of."""
        self.wanted = wanted
        self.places = places
        self.mailbox: Mailbox[Published] = Mailbox(MAILBOX_BYTES, _weight)
        self.fault: Fault | None = None

    def end(self, fault: Fault | None) -> None:
        self.fault = fault
        self.mailbox.end()


class Followers:
    def __init__(self, topic: Followed, most: int = MOST) -> None:
        self._topic = topic
        self._most = most
        self._all: set[Follower] = set()
        self._beginners = Beginners()
        self._open = 0
        self._asked = asyncio.Event()
        self._ready = asyncio.Event()
        self._at: dict[int, LogPlace] = {}  # where the reading for all is
        self._closed = False

    @property
    def count(self) -> int:
        return self._open

    async def since(self, instant: datetime) -> Places:
        """See `following.Followed`. Raises Fault UNAVAILABLE."""
        try:
            return await self._topic.since(instant)
        except SourceDown as down:
            raise _away() from down

    async def follow(
        self, who: Who, wanted: Wanted, places: Places
    ) -> AsyncGenerator[tuple[Sequence[Published], Places]]:
        """What is published behind these places, as far as it is `wanted`, and where that leads;
        nothing once that is all, and every 15 s. Ends when the process does. Raises Fault CONFLICT
        `position_lost`, LIMITED where it reads too slowly or too many do, UNAVAILABLE."""
        if self._closed or self._open >= self._most:
            raise Fault(Kind.LIMITED, "too_many_streams", "Try again later, or elsewhere.")
        self._open += 1
        self._asked.set()
        try:
            async with aclosing(self._follow(who, wanted, places)) as found:
                async for each in found:
                    yield each
        except PlaceLost as lost:
            raise _lost(lost) from lost
        except SourceDown as down:
            raise _away() from down
        finally:
            self._open -= 1

    async def _follow(
        self, who: Who, wanted: Wanted, places: Places
    ) -> AsyncGenerator[tuple[Sequence[Published], Places]]:
        follower = await self._join(wanted)
        try:
            check_same(places, follower.places)
            # further than all others are: the broker knows whether there is so much
            ahead = not reached(follower.places, places)
            while ahead or not reached(places, follower.places):
                reading = in_time(self._read(who, wanted, places, follower.places))
                async with aclosing(reading) as found:
                    async for each in found:
                        yield each
                        places = each[1]
                ahead = False
                if follower.mailbox.slow:
                    self._all.discard(follower)
                    follower = await self._join(wanted)
                    check_same(places, follower.places)
            async for each in self._hear(follower, places):
                yield each
        finally:
            self._all.discard(follower)

    async def _join(self, wanted: Wanted) -> Follower:
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._ready.wait()
        except TimeoutError:
            raise _away() from None
        follower = Follower(wanted, dict(self._at))
        self._all.add(follower)
        return follower

    async def _read(
        self, who: Who, wanted: Wanted, places: Places, target: Places
    ) -> AsyncGenerator[tuple[Sequence[Published], Places]]:
        """By a reading of its own, up to `target` or a little further."""
        track = Track(places)
        with self._beginners.place(who):
            async with aclosing(self._topic.read(places)) as batches:
                async for records in batches:
                    for batch in _batches(records):
                        new = map(_published, filter(track.take, batch))
                        found = [each for each in new if each and wanted(each.envelope)]
                        yield found, track.places
                    if reached(track.places, target):
                        return

    async def _hear(
        self, follower: Follower, places: Places
    ) -> AsyncGenerator[tuple[Sequence[Published], Places]]:
        at, mailbox = dict(places), follower.mailbox
        yield (), places  # she has caught up
        while True:
            first = await mailbox.take(HEARTBEAT_SECONDS)
            found, size = [], 0
            while first is not None:
                record = first.record
                if record.offset >= at[record.partition].offset:  # else she has read it herself
                    at[record.partition] = LogPlace(record.offset + 1, mark_of(record))
                    found.append(first)
                    size += _weight(first)
                full = len(found) == BATCH or size >= BATCH_BYTES
                first = None if full else mailbox.next()
            if not mailbox.waiting and not mailbox.over:
                at = {number: max(place, self._at[number]) for number, place in at.items()}
            if found or not mailbox.over:
                yield found, dict(at)
            elif mailbox.slow:
                raise slow_reader()
            elif follower.fault is not None:
                raise follower.fault
            else:
                return

    async def run(self, stop: asyncio.Event) -> None:
        """Read the topic while somebody follows it."""
        backoff = Backoff(first=0.5)
        while not stop.is_set():
            fault = None
            if await _either(self._asked, stop):
                try:
                    await self._serve(stop, backoff)
                except PlaceLost as lost:
                    fault = _lost(lost)
                except SourceDown as down:
                    log.warning("followers: %s", down)
                    fault = _away()
            self._ready.clear()
            for follower in list(self._all):
                follower.end(fault)
            self._all.clear()
            if fault is not None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), backoff.next())
        self._closed = True

    async def _serve(self, stop: asyncio.Event, backoff: Backoff) -> None:
        track = Track(await self._topic.since(None))
        self._at = dict(track.places)
        self._ready.set()
        async with aclosing(self._topic.read(self._at)) as batches:
            async for records in batches:
                backoff.reset()
                for record in records:
                    new = track.take(record)
                    self._at[record.partition] = LogPlace(record.offset + 1, mark_of(record))
                    if new:
                        self._tell(record)
                if stop.is_set():
                    return
                if not self._open:
                    self._asked.clear()
                    self._ready.clear()  # who comes while it is closed waits for the next one
                    return

    def _tell(self, record: Record) -> None:
        published = _published(record)
        if published is not None:
            for follower in self._all:
                if follower.wanted(published.envelope):
                    follower.mailbox.put(published)
            while sum(each.mailbox.weight for each in self._all) > ALL_BYTES:
                max(self._all, key=lambda each: each.mailbox.weight).mailbox.drop()


def _published(record: Record) -> Published | None:
    """None of what is no event."""
    try:
        return Published(record, open_envelope(record.headers, record.key))
    except Unreadable:
        return None


def _batches(records: Sequence[Record]) -> Sequence[Sequence[Record]]:
    """None of records is one batch, too: it says that nothing came."""
    found: list[list[Record]] = [[]]
    size = 0
    for record in records:
        size += len(record.value or b"") + OVERHEAD
        if found[-1] and (size > BATCH_BYTES or len(found[-1]) == BATCH):
            found.append([])
            size = 0
        found[-1].append(record)
    return found


def _weight(published: Published) -> int:
    return len(published.record.value or b"") + OVERHEAD


def _lost(lost: PlaceLost) -> Fault:
    told = f"The log does not go on from this position ({lost}): start over without one."
    return Fault(Kind.CONFLICT, "position_lost", told)


def _away() -> Fault:
    return Fault(Kind.UNAVAILABLE, "log_unavailable", "The log cannot be read now.")


async def _either(first: asyncio.Event, second: asyncio.Event) -> bool:
    """Whether the first is set, once one of them is."""
    waits: Collection[asyncio.Task[bool]] = [
        asyncio.create_task(each.wait()) for each in (first, second)
    ]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
    return first.is_set()
