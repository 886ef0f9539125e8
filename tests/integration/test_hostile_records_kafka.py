"""Hostile records as a real broker hands them out, parked in a real database."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from itertools import cycle

import pytest

from services.assembly.registry import SERVICES
from services.chassis.kernel import SystemClock
from services.chassis.log.consumer import ConsumerSettings, KafkaSource
from services.chassis.log.envelope import Record
from services.chassis.log.memory_log import MemoryLog
from services.chassis.mongo import connect, database
from services.chassis.views.batch import Limits
from services.chassis.views.mongo_parked import MongoParked
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.parked import OPEN
from services.chassis.views.parking import ParkingLimits
from services.chassis.views.projector import Projector
from services.chassis.views.rows import Generation
from services.ctl.engines import Engines
from services.insights.caseload.fold import insights_projection
from tests.support.hostile_records import ANY, BROKEN, GOAL, READ, good
from tests.support.insight import Insights
from tests.support.kafka import new_topics, publish_records, whole_log
from tests.support.oracles import live_rows, replay_log
from tests.support.waiting import eventually

COLLECTIONS = ("cards", "calendars")
FOLDED = [each for each in READ if SERVICES[each].topic in insights_projection().topics]
LENIENT = Limits(parking=ParkingLimits(share=1.0, most=1_000))


def event_of(service: str, teacher: str) -> Record:
    """A good event about a teacher, as the service publishes it."""
    world = Insights()
    world.log = MemoryLog()
    if service == "goals":
        world.progress(teacher, 15)
    elif service == "roster":  # whose people are on no card
        world.term("2026-09-01", "2026-12-19", session=teacher)
    else:
        message, aggregate, year = good(service, teacher, "mark")
        world.publish(message, aggregate, teacher, year)
    return world.log.all(SERVICES[service].topic)[0]


async def test_hostile_records_are_parked_and_their_neighbors_flow(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = await new_topics(engines.kafka_bootstrap_servers, [3] * len(FOLDED))
    name = f"hostile-{uuid.uuid4().hex[:12]}"
    projection = replace(insights_projection(), group=name, topics=topics)
    # what fits every topic is spread over all of them
    turns = [*zip(cycle(FOLDED), ANY.values()), *zip(cycle(["goals"]), GOAL.values())]
    records: dict[str, list[Record]] = {service: [] for service in FOLDED}
    for number, (service, (change, _, _)) in enumerate(turns):
        records[service] += [
            change(event_of(service, f"victim-{number}")),
            event_of(service, f"neighbor-{number}"),
        ]
    for topic, service in zip(topics, FOLDED, strict=True):
        await publish_records(engines.kafka_bootstrap_servers, topic, records[service])
    client, stop = connect(engines.mongodb_uri, "test"), asyncio.Event()
    own = database(client, name)
    views, messages = MongoViews(own), MongoParked(own)
    source = KafkaSource(ConsumerSettings(engines.kafka_bootstrap_servers, name, topics))
    one = Projector(source, views, projection, SystemClock(), LENIENT)
    running = asyncio.create_task(one.run(stop))
    try:
        sent = 2 * len(turns)
        await eventually(lambda: one.counts.records == sent or running.done(), timeout=60)
        parked = await messages.list(name)
        for _, reason, _ in BROKEN.values():
            assert any(each.reason.startswith(reason) for each in parked), reason
        assert [each.state for each in parked] == [OPEN] * len(BROKEN)
        assert {each.record.topic for each in parked} == set(topics)
        log = await whole_log(engines.kafka_bootstrap_servers, topics)
        now = Generation(name, 0)
        rows = [await live_rows(views.scan(now, each)) for each in COLLECTIONS]
        assert rows == [replay_log(projection, log)[each] for each in COLLECTIONS]
        shown = [row for each in rows for row in each.values()]
        assert sum(b":neighbor" in row for row in shown) == len(BROKEN)
        # what only a newer reader understands is redriven when there is one
        (newer,) = [each for each in parked if (b"ce_minreader", b"2") in _pairs(each.record)]
        monkeypatch.setattr("services.chassis.views.decode.READER", 2)
        assert await messages.redrive(newer.id)

        async def redriven() -> bool:
            return newer.id not in {each.id for each in await messages.list(name)}

        await eventually(redriven, timeout=30)
        rows = [await live_rows(views.scan(now, each)) for each in COLLECTIONS]
        assert rows == [replay_log(projection, log)[each] for each in COLLECTIONS]
    finally:
        stop.set()
        await running
        await client.drop_database(name)
        client.close()


def _pairs(record: Record) -> set[tuple[bytes, bytes]]:
    return {(name.encode(), value) for name, value in record.headers}
