"""A write service's journal and topic, and who follows them by `FollowEvents`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from coaching.journal.v1 import journal_pb2
from services.chassis.call import Call, Principal
from services.chassis.edge.followers import Followers
from services.chassis.edge.journal_rpc import JournalService
from services.chassis.kernel import Fault
from services.chassis.log.envelope import PendingEvent, Record, headers_of
from services.chassis.log.following import Places
from services.chassis.log.memory_following import MemoryFollowed
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.source import SourceDown
from services.chassis.write.documents import JournalEntry
from services.chassis.write.memory_journal import MemoryJournal
from services.chassis.write.memory_sealing import MemorySealingKey
from services.chassis.write.sealing import SealingKey
from tests.support.waiting import HANGS

SCOPE = "things.journal.read"
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
SEALING = MemorySealingKey()  # of all benches: they are processes of one service
LONG_AGO = NOW - timedelta(days=300)


class Topic(MemoryFollowed):
    """`held`: a reading is left only then."""

    down = False
    reads = 0
    held: asyncio.Event | None = None

    def __init__(self, log: MemoryLog, topic: str) -> None:
        super().__init__(log, topic)
        self.left = asyncio.Event()

    async def read(self, places: Places) -> AsyncGenerator[Sequence[Record]]:
        self.reads += 1
        try:
            async with aclosing(super().read(places)) as batches:
                async for each in batches:
                    if self.down:
                        raise SourceDown("away")
                    yield each
        finally:
            self.left.set()
            if self.held:
                await self.held.wait()


class Bench:
    """A write service's journal and topic. `journalled`: whether what is published reaches its
    journal, as it does a moment later."""

    def __init__(self, partitions: int = 4, sealing: SealingKey = SEALING) -> None:
        self.journal, self.log = MemoryJournal(), MemoryLog(partitions)
        self.sealing = sealing
        self.topic = Topic(self.log, "things")
        self.followers = Followers(self.topic)
        self.journalled = True
        self.renewed: Callable[[Principal], Awaitable[Principal]] = as_she_is

    async def happen(
        self,
        name: str,
        *versions: int,
        district: str = "d1",
        type_: str = "t.Made",
        at: datetime = NOW,
        size: int = 1,
    ) -> None:
        for version in versions:
            key = f"{district}:{name}"
            event = PendingEvent(version, f"{name}:{version}", type_, (key,), b"x" * size, at, 2027)
            told = headers_of(event, source="/t", district=district, aggregate_id=name, key=key)
            self.log.append("things", key.encode(), event.data, told)
            if self.journalled:
                await self.journal.append([JournalEntry(name, district, event)])

    @asynccontextmanager
    async def follow(
        self, position: str = "", *types: str, district: str = "d1", partner: str = "p"
    ) -> AsyncIterator[Stream]:
        principal = Principal(district, partner=partner, scopes=frozenset({SCOPE}))
        call = Call("follow_events", principal)
        service = JournalService(
            self.journal,
            self.followers,
            lambda: NOW,
            self.sealing,
            SCOPE,
            lambda _: call,
            lambda call, granted: None,
            self.renewed,
        )
        request = journal_pb2.FollowEventsRequest(position=position, types=types)
        answers: Any = service.FollowEvents(request, None)
        async with aclosing(answers):
            yield Stream(answers, call)


async def as_she_is(principal: Principal) -> Principal:
    """Of whom nothing changes while something goes on."""
    return principal


class Stream:
    def __init__(
        self, answers: AsyncGenerator[journal_pb2.FollowEventsResponse], call: Call
    ) -> None:
        self.answers, self.call = answers, call
        self.position = ""
        self.got: list[str] = []

    async def one(self) -> journal_pb2.FollowEventsResponse:
        async with asyncio.timeout(HANGS):
            answer = await anext(self.answers)
        self.position = answer.position
        self.got += [each.event_id for each in answer.records]
        return answer

    async def until(self, *wanted: str) -> list[str]:
        """What came until all of these have."""
        async with asyncio.timeout(HANGS):
            while not set(wanted) <= set(self.got):
                await self.one()
        return self.got

    async def refused(self) -> Fault:
        try:
            async with asyncio.timeout(HANGS):
                while True:
                    await self.one()
        except Fault as fault:
            return fault


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[Bench]:
    stop = asyncio.Event()
    reading = asyncio.create_task(bench.followers.run(stop))
    yield bench
    stop.set()
    await reading
    assert bench.followers.count == 0
