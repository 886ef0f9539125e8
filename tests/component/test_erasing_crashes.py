"""What is erased while relays die, race and stand still stays erased, and all learn of it.

The store, the journal and the log are in memory; every choice is drawn from a seed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import pytest

from services.chassis.log.envelope import PendingEvent, open_envelope
from services.chassis.log.memory_log import Fate
from services.chassis.write.documents import JournalEntry
from services.chassis.write.memory_journal import MemoryJournal
from services.chassis.write.pending import erasing
from tests.component.test_relay_crashes import AGGREGATES, KEYS, TOPIC, World, dying, relay
from tests.support.documents_suite import START


class Erasing(World):
    """Some of its aggregates are erased at some moment, and then nothing happens to them."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.erased: dict[str, int] = {}

    async def command(self, id: str) -> None:
        if id in self.erased:
            return
        before = await self.documents.get("d1", "thing", id)
        if before is None or self.random.random() < 0.9:
            await super().command(id)
            return
        version = before.version + 1
        last = PendingEvent(version, f"{id}:{version}", "t.E", KEYS[id], b"", START)
        assert await self.documents.erase(before, erasing(last, []))
        self.erased[id] = version
        self.accepted.pop(id)

    async def check(self) -> None:
        assert await self.documents.pending(500) == []
        kept: dict[str, list[int]] = defaultdict(list)
        for entry in await self.journal.read("", None, "", 100_000):
            kept[entry.aggregate_id].append(entry.event.version)
        living = {name: list(range(1, newest + 1)) for name, newest in self.accepted.items()}
        assert kept == {**living, **{name: [last] for name, last in self.erased.items()}}
        newest: dict[tuple[str, str], int] = defaultdict(int)
        for record in self.log.all(TOPIC):
            envelope = open_envelope(record.headers, record.key)
            name = envelope.aggregate_id, envelope.key
            newest[name] = max(newest[name], envelope.version)
        ends = {**self.accepted, **self.erased}
        assert newest == {(name, key): end for name, end in ends.items() for key in KEYS[name]}


@pytest.mark.parametrize("point", ["R2", "R3", "R4", "E1", "R5"])
@pytest.mark.parametrize("seed", range(20))
async def test_a_relay_that_dies_anywhere_leaves_nothing_of_it(point: str, seed: int) -> None:
    world = Erasing(seed)
    for _ in range(4):
        await asyncio.gather(
            world.commands(15), world.relay_until_crash(dying(world.random, point))
        )
    await world.drain()
    await world.check()


@pytest.mark.parametrize("seed", range(60))
async def test_two_relays_at_once_leave_nothing_of_it(seed: int) -> None:
    world = Erasing(seed)
    points = ["R2", "R3", "R4", "E1", "R5"]
    for _ in range(3):
        await asyncio.gather(
            world.commands(15),
            world.relay_until_crash(dying(world.random, world.random.choice(points))),
            world.relay_until_crash(dying(world.random, world.random.choice(points))),
        )
    await world.drain()
    await world.check()


class StandsStill:
    """A journal whose appends wait."""

    def __init__(self, journal: MemoryJournal) -> None:
        self.journal = journal
        self.reached, self.woken = asyncio.Event(), asyncio.Event()

    async def append(self, entries: Sequence[JournalEntry]) -> None:
        self.reached.set()
        await self.woken.wait()
        await self.journal.append(entries)


async def test_a_relay_that_wakes_up_late_puts_nothing_back() -> None:
    """It has sent what it read before, and is about to journal that."""
    world = Erasing(1)
    for _ in range(3):
        await World.command(world, AGGREGATES[0])
    late = relay(world, lambda _topic, _key: Fate.ACKED)
    still = StandsStill(world.journal)
    late._journal = still
    round_ = asyncio.create_task(late.round())
    await still.reached.wait()
    while AGGREGATES[0] not in world.erased:
        await world.command(AGGREGATES[0])
    await world.drain()
    await world.check()
    still.woken.set()
    await round_
    await world.check()
