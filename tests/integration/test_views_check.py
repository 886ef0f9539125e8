"""A view is compared with journals and mended beside its projector, on a real Kafka and MongoDB."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from services.chassis.log.connections import Proof
from services.chassis.mongo import Database, connect, database
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.projector import Projector
from services.chassis.views.rows import Generation
from services.chassis.write.documents import JournalEntry
from services.ctl.checking import check
from services.ctl.engines import Engines
from services.ctl.rebuilding import View
from tests.support.goal_cards import GOALS, ROSTER, Mixed, goal_cards, mixed_events
from tests.support.journals import journals_of
from tests.support.kafka import new_topics, publish, whole_log
from tests.support.oracles import live_rows, replay_log
from tests.support.projector_member import member


class Place:
    """Topics, a journal and a view of a test's own."""

    def __init__(self, engines: Engines, topics: tuple[str, ...], own: Database) -> None:
        self.engines, self.topics, self.own = engines, topics, own
        self.projection = goal_cards(topics, group=f"group-{own.name}")
        self.entries: dict[str, JournalEntry] = {}

    async def publish(self, seed: int, count: int) -> None:
        events = mixed_events(random.Random(seed), count, 40)
        names = dict(zip((GOALS, ROSTER), self.topics, strict=True))
        await publish(self.engines.kafka_bootstrap_servers, names, events)
        for each in events:
            self._journal(each)

    def _journal(self, each: Mixed) -> None:
        _, aggregate, event, broken = each
        data = event.data if broken is None else broken
        entry = JournalEntry(aggregate, "d1", replace(event, year=2027, data=data))
        self.entries.setdefault(f"{aggregate}:{event.version:08}", entry)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Projector]:
        stop, engines = asyncio.Event(), self.engines
        servers, mongodb = engines.kafka_bootstrap_servers, engines.mongodb_uri
        async with member(servers, mongodb, self.own.name, self.topics) as one:
            task = asyncio.create_task(one.run(stop))
            try:
                yield one
            finally:
                stop.set()
                await task

    async def check(self, *, mend: bool) -> dict[str, Any]:
        view = View("goals", self.projection, ("cards",))
        journals = await journals_of(self.entries.values())
        servers = self.engines.kafka_bootstrap_servers
        return await check(view, self.own, servers, journals, proof=Proof(), mend=mend)

    async def agrees(self) -> None:
        """The rows equal a replay of the log, byte for byte."""
        log = await whole_log(self.engines.kafka_bootstrap_servers, self.topics)
        now = Generation(self.projection.group, 0)
        live = await live_rows(MongoViews(self.own).scan(now, "cards"))
        assert live == replay_log(self.projection, log)["cards"]


@pytest.fixture
async def place(engines: Engines) -> AsyncIterator[Place]:
    topics = await new_topics(engines.kafka_bootstrap_servers, [4, 4])
    client = connect(engines.mongodb_uri, "test")
    name = f"check-{uuid.uuid4().hex[:12]}"
    try:
        yield Place(engines, topics, database(client, name))
        await client.drop_database(name)
    finally:
        client.close()


async def test_what_was_lost_is_found_and_mended_beside_the_projector(place: Place) -> None:
    """Which has the rows in memory as they were, and goes on."""
    cards = place.own["cards"]
    async with place.running() as projector:
        await place.publish(1, 1_500)
        right = await place.check(mend=False)
        assert (right["lacking"], right["told"]) == (0, [])
        assert right["records"] > 100
        assert projector.counts.claims == 1  # nobody was disturbed
        await cards.delete_one({"_id": "d1:t3"})
        aged = await cards.find_one({"facts.goals.goal-t5-1": {"$exists": True}})
        assert aged is not None
        await cards.update_one({"_id": aged["_id"]}, {"$set": {"facts.goals.goal-t5-1.v": 0}})
        found = await place.check(mend=False)
        assert {one["row"] for one in found["told"]} == {"d1:t3", "d1:t5"}
        assert (await place.check(mend=False))["lacking"] == found["lacking"]
        mended = await place.check(mend=True)
        assert mended["mended"] == mended["lacking"] == found["lacking"]
        await place.agrees()
        await place.publish(2, 1_500)
        assert (await place.check(mend=True))["lacking"] == 0
        await place.agrees()
