"""A member of a group whose partition numbers do not answer, as those without a leader: it waits
for them, says so, and disturbs nobody."""

from __future__ import annotations

import asyncio
import json

import httpx2
import pytest

from services.assembly.roles import watched
from services.chassis.edge.health import Health, build_internal
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.log.source import SourceDown, SourceStalled
from services.chassis.metrics import Metrics
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projector import Projector
from services.chassis.views.rows import Generation
from tests.support.clocks import FakeClock
from tests.support.goal_cards import FAST, GOALS, SMALL, goal_cards, progress, put
from tests.support.waiting import eventually


class Two:
    """Two members of one group, each with half of the numbers."""

    def __init__(self, pinned: Generation | None = None) -> None:
        self.log, self.clock, self.views = MemoryLog(4), FakeClock(), MemoryViews()
        projection = goal_cards()
        self.group = MemoryGroup(self.log, projection.topics)
        self.joins = 0
        self.members = [
            Projector(
                MemorySource(self.group, self._hook, self.clock.now),
                self.views,
                projection,
                self.clock,
                SMALL,
                FAST,
                pinned=pinned,
            )
            for _ in range(2)
        ]

    def _hook(self, point: str) -> None:
        self.joins += point == "start"

    async def round(self, seconds: float = 0.0) -> None:
        self.clock.forward(seconds=seconds)
        for one in self.members:
            try:
                await one.round()
            except SourceDown as error:
                one.forget(error)

    async def rounds(self, count: int, seconds: float = 0.0) -> None:
        for _ in range(count):
            await self.round(seconds)

    async def begin(self) -> None:
        await self.rounds(8)
        first, second = self.members
        assert (first.owned, second.owned) == (frozenset({0, 1}), frozenset({2, 3}))

    def put_everywhere(self, version: int) -> None:
        for number in range(24):
            put(self.log, GOALS, f"g{number}", progress(f"t{number}", f"g{number}", version))
        assert all(self.log.end(GOALS, number) for number in range(4))


async def test_a_member_none_of_whose_numbers_answers_waits_and_disturbs_no_other() -> None:
    two = Two()
    two.log.silent |= {2, 3}
    await two.begin()
    first, second = two.members
    two.put_everywhere(1)
    await two.rounds(12, 20)
    assert second.counts.restarts == 1  # which might have helped
    joins, claims = two.joins, first.counts.claims
    await two.rounds(400, 20)
    assert (two.joins, first.counts.claims, second.counts.restarts) == (joins, claims, 1)
    assert (first.silent, second.silent) == (frozenset(), frozenset({2, 3}))
    assert first.counts.records == sum(two.log.end(GOALS, number) for number in (0, 1))

    two.log.silent.clear()
    await two.rounds(12)
    assert second.counts.records == sum(two.log.end(GOALS, number) for number in (2, 3))
    assert (two.joins, second.silent) == (joins, frozenset())
    assert len(two.views.rows["cards"]) == 24


async def test_once_they_answer_a_consumer_that_then_fetches_nothing_is_given_up_in_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    two = Two()
    two.log.silent |= {2, 3}
    await two.begin()
    await two.rounds(40, 20)
    two.log.silent.clear()
    monkeypatch.setattr(MemorySource, "fetched_at", lambda self: None)
    second = two.members[1]
    two.clock.forward(seconds=40)
    await second.round()
    two.clock.forward(seconds=40)
    with pytest.raises(SourceStalled):
        await second.round()


async def test_one_that_builds_a_view_does_not_wait_without_end() -> None:
    """Whoever rebuilds is told."""
    two = Two(pinned=Generation("build", 1))
    two.log.silent |= {2, 3}
    await two.begin()
    with pytest.raises(SourceStalled):
        await two.rounds(12, 20)


async def test_what_waits_is_said_to_who_runs_it() -> None:
    two = Two()
    two.log.silent |= {1}
    (one, _), health, metrics = two.members, Health(asyncio.Event().wait), Metrics()
    transport = httpx2.ASGITransport(build_internal(health, metrics, {}))
    stop = asyncio.Event()
    running = asyncio.ensure_future(watched("cards", one, health, metrics)(stop))
    gauge = f'tandem_consumer_silent_partitions{{group="{one.projection.group}"}}'

    async def told() -> tuple[int, object, str]:
        async with httpx2.AsyncClient(transport=transport, base_url="http://internal") as client:
            alive = await client.get("/livez")
            lines = (await client.get("/metrics")).text.splitlines()
        (shown,) = [each for each in lines if each.startswith(gauge)] or ["none yet"]
        return alive.status_code, json.loads(alive.text)["waits"], shown

    async def waits() -> bool:
        said = {"projector.cards": "partitions that do not answer: 1"}
        return await told() == (200, said, f"{gauge} 1.0")

    async def goes_on() -> bool:
        return await told() == (200, {}, f"{gauge} 0.0")

    try:
        await eventually(waits)
        two.log.silent.clear()
        await eventually(goes_on)
    finally:
        stop.set()
        await running
