"""Timelines on a real MongoDB: the same promises, and what a page costs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.mongo import Database, connect, database
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.projection import Row
from services.ctl.engines import Engines
from services.insights.timeline.fold import TIMELINE
from services.insights.timeline.mongo_timelines import MongoTimelines, _where
from services.insights.timeline.stores import Reading
from tests.support.commands import Commands
from tests.support.timelines_suite import COACH, TEACHER, TimelinesSuite, row


class MongoShelf:
    def __init__(self, own: Database, commands: Commands) -> None:
        self.own, self.commands = own, commands
        self.timelines = MongoTimelines(own, MongoViews(own))

    async def put(self, *rows: Row, into: str = TIMELINE) -> None:
        await self.own[into].insert_many([dict(each) for each in rows])


@pytest.fixture
async def shelf(engines: Engines) -> AsyncIterator[MongoShelf]:
    commands = Commands()
    client = connect(engines.mongodb_uri, "test", (commands,))
    own = database(client, f"test_{uuid4().hex[:12]}")
    found = MongoShelf(own, commands)
    await found.timelines.ensure_indexes()
    try:
        yield found
    finally:
        await client.drop_database(own.name)
        client.close()


class TestTimelines(TimelinesSuite):
    async def test_a_page_is_one_command_that_examines_what_it_returns(
        self, shelf: MongoShelf
    ) -> None:
        await shelf.put(
            *(row(f"{n:03}", n, teacher=f"t{who}") for n in range(100) for who in range(1, 6))
        )
        coach, herself = Reading(TEACHER, COACH), Reading(TEACHER, TEACHER)
        first = await shelf.timelines.page("north", coach, "", 20)
        await shelf.timelines.as_of()
        shelf.commands.clear()
        await shelf.timelines.as_of()
        await shelf.timelines.page("north", coach, first.after, 20)
        assert shelf.commands.counts() == {"find": 2}
        for reading, after in ((herself, ""), (coach, first.after), (coach, "")):
            where = _where("north", reading, after)
            by_time = {"at": -1, "_id": -1}
            asked = {"find": TIMELINE, "filter": where, "sort": by_time, "limit": 21}
            plan: dict[str, Any] = await shelf.own.command(
                {"explain": asked, "verbosity": "executionStats"}
            )
            stats = plan["executionStats"]
            assert stats["nReturned"] == 21
            # the last of the page before is looked at once more
            assert stats["totalKeysExamined"] - bool(after) == 21
            assert stats["totalDocsExamined"] - bool(after) == 21
