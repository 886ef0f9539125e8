"""Topics, and a database into which members of one group project them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from services.chassis.log.envelope import Record
from services.chassis.mongo import Database
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.projector import Projector
from services.chassis.views.rows import Generation
from services.ctl.engines import Engines
from tests.support.goal_cards import GOALS, ROSTER, Mixed, goal_cards, mixed_events
from tests.support.kafka import publish, whole_log
from tests.support.oracles import live_rows, replay_log
from tests.support.projector_member import member


class Projected:
    """Of goals and a roster."""

    def __init__(self, engines: Engines, topics: tuple[str, ...], db: Database) -> None:
        self.bootstrap, self.mongodb = engines.kafka_bootstrap_servers, engines.mongodb_uri
        self.topics, self.db = topics, db
        self.views = MongoViews(db)
        self.projection = goal_cards(topics, group=f"group-{db.name}")
        self.now = Generation(self.projection.group, 0)

    async def publish(self, seed: int, count: int) -> Sequence[Mixed]:
        names = dict(zip((GOALS, ROSTER), self.topics, strict=True))
        events = mixed_events(random.Random(seed), count, 40)
        await publish(self.bootstrap, names, events)
        return events

    @asynccontextmanager
    async def running(self, seek_s: float = 20.0) -> AsyncIterator[Projector]:
        """A member in this process; what it raises is raised here."""
        stop, place = asyncio.Event(), (self.bootstrap, self.mongodb, self.db.name, self.topics)
        async with member(*place, seek_s=seek_s) as one:
            task = asyncio.create_task(one.run(stop))
            try:
                yield one
            finally:
                stop.set()
                await task

    async def agrees(self) -> Sequence[Record]:
        """The rows equal a replay of the log, byte for byte. The log."""
        log = await whole_log(self.bootstrap, self.topics)
        live = await live_rows(self.views.scan(self.now, "cards"))
        assert live == replay_log(self.projection, log)["cards"]
        return log
