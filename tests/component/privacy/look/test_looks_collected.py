"""From the topic of looks to the lists: each event once in a list, whatever comes twice, at once or
from somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from coaching.looks.v1 import look_events_pb2 as published
from services.access.days import Days
from services.access.districts import Districts
from services.chassis.kernel import Fault
from services.chassis.log.collector import Collector
from services.chassis.log.envelope import PendingEvent, headers_of
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.log.source import Source, SourceDown, SourceStalled
from services.chassis.troubles import Troubles
from services.chassis.write.states import stamp
from services.privacy.look.collecting import CollectedLooks
from services.privacy.look.domain import Look, hash_of
from services.privacy.look.looks import Filter
from services.privacy.look.memory_looks import MemoryLooks
from tests.support.clocks import FakeClock
from tests.support.looks_suite import AT

DAYS = Days(Districts())
TOPIC, PERSON = "coaching.looks.v1", "teacher-0001"


class World:
    def __init__(self) -> None:
        self.log, self.looks = MemoryLog(partitions=3), MemoryLooks()
        self.group = MemoryGroup(self.log, (TOPIC,))
        self.clock = FakeClock(AT)

    def tell(self, number: int, *people: str) -> None:
        keys = tuple(f"north:{each}" for each in people or (PERSON,))
        at = AT + timedelta(seconds=number)
        look = published.LookSnapshot(
            viewer_id="coach-01",
            service="goals",
            kind="goal",
            operation="get_goal",
            purpose="coaching",
            relation="coach",
            decision="allowed",
            first_at=stamp(at),
            last_at=stamp(at),
            times=1,
        )
        data = published.Looked(look=look).SerializeToString()
        type_ = published.Looked.DESCRIPTOR.full_name
        event = PendingEvent(1, f"e{number}:1", type_, keys, data, at)
        for key in keys:
            headers = headers_of(
                event, source="/t", district="north", aggregate_id=f"e{number}", key=key
            )
            self.log.append(TOPIC, key.encode(), data, headers)

    def collector(self, source: Source | None = None) -> Collector:
        made = CollectedLooks(self.looks, Troubles(), DAYS)
        return Collector("looks", source or MemorySource(self.group), made, self.clock, wait=0)

    async def all(self, person: str = PERSON) -> Sequence[Look]:
        return (await self.looks.page(("north", person), Filter(), "", 10_000)).items

    async def events(self, person: str = PERSON) -> list[str]:
        return [each.told.event for each in reversed(await self.all(person))]

    async def check(self, person: str = PERSON) -> None:
        before = ""
        for number, each in enumerate(reversed(await self.all(person)), 1):
            assert each.number == number
            assert each.hash == hash_of(before, number, each.told)
            before = each.hash


async def collected(collector: Collector) -> None:
    while await collector.round():
        pass


async def test_each_person_has_what_concerns_her_in_order() -> None:
    world = World()
    for number in range(1, 8):
        world.tell(number, *(["teacher-0001", "teacher-0002"] if number % 2 else [PERSON]))
    await collected(world.collector())
    assert await world.events() == [f"e{each}:1" for each in range(1, 8)]
    assert await world.events("teacher-0002") == ["e1:1", "e3:1", "e5:1", "e7:1"]
    for person in (PERSON, "teacher-0002"):
        await world.check(person)


async def test_what_comes_twice_is_there_once() -> None:
    world = World()
    for number in (1, 2, 1, 3, 2, 2):
        world.tell(number)
    await collected(world.collector())
    assert await world.events() == ["e1:1", "e2:1", "e3:1"]
    for number in (3, 4):
        world.tell(number)
    another = world.collector()  # which remembers no end
    world.group.expel(world.group._members[0])
    await collected(another)
    assert await world.events() == ["e1:1", "e2:1", "e3:1", "e4:1"]
    await world.check()


async def test_it_goes_on_where_what_is_kept_ends_and_from_the_start_of_a_new_topic() -> None:
    world = World()
    world.tell(1)
    first = world.collector()
    await collected(first)
    world.group.leave(world.group._members[0])
    world.tell(2)
    read: list[str] = []
    source = MemorySource(world.group, read.append)
    again = world.collector(source)
    assert await again.round() == 1  # what was kept is not read again
    assert await world.events() == ["e1:1", "e2:1"]
    assert read[:2] == ["start", "seek"]


async def test_who_remembers_an_end_that_is_none_any_more_reads_it_again() -> None:
    world = World()
    world.tell(1)
    mine, other = (CollectedLooks(world.looks, Troubles(), DAYS) for _ in range(2))
    await mine.collect(world.log.all(TOPIC))
    world.tell(2)
    await other.collect(world.log.all(TOPIC))
    world.tell(3)
    await mine.collect(world.log.all(TOPIC))
    assert await world.events() == ["e1:1", "e2:1", "e3:1"]
    await world.check()


class Rival(MemoryLooks):
    """Somebody else appends a look of her own whenever somebody is about to, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def append(self, looks: Sequence[Look]) -> None:
        if self.times:
            self.times -= 1
            (first, *_) = looks
            other = CollectedLooks(self, Troubles(), DAYS)
            rival = World()
            rival.tell(1_000 + self.times, first.told.person)
            times, self.times = self.times, 0
            await other.collect(rival.log.all(TOPIC))
            self.times = times
        await super().append(looks)


