"""Nothing that waits, however much and in whatever form, makes the relay hold much at once, go
round in circles or leave others waiting."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from services.chassis.log.envelope import Headers, open_envelope
from services.chassis.log.memory_log import MemoryLog, MemoryProducer
from services.chassis.log.producer import ProducerError
from services.chassis.write.bell import LocalBell
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.memory_journal import MemoryJournal
from services.chassis.write.publishing import BYTES, RECORDS, Acks
from services.chassis.write.relay import Relay
from tests.support.documents_suite import document, event

TOPIC = "coaching.things.v1"
Sent = tuple[str, int, str]  # aggregate, version, key


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No round is cut short because the machine is busy."""
    monkeypatch.setattr("services.chassis.write.relay.ROUND_SECONDS", 600.0)


class World:
    """`refuses` is asked for each record, once it is under way: whether no ack comes."""

    def __init__(self) -> None:
        self.others: set[asyncio.Task[Any]] = set()  # tasks that run beside those of the relay
        self.documents = MemoryDocuments()
        self.journal = MemoryJournal()
        self.log = MemoryLog()
        self.refuses: Callable[[Sent], bool] = lambda _sent: False
        self.at_once = True  # a refusal is told at once, as of a record too large
        self.sent: list[Sent] = []
        self.acked: Counter[Sent] = Counter()
        self.flying: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.relay = Relay(
            self.documents,
            self.journal,
            lambda: Producer(self),
            topic=TOPIC,
            source="/tandem/things",
            bell=LocalBell(),
        )

    async def add(self, id: str, *keys: str, data: bytes = b"x", versions: int = 1) -> None:
        district = keys[0].partition(":")[0]
        new = document(id, district=district)
        await self.documents.insert(new, event(1, id, data=data, keys=keys))
        for version in range(2, versions + 1):
            before = await self.documents.get(district, "thing", id)
            assert before is not None
            later = event(version, id, data=data, keys=keys)
            assert await self.documents.replace(before, {"n": version}, later, None)

    async def round(self) -> int | None:
        """None: it failed."""
        try:
            return await self.relay.round()
        except ProducerError:
            return None

    async def left(self) -> list[tuple[str, int]]:
        waiting = await self.documents.pending(500)
        return [(each.id, event.version) for each in waiting for event in each.events]

    async def journaled(self) -> list[tuple[str, int]]:
        entries = await self.journal.read("", None, "", 1000)
        return [(each.aggregate_id, each.event.version) for each in entries]


class Producer(MemoryProducer):
    def __init__(self, world: World) -> None:
        super().__init__(world.log)
        self.world = world

    async def send(self, topic: str, key: bytes, value: bytes, headers: Headers) -> None:
        world, envelope = self.world, open_envelope(headers, key)
        sent = envelope.aggregate_id, envelope.version, key.decode()
        size = len(value) + sum(len(name) + len(text) for name, text in headers)
        now = {"records": 1, "bytes": size}
        world.sent.append(sent)
        world.flying.update(now)
        world.most |= world.flying
        world.most["tasks"] = max(world.most["tasks"], len(asyncio.all_tasks() - world.others))
        try:
            if world.refuses(sent):
                if not world.at_once:
                    await asyncio.sleep(0)
                raise ProducerError("no ack")
            await super().send(topic, key, value, headers)
            world.acked[sent] += 1
        finally:
            world.flying.subtract(now)


def teachers(count: int, district: str = "d1") -> list[str]:
    return [f"{district}:t{n:03d}-{'x' * 200}" for n in range(count)]


async def test_what_is_under_way_is_bounded_in_records_and_in_bytes() -> None:
    world = World()
    world.others = asyncio.all_tasks()
    for n in range(20):
        await world.add(f"wide{n}", *teachers(100))
    for n in range(8):
        await world.add(f"large{n}", *teachers(10), data=b"x" * 900_000)
    while await world.round():
        assert world.most["records"] <= RECORDS
        assert world.most["bytes"] <= BYTES
        assert world.most["tasks"] <= RECORDS
    assert await world.left() == []
    assert set(world.acked.values()) == {1}
    assert len(world.acked) == 20 * 100 + 8 * 10


