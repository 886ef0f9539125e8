"""Relays that die, race and lose acks: nothing is lost, and order holds per aggregate.

The store, the journal and the log are in memory; every choice is drawn from a seed.
"""

import asyncio
import contextlib
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from services.chassis.crash_points import Crashed, crashing
from services.chassis.kernel import Fault, Kind
from services.chassis.log.envelope import PendingEvent, open_envelope
from services.chassis.log.memory_log import Fate, MemoryLog, MemoryProducer
from services.chassis.log.producer import ProducerError
from services.chassis.write.bell import LocalBell
from services.chassis.write.documents import Document
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.memory_journal import MemoryJournal
from services.chassis.write.relay import Relay
from tests.support.documents_suite import START

TOPIC = "coaching.things.v1"
AGGREGATES = [f"a{n}" for n in range(6)]
KEYS = {  # every other aggregate concerns two teachers
    name: ("d1:t1", f"d1:{name}") if n % 2 else (f"d1:{name}",) for n, name in enumerate(AGGREGATES)
}


def relay(world: "World", fate: Callable[[str, bytes], Fate]) -> Relay:
    return Relay(
        world.documents,
        world.journal,
        lambda: MemoryProducer(world.log, fate),
        topic=TOPIC,
        source="/tandem/things",
        bell=LocalBell(),
    )


class World:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.documents = MemoryDocuments()
        self.journal = MemoryJournal()
        self.log = MemoryLog()
        self.accepted: dict[str, int] = {}
        self.dead: tuple[bytes, ...] = ()  # keys of which nothing lands

    def fate(self, _topic: str, key: bytes) -> Fate:
        if key in self.dead:
            return Fate.LOST
        odds = {Fate.ACKED: 80, Fate.UNACKED: 7, Fate.LATE: 7, Fate.LOST: 6}
        return self.random.choices(list(odds), list(odds.values()))[0]

    async def command(self, id: str) -> None:
        """Add a version to an aggregate, as a command does."""
        before = await self.documents.get("d1", "thing", id)
        version = before.version + 1 if before else 1
        event = PendingEvent(
            version, f"{id}:{version}", "t.E", KEYS[id], str(version).encode(), START
        )
        if before is None:
            new = Document(id, "thing", "d1", 1, {"n": 1})
            await self.documents.insert(new, event)
        else:
            assert await self.documents.replace(before, {"n": version}, event, None)
        self.accepted[id] = version

    async def commands(self, count: int) -> None:
        for _ in range(count):
            await self.command(self.random.choice(AGGREGATES))
            for _ in range(self.random.randrange(4)):
                await asyncio.sleep(0)

    async def relay_until_crash(self, crash: Callable[[str], None]) -> None:
        """One process: rounds until it dies, or is ended because it has nothing to do."""
        one = relay(self, self.fate)
        with crashing(crash), contextlib.suppress(Crashed):
            for _ in range(self.random.randrange(1, 12)):
                with contextlib.suppress(ProducerError):
                    await one.round()

    async def drain(self) -> None:
        """A healthy relay at last, and what was on its way arrives."""
        one = relay(self, lambda _topic, _key: Fate.ACKED)
        while await one.round():
            pass
        self.log.settle()

    async def check(self) -> None:
        assert await self.documents.pending(500) == []
        journal = await self.journal.read("", None, "", 100_000)
        kept = [(entry.aggregate_id, entry.event.version) for entry in journal]
        assert kept == sorted(
            (name, v) for name, newest in self.accepted.items() for v in range(1, newest + 1)
        )
        firsts: dict[tuple[str, str], list[int]] = defaultdict(list)
        for record in self.log.all(TOPIC):
            envelope = open_envelope(record.headers, record.key)
            assert record.value == str(envelope.version).encode()
            seen = firsts[envelope.aggregate_id, envelope.key]
            if envelope.version not in seen:
                seen.append(envelope.version)
        assert firsts == {
            (name, key): list(range(1, newest + 1))
            for name, newest in self.accepted.items()
            for key in KEYS[name]
        }