async def test_who_loses_a_number_takes_the_next_one() -> None:
    world = World()
    world.looks = Rival(3)
    for number in range(1, 4):
        world.tell(number)
    await collected(world.collector())
    assert sorted(await world.events()) == sorted(
        ["e1000:1", "e1001:1", "e1002:1", "e1:1", "e2:1", "e3:1"]
    )
    await world.check()


async def test_who_loses_again_and_again_tries_later_and_nothing_is_lost() -> None:
    world = World()
    world.looks = rival = Rival(5)
    world.tell(1)
    collector = world.collector()
    with pytest.raises(Fault) as caught:
        await collector.round()
    assert caught.value.code == "contention"
    assert rival.times == 0
    await collected(collector)
    assert "e1:1" in await world.events()
    await world.check()


async def test_two_who_collect_the_same_at_once_make_one_list() -> None:
    world = World()
    for number in range(1, 30):
        world.tell(number)
    records = world.log.all(TOPIC)
    both = [CollectedLooks(world.looks, Troubles(), DAYS) for _ in range(2)]
    found = await asyncio.gather(*(each.collect(records) for each in both), return_exceptions=True)
    assert [each for each in found if each is not None and not isinstance(each, Fault)] == []
    assert await world.events() == [f"e{each}:1" for each in range(1, 30)]
    await world.check()


async def test_what_is_no_look_is_passed_over() -> None:
    world = World()
    key = f"north:{PERSON}".encode()
    world.log.append(TOPIC, key, b"\xff", ())
    world.tell(1)
    (good,) = [each for each in world.log.all(TOPIC) if each.headers]
    world.log.append(TOPIC, key, b"\xff\xff", good.headers)
    world.log.append(TOPIC, b"north:a:b", good.value, good.headers)
    renamed = [(name, b"t.E" if name == "ce_type" else value) for name, value in good.headers]
    world.log.append(TOPIC, key, good.value, renamed)
    world.tell(2)
    await collected(world.collector())
    assert await world.events() == ["e1:1", "e2:1"]


async def test_an_outage_of_the_topic_is_waited_out() -> None:
    world = World()
    down = [True]

    def hook(step: str) -> None:
        if down[0] and step == "fetch":
            raise SourceDown("away")

    source = MemorySource(world.group, hook)
    collector = world.collector(source)
    world.tell(1)
    with pytest.raises(SourceDown):
        await collector.round()
    down[0] = False
    await collected(collector)
    assert await world.events() == ["e1:1"]


class Silent(MemorySource):
    def fetched_at(self) -> datetime | None:
        return None


async def test_a_consumer_that_fetches_nothing_is_made_anew_once_then_given_up() -> None:
    """Its library may have given up in silence: then nobody's list would get anything any more."""
    world = World()
    collector = world.collector(Silent(world.group))
    await collector.round()
    world.clock.forward(seconds=61)
    with pytest.raises(SourceDown):
        await collector.round()
    await collector.round()
    world.clock.forward(seconds=61)
    with pytest.raises(SourceStalled):
        await collector.round()
