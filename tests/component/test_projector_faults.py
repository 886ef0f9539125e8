"""A projector on memory adapters under seeded faults: whatever happens, its rows end
byte-equal with a one-process fold of the log."""

import random

import pytest

from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.log.source import SourceDown
from services.chassis.views import intake, projector
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projector import Projector
from services.chassis.views.rows import Batch, Outcome, StoreDown
from tests.support.clocks import FakeClock
from tests.support.goal_cards import (
    FAST,
    SMALL,
    all_records,
    goal_cards,
    mixed_events,
    put,
)
from tests.support.oracles import live_rows, replay_log


class Died(BaseException):
    """A member is gone, in the middle of whatever it did."""


class LateViews(MemoryViews):
    """Some commits of unknown outcome land later: before the next claim, as on the engine,
    or afterwards, when the fence must turn them away."""

    def __init__(self, chance: random.Random, trouble: float) -> None:
        super().__init__(self._maybe)
        self.chance, self.trouble = chance, trouble
        self.late: list[Batch] = []

    def _maybe(self, point: str) -> None:
        if self.chance.random() < self.trouble:
            raise Died if self.chance.random() < 0.3 else StoreDown(point)

    async def commit(self, batch: Batch) -> Outcome:
        if self.chance.random() < self.trouble:
            self.late.append(batch)
            return Outcome.UNKNOWN
        if self.late and self.chance.random() < 0.5:
            self.land(self.late.pop(0))
        return await super().commit(batch)


class World:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.log = MemoryLog(3)
        self.projection = goal_cards()
        self.group = MemoryGroup(self.log, self.projection.topics)
        self.views = LateViews(self.chance, 0.08)
        self.clock = FakeClock()
        self.members: list[Projector] = []
        self.zombies: list[MemorySource] = []

    def _source_trouble(self, point: str) -> None:
        if self.chance.random() < self.views.trouble:
            raise SourceDown(point)

    def crash(self, point: str) -> None:
        if self.chance.random() < self.views.trouble / 2:
            raise Died(point)

    def member(self) -> Projector:
        source = MemorySource(self.group, self._source_trouble, self.clock.now)
        return Projector(source, self.views, self.projection, self.clock, SMALL, FAST)

    async def step(self) -> None:
        """One round of one member, which may die; another may become a zombie."""
        if len(self.members) < 3:
            self.members.append(self.member())
        one = self.chance.choice(self.members)
        try:
            await one.round()
        except (StoreDown, SourceDown) as error:
            one.forget(error)
        except Died:
            self.members.remove(one)
            self.zombies = [zombie for zombie in self.zombies if zombie is not one.source]
            await one.leave()
        if self.chance.random() < 0.03 and self.members and self.views.trouble:
            zombie = self.chance.choice(self.members)
            if isinstance(zombie.source, MemorySource) and self.group.expel(zombie.source):
                self.zombies.append(zombie.source)
        if self.zombies and (self.chance.random() < 0.1 or not self.views.trouble):
            self.group.join(self.zombies.pop(0))
        if self.chance.random() < 0.1:
            self.clock.forward(seconds=31)

    def caught_up(self) -> bool:
        group = f"{self.projection.group}.0"
        return all(
            self.views.held.get((group, number)) is not None
            and self.views.held[group, number].positions.get(topic, 0)
            == self.log.end(topic, number)
            for topic in self.projection.topics
            for number in range(self.log.partitions)
            if self.log.end(topic, number)
        )


@pytest.mark.parametrize("seed", range(60))
async def test_ends_equal_to_a_replay_whatever_fails(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(seed)
    for module in (intake, projector):
        monkeypatch.setattr(module, "crash_point", world.crash)
    for topic, aggregate, event, broken in mixed_events(world.chance, 300):
        put(world.log, topic, aggregate, event, broken)
        if world.chance.random() < 0.3:
            await world.step()
    world.views.trouble = 0
    for _ in range(400):
        await world.step()
        if world.caught_up():
            break
    assert world.caught_up()
    for batch_ in world.views.late:
        assert world.views.land(batch_) is Outcome.FENCED
    live = await live_rows(world.views.scan(await world.views.generation("cards-test"), "cards"))
    assert live == replay_log(world.projection, all_records(world.log, world.projection))["cards"]
    broken_records = {
        (record.topic, record.partition, record.offset)
        for record in all_records(world.log, world.projection)
        if record.value == b"\xff\xff"
    }
    places = [
        (p.record.topic, p.record.partition, p.record.offset) for p in world.views.parked.values()
    ]
    assert len(places) == len(broken_records)
    assert set(places) == broken_records