def dying(rng: random.Random, name: str) -> Callable[[str], None]:
    """Die at a passing of this point, soon but not always at the first."""
    left = rng.randrange(1, 5)

    def hook(point: str) -> None:
        nonlocal left
        if point == name:
            left -= 1
            if left <= 0:
                raise Crashed(name)

    return hook


@pytest.mark.parametrize("point", ["R1", "R2", "R3", "R4", "R5"])
@pytest.mark.parametrize("seed", range(20))
async def test_a_relay_that_dies_anywhere_loses_nothing(point: str, seed: int) -> None:
    world = World(seed)
    for _ in range(4):
        await asyncio.gather(
            world.commands(15), world.relay_until_crash(dying(world.random, point))
        )
    await world.drain()
    await world.check()


@pytest.mark.parametrize("seed", range(60))
async def test_two_relays_at_once_need_no_lease(seed: int) -> None:
    world = World(seed)
    points = ["R2", "R3", "R4", "R5"]
    for _ in range(3):
        await asyncio.gather(
            world.commands(15),
            world.relay_until_crash(dying(world.random, world.random.choice(points))),
            world.relay_until_crash(dying(world.random, world.random.choice(points))),
        )
    await world.drain()
    await world.check()


@pytest.mark.parametrize("seed", range(40))
async def test_order_holds_while_reads_begin_behind_what_nobody_takes(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.write.relay.AGGREGATES", 2)
    world = World(seed)
    world.dead = (b"d1:a1", b"d1:a2", b"d1:t1")
    points = ["R2", "R3", "R4", "R5"]
    for _ in range(4):
        await asyncio.gather(
            world.commands(15),
            world.relay_until_crash(dying(world.random, world.random.choice(points))),
            world.relay_until_crash(lambda _point: None),
        )
    one = relay(world, lambda _topic, key: Fate.LOST if key in world.dead else Fate.ACKED)
    for _ in range(30):
        with contextlib.suppress(ProducerError):
            await one.round()
    assert {each.id for each in await world.documents.pending(500)} <= {"a1", "a2", "a3", "a5"}
    await world.drain()
    await world.check()


async def test_a_faultless_round_publishes_each_event_once() -> None:
    world = World(1)
    await world.commands(40)
    await world.drain()
    await world.check()
    sent = sum(len(KEYS[name]) * newest for name, newest in world.accepted.items())
    assert len(world.log.all(TOPIC)) == sent


async def test_one_aggregate_that_cannot_be_published_does_not_hold_up_the_others() -> None:
    world = World(2)
    for name in AGGREGATES:
        await world.command(name)
    one = relay(world, lambda _topic, key: Fate.LOST if key == b"d1:a0" else Fate.ACKED)
    with pytest.raises(ProducerError):
        await one.round()
    (left,) = await world.documents.pending(500)
    assert (left.id, [event.version for event in left.events]) == ("a0", [1])


class FailingJournal(MemoryJournal):
    """Fails its first appends, of which every other has been done all the same."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures

    async def append(self, entries: Any) -> None:
        self.failures -= 1
        if self.failures < 0 or self.failures % 2:
            await super().append(entries)
        if self.failures >= 0:
            raise Fault(Kind.UNAVAILABLE, "outcome_unknown")


async def test_an_event_stays_in_the_outbox_until_the_journal_has_it() -> None:
    world = World(3)
    world.journal = FailingJournal(4)
    await world.commands(20)
    one = relay(world, lambda _topic, _key: Fate.ACKED)
    for _ in range(4):
        waiting = await world.documents.pending(500)
        with pytest.raises(Fault):
            await one.round()
        assert await world.documents.pending(500) == waiting
    await world.drain()
    await world.check()


async def test_a_long_round_is_cut_short_so_that_what_is_acked_is_soon_in_the_journal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.chassis.write.relay.ROUND_SECONDS", -1.0)
    world = World(4)
    for _ in range(3):
        await world.command("a0")
    one = relay(world, lambda _topic, _key: Fate.ACKED)
    assert [await one.round() for _ in range(4)] == [1, 1, 1, 0]
    await world.check()