async def test_rounds_that_fail_hold_no_more_than_others() -> None:
    world = World()
    world.others = asyncio.all_tasks()
    for n in range(20):
        await world.add(f"a{n}", *teachers(100))
    world.refuses = lambda sent: True
    world.at_once = False
    for _ in range(3):
        assert await world.round() is None
    assert world.most["tasks"] <= RECORDS
    assert not asyncio.all_tasks() - world.others


async def test_an_event_that_no_round_gets_through_gets_through_in_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.chassis.write.relay.ROUND_SECONDS", -1.0)
    world = World()
    await world.add("a", *teachers(5), versions=2)
    for _ in range(5):
        assert await world.journaled() == []
        assert await world.round() == 1
    assert await world.journaled() == [("a", 1)]
    assert await world.left() == [("a", 2)]
    for _ in range(5):
        await world.round()
    assert await world.left() == []
    assert world.sent == [("a", version, key) for version in (1, 2) for key in teachers(5)]


async def test_acks_count_though_each_round_fails() -> None:
    """As when all of an event is more than a broker takes before the first ack is overdue."""
    world = World()
    await world.add("a", *teachers(100))
    world.refuses = lambda _sent: len(world.sent) % 30 == 0
    rounds = 0
    while await world.left():
        rounds += 1
        assert rounds < 10
        await world.round()
    assert rounds > 1
    assert set(world.acked.values()) == {1}
    assert len(world.acked) == 100
    assert await world.journaled() == [("a", 1)]


async def test_events_are_finished_one_after_the_other() -> None:
    """So that a process that ends has to begin few of them anew."""
    world = World()
    for n in range(10):
        await world.add(f"a{n}", *teachers(100))
    world.refuses = lambda _sent: len(world.sent) > 700
    assert await world.round() is None
    assert await world.journaled() == [(f"a{n}", 1) for n in range(7)]


async def test_districts_take_turns_within_a_round() -> None:
    world = World()
    for n in range(40):
        await world.add(f"a{n}", *teachers(100))
    await world.add("small", "d2:t1", versions=3)
    await world.round()
    places = [n for n, sent in enumerate(world.sent) if sent[0] == "small"]
    assert len(places) == 3
    assert places[0] == 1
    assert places[-1] < 3 * RECORDS


async def test_a_district_s_single_event_goes_out_beside_a_backlog_of_another() -> None:
    world = World()
    for n in range(700):
        await world.add(f"a{n}", "d1:t1")
    await world.add("single", "d2:t1")
    await world.round()
    assert world.sent.index(("single", 1, "d2:t1")) == 1


async def test_what_no_broker_takes_comes_after_all_others() -> None:
    world = World()
    await world.add("never", *teachers(3))
    await world.add("a", "d1:t1", versions=9)
    world.refuses = lambda sent: sent[0] == "never"
    assert await world.round() is None
    assert await world.round() is None
    assert await world.left() == [("never", 1)]
    await world.add("b", "d1:t1")
    assert await world.round() is None
    assert await world.left() == [("never", 1)]
    world.refuses = lambda _sent: False
    assert await world.round() == 3
    assert await world.left() == []


def test_acks_of_old_events_are_forgotten() -> None:
    acks = Acks()
    wide = event(1, keys=("d1:t1", "d1:t2"))
    for n in range(2_001):
        acks.add(f"a{n}", wide, 1)
    assert len(acks) == 2_000
    assert acks.missing("a0", wide) == [0, 1]
    assert acks.missing("a1", wide) == [0]
    acks.forget("a1", wide)
    assert acks.missing("a1", wide) == [0, 1]
