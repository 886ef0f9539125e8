"""The projector on a real Kafka and a real MongoDB."""

import asyncio
import random
import signal
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.chassis.mongo import Database, connect, database
from services.chassis.mongo_views import MongoViews
from services.chassis.projector import Projector
from services.chassis.rows import Generation
from services.chassis.source import TopicsDiffer
from services.ctl.engines import Engines
from tests.support.goal_cards import GOALS, ROSTER, goal_cards, mixed_events
from tests.support.kafka import new_topics, publish, whole_log
from tests.support.oracles import live_rows, replay_log
from tests.support.projector_member import SESSION_S, member, start_process
from tests.support.waiting import eventually

PARTITIONS = 6


class Place:
    """Two topics and a database of a test's own."""

    def __init__(self, engines: Engines, topics: tuple[str, ...], db: Database) -> None:
        self.bootstrap, self.mongodb = engines.kafka_bootstrap_servers, engines.mongodb_uri
        self.topics, self.db = topics, db
        self.views = MongoViews(db)
        self.projection = goal_cards(topics)
        self.now = Generation(f"group-{db.name}", 0)

    async def publish(self, seed: int, count: int) -> None:
        names = dict(zip((GOALS, ROSTER), self.topics, strict=True))
        await publish(self.bootstrap, names, mixed_events(random.Random(seed), count, 40))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Projector]:
        """A member in this process; what it raises is raised here."""
        stop = asyncio.Event()
        async with member(self.bootstrap, self.mongodb, self.db.name, self.topics) as one:
            task = asyncio.create_task(one.run(stop))
            try:
                yield one
            finally:
                stop.set()
                await task

    async def process(self, crash_at: str = "") -> asyncio.subprocess.Process:
        return await start_process(
            self.bootstrap, self.mongodb, self.db.name, self.topics, crash_at
        )

    async def stored(self) -> int:
        """Records that the stored positions lie past."""
        fences = await self.db["view_fences"].find().to_list(None)
        return sum(entry["next"] for one in fences for entry in one.get("positions", []))

    async def agrees(self) -> None:
        """The rows equal a replay of the log, byte for byte."""
        log = await whole_log(self.bootstrap, self.topics)
        live = await live_rows(self.views.scan(self.now, "cards"))
        assert live == replay_log(self.projection, log)["cards"]
        broken = sum(record.value == b"\xff\xff" for record in log)
        assert await self.db["view_parked"].count_documents({}) == broken


@pytest.fixture
async def place(engines: Engines) -> AsyncIterator[Place]:
    topics = await new_topics(engines.kafka_bootstrap_servers, [PARTITIONS, PARTITIONS])
    client = connect(engines.mongodb_uri, "test")
    name = f"projector-{uuid.uuid4().hex[:12]}"
    try:
        yield Place(engines, topics, database(client, name))
        await client.drop_database(name)
    finally:
        client.close()


async def test_catches_up_and_says_how_fresh_it_is(place: Place) -> None:
    await place.publish(1, 3_000)
    async with place.running() as one:
        await eventually(lambda: one.counts.records == 3_000, timeout=60)

        async def fresh() -> bool:
            return await place.views.freshness(place.now.group) is not None

        await eventually(fresh, timeout=30)
    await place.agrees()
    # starts again where it stopped: nothing is read twice
    async with place.running() as again:
        await place.publish(2, 100)
        await eventually(lambda: again.counts.records >= 100, timeout=60)
    assert again.counts.records == 100


async def test_a_second_member_takes_half_and_gives_it_back(place: Place) -> None:
    await place.publish(3, 1_000)
    async with place.running() as first:
        await eventually(lambda: first.counts.records == 1_000, timeout=60)
        async with place.running() as second:
            await eventually(lambda: len(first.owned) == PARTITIONS // 2, timeout=30)
            await place.publish(4, 1_000)
            await eventually(lambda: first.counts.records + second.counts.records >= 2_000, 60)
            assert second.counts.records > 0
        await place.publish(5, 500)
        total = 2_500
        await eventually(lambda: first.counts.records + second.counts.records >= total, 60)
    assert await place.stored() == total
    await place.agrees()


async def test_a_member_killed_inside_its_transaction_is_replaced_in_time(place: Place) -> None:
    victim = await place.process(crash_at="C2:3")
    await place.publish(6, 2_000)
    assert await asyncio.wait_for(victim.wait(), 60) == -signal.SIGKILL
    died = time.monotonic()
    before = await place.stored()
    assert before < 2_000
    successor = await place.process()
    try:

        async def moved_on() -> bool:
            return await place.stored() > before

        await eventually(moved_on, timeout=SESSION_S + 5)
        assert time.monotonic() - died < SESSION_S + 5

        async def caught_up() -> bool:
            return await place.stored() == 2_000

        await eventually(caught_up, timeout=60)
    finally:
        successor.terminate()
        await asyncio.wait_for(successor.wait(), 15)
    assert successor.returncode == 0
    await place.agrees()


async def test_topics_of_different_partition_counts_are_refused(engines: Engines) -> None:
    topics = await new_topics(engines.kafka_bootstrap_servers, [6, 3])
    async with member(
        engines.kafka_bootstrap_servers, engines.mongodb_uri, "projector-refused", topics
    ) as one:
        with pytest.raises(
            TopicsDiffer, match=r"same number of partitions, but .* has 6, .* has 3"
        ):
            await asyncio.wait_for(one.run(asyncio.Event()), 30)
