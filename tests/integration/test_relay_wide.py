"""The relay on the real engines with events of many keys and much data: it gets through, holds
no more than it says, and lets another district by."""

import asyncio
from collections import Counter
from uuid import uuid4

from services.chassis.log.envelope import Headers
from services.chassis.log.producer import KafkaProducer
from services.chassis.log.topics import ensure_topics
from services.chassis.mongo import Database
from services.chassis.write.bell import LocalBell
from services.chassis.write.mongo_documents import MongoDocuments
from services.chassis.write.mongo_journal import MongoJournal
from services.chassis.write.publishing import BYTES, RECORDS
from services.chassis.write.relay import Relay, RelayStats
from services.ctl.engines import Engines
from tests.support.documents_suite import document, event
from tests.support.waiting import eventually

AGGREGATES = 100
KEYS = tuple(f"d1:t{n:03d}-{'x' * 235}" for n in range(100))
DATA = b"x" * 24_000  # as if the event named all that it goes to


class Counting(KafkaProducer):
    """`begun` is by key; no more than `most` is ever under way."""

    begun: list[bytes]
    flying: Counter[str]
    most: Counter[str]

    async def send(self, topic: str, key: bytes, value: bytes, headers: Headers) -> None:
        size = {"records": 1, "bytes": len(value)}
        self.begun.append(key)
        self.flying.update(size)
        self.most |= self.flying
        self.most["tasks"] = max(self.most["tasks"], len(asyncio.all_tasks()))
        try:
            await super().send(topic, key, value, headers)
        finally:
            self.flying.subtract(size)


async def test_a_backlog_of_wide_events_drains_and_lets_another_district_by(
    engines: Engines, db: Database
) -> None:
    kafka = engines.kafka_bootstrap_servers
    topic = f"coaching.wide-{uuid4().hex[:12]}.v1"
    await ensure_topics(kafka, [topic])
    documents = MongoDocuments(db)
    await documents.ensure_indexes()
    for n in range(AGGREGATES):
        told = event(n + 1, f"a{n:03d}", data=DATA, keys=KEYS)
        await documents.insert(document(f"a{n:03d}"), told)
    late = event(AGGREGATES + 1, "single", keys=("d2:t1",))
    await documents.insert(document("single", district="d2"), late)
    begun: list[bytes] = []
    counting = Counting(kafka)
    counting.begun, counting.flying, counting.most = begun, Counter(), Counter()
    stats, stop = RelayStats(), asyncio.Event()
    relay = Relay(
        documents,
        MongoJournal(db),
        lambda: counting,
        topic=topic,
        source="/tandem/things",
        bell=LocalBell(),
        watch=stats,
    )
    running = asyncio.create_task(relay.run(stop))

    async def drained() -> bool:
        return (await documents.backlog())[0] == 0

    await eventually(drained, timeout=120)
    stop.set()
    await running
    assert stats.failures == Counter()
    assert len(begun) == stats.records == AGGREGATES * len(KEYS) + 1
    assert begun.index(b"d2:t1") < 10
    assert counting.most["records"] <= RECORDS
    assert counting.most["bytes"] <= BYTES
    assert counting.most["tasks"] <= RECORDS + 20
