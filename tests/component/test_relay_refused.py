"""A partition that takes no writes holds up what is keyed to it, and nothing else."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from services.chassis.write import relay
from tests.component.test_relay_bounds import TOPIC, World, teachers
from tests.support.documents_suite import document, event

AGGREGATES = 10


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read is soon full, and no round is cut short because the machine is busy."""
    monkeypatch.setattr(relay, "AGGREGATES", AGGREGATES)
    monkeypatch.setattr(relay, "ROUND_SECONDS", 600.0)


class Time(SimpleNamespace):
    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(relay, "time", time)
    return time


@pytest.fixture(params=[True, False])
def world(request: pytest.FixtureRequest) -> World:
    """What is keyed to `dead` gets no ack."""
    world = World()
    world.at_once = request.param
    world.refuses = lambda sent: sent[2].endswith(":dead")
    return world


async def rounds(world: World, count: int) -> None:
    for _ in range(count):
        await world.round()


async def left(world: World) -> set[str]:
    return {name for name, _ in await world.left()}


async def test_what_others_take_is_read_behind_more_than_a_read_of_what_none_takes(
    world: World,
) -> None:
    for n in range(3 * AGGREGATES):
        await world.add(f"dead{n}", "d1:dead")
    for n in range(2 * AGGREGATES):
        await world.add(f"fine{n}", "d1:fine", versions=3)
    await world.add("other", "d2:fine")
    await rounds(world, 30)
    assert await left(world) == {f"dead{n}" for n in range(3 * AGGREGATES)}
    for n in range(2 * AGGREGATES):
        sent = [version for name, version, _ in world.sent if name == f"fine{n}"]
        assert sent == [1, 2, 3]


async def test_it_is_read_though_another_district_gets_something_through_each_time(
    world: World,
) -> None:
    for n in range(2 * AGGREGATES):
        await world.add(f"dead{n}", "d1:dead")
    await world.add("fine", "d1:fine")
    for n in range(12):
        await world.add(f"other{n}", "d2:fine")
        await world.round()
    assert await left(world) == {f"dead{n}" for n in range(2 * AGGREGATES)}


async def test_it_is_read_though_few_of_those_are_under_way_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.write.publishing.RECORDS", 3)
    for n in range(AGGREGATES - 1):
        await world.add(f"dead{n}", "d1:dead")
    await world.add("fine", "d1:fine")
    await world.add("behind", "d1:fine")
    await rounds(world, 12)
    assert await left(world) == {f"dead{n}" for n in range(AGGREGATES - 1)}


async def test_what_failed_once_is_tried_again_though_something_new_fails_each_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "AGGREGATES", 500)
    monkeypatch.setattr("services.chassis.write.publishing.RECORDS", 3)
    await world.add("fine", "d1:fine")
    world.refuses = lambda _sent: True
    await world.round()
    world.refuses = lambda sent: sent[2].endswith(":dead")
    for n in range(20):
        for more in range(4):
            await world.add(f"dead{n}-{more}", "d1:dead")
        await world.round()
    assert "fine" not in await left(world)


async def test_what_comes_later_is_read_and_all_goes_out_once_it_is_taken(world: World) -> None:
    for n in range(3 * AGGREGATES):
        await world.add(f"dead{n}", "d1:dead", "d1:fine", versions=2)
    await rounds(world, 7)
    await world.add("later", "d1:fine")
    await rounds(world, 7)
    assert "later" not in await left(world)
    world.refuses = lambda _sent: False
    await rounds(world, 10)
    assert await world.left() == []
    for n in range(3 * AGGREGATES):
        late = (each for each in world.acked if each[::2] == (f"dead{n}", "d1:dead"))
        assert [version for _, version, _ in late] == [1, 2]


async def test_since_when_the_oldest_waits_is_told_wherever_a_read_begins(world: World) -> None:
    told: list[tuple[int, datetime | None]] = []
    watch: Any = world.relay._watch
    watch.saw = lambda *seen: told.append(seen)
    for n in range(AGGREGATES + 1):
        new = event(1 + n, f"dead{n}", keys=("d1:dead",))
        await world.documents.insert(document(f"dead{n}"), new)
    await rounds(world, 3)
    assert {aggregates for aggregates, _ in told} == {AGGREGATES, 1}
    assert {oldest for _, oldest in told} == {event(1).occurred_at}
    world.refuses = lambda _sent: False
    await rounds(world, 4)
    assert told[-1] == (0, None)


async def test_what_was_acked_long_ago_of_an_event_that_is_not_journaled_goes_out_again(
    time: Time,
) -> None:
    """A rebuild reads the journal now, and the topic only from ten minutes ago."""
    world = World()
    await world.add("a", "d1:fine", "d1:dead")
    world.refuses = lambda sent: sent[2] == "d1:dead"
    while time.now < 1200:
        await world.round()
        time.now += 10
    noted = {number: world.log.end(TOPIC, number) for number in range(world.log.partitions)}
    assert await world.journaled() == []
    time.now += 600
    world.refuses = lambda _sent: False
    await world.round()
    assert await world.journaled() == [("a", 1)]
    again = {each.key for each in world.log.all(TOPIC) if each.offset >= noted[each.partition]}
    assert again == {b"d1:dead", b"d1:fine"}
    assert world.acked["a", 1, "d1:fine"] <= 1 + 1200 // 300


async def test_what_was_acked_just_now_is_not_sent_again(time: Time) -> None:
    world = World()
    await world.add("a", *teachers(10))
    world.refuses = lambda _sent: len(world.sent) % 4 == 0
    while await world.left():
        await world.round()
        time.now += 10
    assert set(world.acked.values()) == {1}
