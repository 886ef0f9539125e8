"""A build whose view reads one topic more beside the one before it, on a real Kafka and a real
MongoDB: the newer takes over for good, the older stands aside, nothing is lost or double."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from services.chassis.kernel import SystemClock
from services.chassis.log.connections import Proof
from services.chassis.log.consumer import ConsumerSettings, KafkaSource
from services.chassis.log.noted import end_offsets, noted_offsets
from services.chassis.log.source import HistoryLost
from services.chassis.mongo import Database, connect, database
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.projector import Projector
from services.chassis.views.rebuild import Rebuild
from services.chassis.views.rows import Generation
from services.chassis.write.documents import JournalEntry
from services.ctl.engines import Engines
from tests.support.goal_cards import GOALS, ROSTER, Mixed, goal_cards, mixed_events
from tests.support.journals import journals_of
from tests.support.kafka import cut_off, new_topics, publish, whole_log
from tests.support.oracles import live_rows, replay_log
from tests.support.projector_member import LENIENT, SESSION_S, member
from tests.support.waiting import eventually

PARTITIONS = 6


class Place:
    """The older build reads the first topic, the newer both."""

    def __init__(self, engines: Engines, topics: tuple[str, ...], db: Database) -> None:
        self.bootstrap, self.mongodb = engines.kafka_bootstrap_servers, engines.mongodb_uri
        self.topics, self.db, self.views = topics, db, MongoViews(db)
        self.name = f"group-{db.name}"
        self.events: list[Mixed] = []

    async def publish(self, seed: int, count: int = 200) -> None:
        names = dict(zip((GOALS, ROSTER), self.topics, strict=True))
        some = mixed_events(random.Random(seed), count, 40)
        self.events += some
        await publish(self.bootstrap, names, some)

    @asynccontextmanager
    async def running(self, version: int) -> AsyncIterator[Projector]:
        """A member that must go on for as long as it is here."""
        stop = asyncio.Event()
        async with member(
            self.bootstrap,
            self.mongodb,
            self.db.name,
            self.topics[:version],
            topics_version=version,
            reread=0.5,
        ) as one:
            task = asyncio.create_task(one.run(stop))
            try:
                yield one
                assert not task.done()
            finally:
                stop.set()
                await task

    async def agrees(self, topics: int, build: int = 0) -> bool:
        """Whether the rows equal a replay of so many topics."""
        wanted = self.topics[:topics]
        log = await whole_log(self.bootstrap, wanted)
        live = await live_rows(self.views.scan(Generation(self.name, build), "cards"))
        return live == replay_log(goal_cards(wanted), log)["cards"]

    async def lists(self) -> set[int]:
        """The lists of topics that the fences are of."""
        found = await self.views.fences(f"{self.name}.0", range(PARTITIONS))
        return {fence.topics for fence in found.values()}


@pytest.fixture
async def place(engines: Engines) -> AsyncIterator[Place]:
    topics = await new_topics(engines.kafka_bootstrap_servers, [PARTITIONS, PARTITIONS])
    client = connect(engines.mongodb_uri, "test")
    name = f"added-{uuid.uuid4().hex[:12]}"
    try:
        yield Place(engines, topics, database(client, name))
        await client.drop_database(name)
    finally:
        client.close()


async def test_the_newer_list_takes_over_and_the_older_stands_aside(place: Place) -> None:
    async with place.running(1) as older:
        await place.publish(1)
        await eventually(lambda: place.agrees(1), timeout=60)
        async with place.running(2) as newer:
            await place.publish(2)
            await eventually(lambda: place.agrees(2), timeout=60)
            await eventually(lambda: older.counts.aside == 1, timeout=30)
            assert (older.owned, len(newer.owned)) == (frozenset(), PARTITIONS)
            async with place.running(1) as late:  # a process of the older build that restarts
                await eventually(lambda: late.counts.aside == 1, timeout=30)
                await place.publish(3)
                await eventually(lambda: place.agrees(2), timeout=60)
                assert late.counts.records == 0
            # the older has ended nothing of the newer's: that claimed once
            assert (newer.counts.fenced, newer.counts.unknown, newer.counts.claims) == (0, 0, 1)
        records = older.counts.records
        await place.publish(4)  # nobody is there who reads it
        assert await place.lists() == {2}
        async with place.running(2):
            await place.publish(5)
            await eventually(lambda: place.agrees(2), timeout=60)
        assert (older.counts.records, older.counts.aside) == (records, 1)
        assert older.beat.moves()
    parked = await place.db["view_parked"].count_documents({})
    log = await whole_log(place.bootstrap, place.topics)
    assert parked == sum(record.value == b"\xff\xff" for record in log)


async def test_the_older_build_is_gone_back_to_by_building_the_view_with_it(place: Place) -> None:
    async with place.running(1) as older:
        async with place.running(2) as newer:
            await place.publish(1)
            await eventually(lambda: place.agrees(2), timeout=60)
            await eventually(lambda: older.counts.aside == 1, timeout=30)
            assert newer.owned
        journals = await journals_of(
            JournalEntry(aggregate, "d1", event)
            for topic, aggregate, event, broken in place.events
            if broken is None and topic == GOALS
        )

        async def no_indexes(generation: Generation) -> None: ...

        projection = replace(goal_cards(place.topics[:1]), group=place.name)
        rebuild = Rebuild(
            place.views, projection, SystemClock(), PARTITIONS, no_indexes, limits=LENIENT
        )
        noted = await noted_offsets(place.bootstrap, projection.topics)
        built = await rebuild.fold_journals(journals, noted)
        settings = ConsumerSettings(
            place.bootstrap, built.group, projection.topics, session_s=SESSION_S
        )
        ends = await end_offsets(place.bootstrap, projection.topics, Proof())
        await rebuild.catch_up(built, KafkaSource(settings), ends)
        await place.views.flip(built)
        await eventually(lambda: len(older.owned) == PARTITIONS, timeout=30)
        await place.publish(2)
        await eventually(lambda: place.agrees(1, built.number), timeout=60)


async def test_a_newer_list_that_cannot_be_read_supersedes_nobody(place: Place) -> None:
    """The topic is older than what Kafka keeps of it: the view must be built anew first."""
    async with place.running(1) as older:
        await place.publish(1)
        await eventually(lambda: place.agrees(1), timeout=60)
        await cut_off(place.bootstrap, place.topics[1], dict.fromkeys(range(PARTITIONS), -1))
        with pytest.raises(HistoryLost, match="rebuild"):
            async with member(
                place.bootstrap, place.mongodb, place.db.name, place.topics, topics_version=2
            ) as newer:
                await newer.run(asyncio.Event())
        assert await place.lists() == {1}
        await place.publish(2)
        await eventually(lambda: place.agrees(1), timeout=60)
        assert older.counts.aside == 0
