"""The relay's loop: woken at once, outlives outages, stops in time, and stops for a defect."""

import asyncio
import time
from functools import partial

import pytest

from services.chassis.backoff import Backoff
from services.chassis.kernel import Fault, Kind
from services.chassis.log.envelope import Headers
from services.chassis.log.memory_log import Fate, MemoryLog, MemoryProducer
from services.chassis.log.producer import EventProducer
from services.chassis.write.bell import LocalBell
from services.chassis.write.documents import OutboxPlace, Waiting
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.memory_journal import MemoryJournal
from services.chassis.write.relay import Relay, RelayStats
from tests.support.documents_suite import document, event
from tests.support.waiting import eventually

TOPIC = "coaching.things.v1"


class Bench:
    def __init__(self, documents: MemoryDocuments | None = None) -> None:
        self.documents = documents or MemoryDocuments()
        self.log = MemoryLog()
        self.bell = LocalBell()
        self.stats = RelayStats()
        self.stop = asyncio.Event()
        self.fate = Fate.ACKED
        self.made = 0

    def producer(self) -> EventProducer:
        self.made += 1
        return MemoryProducer(self.log, lambda _topic, _key: self.fate)

    def start(self) -> asyncio.Task[None]:
        relay = Relay(
            self.documents,
            MemoryJournal(),
            self.producer,
            topic=TOPIC,
            source="/tandem/things",
            bell=self.bell,
            watch=self.stats,
            backoff=Backoff(first=0.001, longest=0.002),
        )
        return asyncio.create_task(relay.run(self.stop))

    async def command(self, id: str) -> None:
        await self.documents.insert(document(id), event(1, id))
        self.bell.ring()

    def published(self, count: int) -> bool:
        return len(self.log.all(TOPIC)) == count


async def test_a_ring_wakes_the_relay_long_before_its_poll() -> None:
    bench = Bench()
    running = bench.start()
    for n in range(20):
        await bench.command(f"a{n}")
        started = time.monotonic()
        await eventually(partial(bench.published, n + 1))
        assert time.monotonic() - started < 0.5
    bench.stop.set()
    await running
    assert bench.stats.records == 20


class Counted(MemoryDocuments):
    reads = 0

    async def pending(self, limit: int, after: OutboxPlace | None = None) -> Waiting:
        self.reads += 1
        return await super().pending(limit, after)


async def test_what_comes_while_it_is_busy_goes_out_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.chassis.write.relay.GATHER_SECONDS", 0.5)
    documents = Counted()
    bench = Bench(documents)
    running = bench.start()
    await eventually(lambda: documents.reads == 1)
    await bench.command("first")
    await eventually(lambda: bench.published(1))
    for count in range(20):
        await bench.command(f"later-{count}")
        await asyncio.sleep(0)
    await eventually(lambda: bench.published(21))
    assert documents.reads == 3
    bench.stop.set()
    await running


async def test_a_lost_ring_costs_a_second_not_an_event() -> None:
    bench = Bench()
    running = bench.start()
    await bench.documents.insert(document(), event(1))
    await eventually(lambda: bench.published(1))
    bench.stop.set()
    await running


async def test_outages_are_waited_out_with_a_new_producer_each() -> None:
    bench = Bench()
    bench.fate = Fate.LOST
    running = bench.start()
    await bench.command("a")
    await eventually(lambda: bench.stats.failures["publish"] >= 5)
    assert bench.made >= 5
    bench.fate = Fate.ACKED
    await eventually(lambda: bench.published(1))
    bench.stop.set()
    await running


class Failing(MemoryDocuments):
    def __init__(self, error: Exception, times: int) -> None:
        super().__init__()
        self.error = error
        self.times = times

    async def pending(self, limit: int, after: OutboxPlace | None = None) -> Waiting:
        self.times -= 1
        if self.times >= 0:
            raise self.error
        return await super().pending(limit, after)


async def test_a_store_that_is_away_is_waited_for() -> None:
    bench = Bench(Failing(Fault(Kind.UNAVAILABLE, "store_unavailable"), 5))
    await bench.command("a")
    running = bench.start()
    await eventually(lambda: bench.published(1))
    assert bench.stats.failures == {"store": 5}
    bench.stop.set()
    await running


async def test_a_defect_ends_the_relay() -> None:
    with pytest.raises(ZeroDivisionError):
        await Bench(Failing(ZeroDivisionError(), 1)).start()


class Stuck:
    """A producer whose broker has gone silent."""

    def __init__(self) -> None:
        self.abandoned = 0
        self.sending = False

    async def start(self) -> None:
        pass

    async def send(self, topic: str, key: bytes, value: bytes, headers: Headers) -> None:
        self.sending = True
        await asyncio.Event().wait()

    async def abandon(self) -> None:
        self.abandoned += 1


async def test_a_stop_does_not_wait_for_a_silent_broker() -> None:
    bench, stuck = Bench(), Stuck()
    await bench.command("a")
    relay = Relay(
        bench.documents, MemoryJournal(), lambda: stuck, topic=TOPIC, source="/x", bell=bench.bell
    )  # fmt: skip
    running = asyncio.create_task(relay.run(bench.stop))
    await eventually(lambda: stuck.sending)
    bench.stop.set()
    async with asyncio.timeout(5):
        await running
    assert stuck.abandoned == 1
    assert (await bench.documents.backlog())[0] == 1


async def test_an_idle_relay_stops_at_once() -> None:
    bench = Bench()
    running = bench.start()
    await eventually(lambda: not running.done())
    bench.stop.set()
    async with asyncio.timeout(0.5):
        await running
