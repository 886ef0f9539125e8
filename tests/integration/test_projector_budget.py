"""What a batch costs MongoDB, counted: no noise touches these numbers."""

import uuid
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from bson.binary import Binary

from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.mongo import Client, CommandListener, connect, database
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.projector import Projector
from services.ctl.engines import Engines
from tests.support.clocks import FakeClock
from tests.support.goal_cards import GOALS, all_records, goal_cards, progress, put
from tests.support.oracles import live_rows, replay_log

TEACHERS, EVENTS = 40, 400


class Commands(CommandListener):
    def __init__(self) -> None:
        self.seen: list[Any] = []

    def started(self, event: Any) -> None:
        self.seen.append(event)

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


@pytest.fixture
async def commands() -> Commands:
    return Commands()


@pytest.fixture
async def client(engines: Engines, commands: Commands) -> AsyncIterator[Client]:
    client = connect(engines.mongodb_uri, "test", (commands,))
    try:
        yield client
    finally:
        client.close()


async def test_a_warm_batch_is_two_updates_one_commit_and_one_oplog_entry(
    client: Client, commands: Commands
) -> None:
    db = database(client, f"budget-{uuid.uuid4().hex[:12]}")
    log, clock, projection = MemoryLog(4), FakeClock(), goal_cards()
    views = MongoViews(db)
    source = MemorySource(MemoryGroup(log, projection.topics), now=clock.now)
    one = Projector(source, views, projection, clock)
    for teacher in range(TEACHERS):
        put(log, GOALS, f"g{teacher}", progress(f"t{teacher}", f"g{teacher}", 1))
    await one.round()
    await one.round()
    for index in range(EVENTS):
        teacher, version = index % TEACHERS, 2 + index // TEACHERS
        put(log, GOALS, f"g{teacher}", progress(f"t{teacher}", f"g{teacher}", version))
    commands.seen.clear()
    await one.round()

    assert one.counts.records == TEACHERS + EVENTS
    assert Counter(event.command_name for event in commands.seen) == {
        "update": 2,
        "commitTransaction": 1,
    }
    fences, rows = [event for event in commands.seen if event.command_name == "update"]
    assert fences.command["update"] == "view_fences"
    assert len(fences.command["updates"]) == log.partitions
    assert rows.command["update"] == "cards"
    assert len(rows.command["updates"]) == TEACHERS

    lsid = Binary(fences.command["lsid"]["id"], 4)
    number = fences.command["txnNumber"]
    oplog = client["local"]["oplog.rs"]
    assert await oplog.count_documents({"lsid.id": lsid, "txnNumber": number}) == 1

    live = await live_rows(views.scan(await views.generation(projection.group), "cards"))
    assert live == replay_log(projection, all_records(log, projection))["cards"]
    await client.drop_database(db.name)


async def test_events_that_are_known_already_cost_no_command(
    client: Client, commands: Commands
) -> None:
    db = database(client, f"budget-{uuid.uuid4().hex[:12]}")
    log, clock, projection = MemoryLog(1), FakeClock(), goal_cards()
    source = MemorySource(MemoryGroup(log, projection.topics), now=clock.now)
    one = Projector(source, MongoViews(db), projection, clock)
    put(log, GOALS, "g", progress("t", "g", 1))
    await one.round()
    put(log, GOALS, "g", progress("t", "g", 1))
    commands.seen.clear()
    await one.round()
    assert one.counts.records == 2
    assert Counter(event.command_name for event in commands.seen) == Counter()
    await client.drop_database(db.name)
