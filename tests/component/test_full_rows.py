"""A row that is full takes nothing new: that is parked, what it holds goes on, and so does
every other row."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.views.batch import Limits
from services.chassis.views.fold import FULL_BYTES
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.parked import OPEN, RESOLVED
from services.chassis.views.projection import MORE, MOST_MARKS
from services.chassis.views.projector import Projector
from services.chassis.views.row_cache import estimate
from tests.support.clocks import FakeClock
from tests.support.goal_cards import FAST, GOALS, LENIENT, goal_cards, progress, put

FULL = "services.chassis.views.fold.FULL_BYTES"


class World:
    def __init__(self) -> None:
        self.log, self.views, self.clock = MemoryLog(1), MemoryViews(), FakeClock()
        projection = goal_cards()
        source = MemorySource(MemoryGroup(self.log, projection.topics), now=self.clock.now)
        limits = Limits(parking=LENIENT)
        self.one = Projector(source, self.views, projection, self.clock, limits, FAST)

    def says(self, teacher: str, goal: str, version: int, **more: Any) -> None:
        put(self.log, GOALS, goal, progress(teacher, goal, version, **more))

    async def settle(self) -> None:
        for _ in range(6):
            await self.one.round()

    def row(self, teacher: str) -> Any:
        return self.views.rows["cards"][f"d1:{teacher}"]

    def reasons(self) -> list[str]:
        return [one.reason for one in self.views.parked.values() if one.state == OPEN]


@pytest.mark.parametrize("warm", [True, False])
async def test_a_full_row_takes_no_new_fact_and_goes_on_with_those_it_has(warm: bool) -> None:
    world = World()
    with mock.patch(FULL, 30_000):
        for number in range(60):
            world.says("t1", f"g{number}", 1)
        await world.settle()
        held = len(world.row("t1")["facts"]["goals"])
        assert 20 < held < 60
        assert estimate(world.row("t1")) < 30_000 + MOST_MARKS * 100
        assert world.reasons() == ["invalid: the row is full"] * (60 - held)
        assert len(world.row("t1")["incomplete"]) == 60 - held
        if not warm:
            world.one._batcher.drop()
        world.says("t1", "g0", 2)
        world.says("t1", "new", 1)
        world.says("t2", "g0", 1)
        await world.settle()
        assert world.row("t1")["facts"]["goals"]["g0"]["v"] == 2
        assert world.row("t1")["incomplete"]["new"] == 1
        assert world.row("t2")["incomplete"] == {}
    for one in list(world.views.parked.values()):  # the limit was raised: all find room
        await world.views.redrive(one.id)
    world.clock.forward(seconds=2)
    await world.settle()
    assert world.reasons() == []
    assert (len(world.row("t1")["facts"]["goals"]), world.row("t1")["incomplete"]) == (61, {})


async def test_what_it_holds_grows_on_but_not_without_end() -> None:
    world = World()
    with mock.patch(FULL, 30_000):
        for number in range(4):
            world.says("t1", f"g{number}", 1)
        await world.settle()
        for version in range(2, 8):
            for number in range(4):
                world.says("t1", f"g{number}", version, focus="x" * 3_000 * version)
        await world.settle()
        assert 30_000 < estimate(world.row("t1")) < 62_000
        assert set(world.reasons()) == {"invalid: the row is full"}
        for number in range(4):  # back to little
            world.says("t1", f"g{number}", 8)
        await world.settle()
        assert [each["v"] for each in world.row("t1")["facts"]["goals"].values()] == [8] * 4
        assert world.row("t1")["incomplete"] == {}
        assert {one.state for one in world.views.parked.values()} == {RESOLVED}


async def test_one_event_alone_may_be_too_much_for_a_row() -> None:
    world = World()
    world.says("t1", "g1", 1, focus="x" * 900_000)
    with mock.patch(FULL, 500_000):
        world.says("t2", "g1", 1, focus="x" * 900_000)
        await world.settle()
    assert world.reasons() == ["invalid: the row is full"] * 2
    assert world.row("t1")["facts"] == {}
    assert world.row("t1")["incomplete"] == {"g1": 1}
    assert FULL_BYTES > 900_000


async def test_what_the_store_itself_finds_too_large_ends_nothing() -> None:
    world = World()
    world.says("t1", "g1", 1)
    world.says("t2", "g1", 1)
    await world.settle()
    world.row("t1")["more"] = "x" * (16 * 1024 * 1024 - 400)
    world.one._batcher.drop()
    with mock.patch(FULL, 1 << 40):
        for number in range(10):
            world.says("t1", f"new-{number}", 1)
            world.says("t2", f"new-{number}", 1)
        await world.settle()
    assert world.reasons() == ["invalid: the row is full"] * 10
    assert list(world.row("t1")["facts"]["goals"]) == ["g1"]
    assert len(world.row("t2")["facts"]["goals"]) == 11


async def test_marks_are_bounded_and_say_that_there_are_more() -> None:
    world = World()
    for number in range(MOST_MARKS + 50):
        put(world.log, GOALS, f"g{number}", progress("t1", f"g{number}", 1), b"\xff\xff")
    await world.settle()
    marks = world.row("t1")["incomplete"]
    assert (len(marks), marks[MORE]) == (MOST_MARKS + 1, 1)
    for number in range(MOST_MARKS + 50):
        world.says("t1", f"g{number}", 2)
    await world.settle()
    assert world.row("t1")["incomplete"] == {MORE: 1}
