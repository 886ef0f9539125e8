"""Who follows a topic of a real Kafka that is made again, gets more partitions, or is not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer

from services.chassis.edge import followers as followers_module
from services.chassis.edge.beginners import Who
from services.chassis.edge.followers import Followers
from services.chassis.kernel import Fault, Kind
from services.chassis.log import kafka_following
from services.chassis.log.following import Places
from services.chassis.log.kafka_following import KafkaFollowed
from services.chassis.log.source import SourceDown
from services.ctl.engines import Engines
from tests.support.following_suite import AGES_AGO, events, headers
from tests.support.kafka import grow, made_again, new_topics, producing
from tests.support.waiting import HANGS, eventually

PARTITIONS = 3
WHO = Who("d1", "partner:p")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_following, "METADATA_SECONDS", 0.5)
    monkeypatch.setattr(followers_module, "HEARTBEAT_SECONDS", 0.5)


class Log:
    """A topic and who follows it in one process."""

    def __init__(self, bootstrap: str, name: str) -> None:
        self.bootstrap, self.name = bootstrap, name
        self.followers = Followers(KafkaFollowed(bootstrap, name))
        self.heard: list[str] = []

    async def publish(self, name: str, count: int) -> None:
        async with producing(self.bootstrap) as producer:
            sent = [
                await producer.send(
                    self.name, each.data, key=each.keys[0].encode(), headers=headers(each)
                )
                for each in events(name, count)
            ]
            await asyncio.gather(*sent)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.followers.run(stop))
        try:
            yield
        finally:
            stop.set()
            await task

    async def follow(self, places: Places, wanted: Sequence[str]) -> Places:
        """Until all these have come; where that leads. `heard` is what has come."""
        following = self.followers.follow(WHO, lambda _: True, places)
        async with asyncio.timeout(HANGS), aclosing(following) as batches:
            async for found, at in batches:
                self.heard += [each.envelope.event_id for each in found]
                if set(wanted) <= set(self.heard):
                    return at
        raise AssertionError(self.heard)

    async def lost(self, places: Places) -> Fault:
        try:
            await self.follow(places, ["never"])
        except Fault as fault:
            return fault
        raise AssertionError

    async def anew(self, wanted: Sequence[str]) -> None:
        """As a client does that is told to start over."""

        async def followed() -> bool:
            try:
                await self.follow(await self.followers.since(AGES_AGO), wanted)
            except Fault as fault:
                if fault.kind not in (Kind.CONFLICT, Kind.UNAVAILABLE):
                    raise
                return False
            return True

        await eventually(followed, timeout=90)


@pytest.fixture
async def log(engines: Engines) -> AsyncIterator[Log]:
    (name,) = await new_topics(engines.kafka_bootstrap_servers, (PARTITIONS,))
    made = Log(engines.kafka_bootstrap_servers, name)
    async with made.running():
        yield made


def ids(name: str, count: int) -> list[str]:
    return [each.event_id for each in events(name, count)]


async def test_who_follows_is_told_of_partitions_that_come_meanwhile(log: Log) -> None:
    await log.publish("a", 10)
    places = await log.follow(await log.followers.since(AGES_AGO), ids("a", 10))
    losing = asyncio.create_task(log.lost(places))
    await grow(log.bootstrap, [log.name], PARTITIONS + 3)
    await log.publish("b", 60)  # some of them to the new ones
    fault = await losing
    assert (fault.kind, fault.code) == (Kind.CONFLICT, "position_lost")
    await log.anew([*ids("a", 10), *ids("b", 60)])


class Kept(AIOKafkaConsumer):  # type: ignore[misc]  # it has no types
    """One whose fetching can be ended as by an error that the library does not foresee."""

    made: list[Kept]

    def __init__(self, *topics: str, **options: Any) -> None:
        super().__init__(*topics, **options)
        self.made.append(self)

    def fetch_no_more(self) -> None:
        self._fetcher._fetch_task.cancel()


@pytest.mark.parametrize("count", [3, 90])
async def test_who_follows_is_told_that_the_topic_was_made_again_while_it_was_read(
    log: Log, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shorter and longer than it was: none of its events is taken for the next of the old ones.
    (What is made again and longer between two fetches cannot be told from what goes on.)"""
    monkeypatch.setattr(kafka_following, "AIOKafkaConsumer", Kept)
    monkeypatch.setattr(Kept, "made", [], raising=False)
    await log.publish("a", 30)
    places = await log.follow(await log.followers.since(AGES_AGO), ids("a", 30))
    losing = asyncio.create_task(log.lost(places))
    await eventually(lambda: bool(log.followers._all))
    await made_again(log.bootstrap, log.name, PARTITIONS, seen=nobody_reads)
    await log.publish("b", count)
    fault = await losing
    assert (fault.kind, fault.code) == (Kind.CONFLICT, "position_lost")
    assert set(log.heard) == set(ids("a", 30))
    await log.anew(ids("b", count))


def nobody_reads() -> bool:
    """No consumer has a partition any more."""
    return not any(each.assignment() for each in Kept.made if not each._closed)


async def test_who_follows_is_told_where_the_reading_for_all_has_silently_ended(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_following, "STALL_SECONDS", 4.0)
    monkeypatch.setattr(kafka_following, "AIOKafkaConsumer", Kept)
    monkeypatch.setattr(Kept, "made", [], raising=False)
    await log.publish("a", 10)
    places = await log.follow(await log.followers.since(AGES_AGO), ids("a", 10))
    losing = asyncio.create_task(log.lost(places))
    await eventually(lambda: bool(log.followers._all))
    await log.publish("b", 10)
    # from the reading for all
    await eventually(lambda: set(ids("b", 10)) <= set(log.heard), timeout=60)
    for each in Kept.made:
        each.fetch_no_more()
    await log.publish("c", 10)
    async with asyncio.timeout(HANGS):
        fault = await losing
    assert (fault.kind, fault.code) == (Kind.UNAVAILABLE, "log_unavailable")
    await log.follow(places, ids("c", 10))


async def test_where_nothing_comes_the_reading_goes_on(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_following, "STALL_SECONDS", 1.5)
    places = await log.followers.since(datetime.now(UTC) + timedelta(days=1))  # the end
    beats = 0
    following = log.followers.follow(WHO, lambda _: True, places)
    async with asyncio.timeout(HANGS), aclosing(following) as batches:
        async for found, _ in batches:
            assert not found
            beats += 1
            if beats == 8:  # each after half a second in which nothing came
                break
    assert beats == 8


async def test_a_topic_that_is_not_there_is_said_and_followed_once_it_is(engines: Engines) -> None:
    name = f"test.{uuid4().hex[:8]}.v1"
    log = Log(engines.kafka_bootstrap_servers, name)
    with pytest.raises(SourceDown, match="does not exist"):
        await KafkaFollowed(engines.kafka_bootstrap_servers, name).since(None)
    async with log.running():
        with pytest.raises(Fault) as refused:
            await log.followers.since(AGES_AGO)
        assert refused.value.kind is Kind.UNAVAILABLE
        await made_again(engines.kafka_bootstrap_servers, name, PARTITIONS)
        await log.publish("a", 6)
        await log.anew(ids("a", 6))
