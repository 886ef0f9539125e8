"""The relay on the real engines: what is consumed, and what happens when the broker is away."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from services.chassis.backoff import Backoff
from services.chassis.log.envelope import open_envelope
from services.chassis.log.producer import KafkaProducer, ProducerError, partition_of
from services.chassis.log.topics import PARTITIONS, ensure_topics
from services.chassis.mongo import Database, connect, database
from services.chassis.write.bell import ChangeBell, LocalBell
from services.chassis.write.documents import JournalEntry
from services.chassis.write.mongo_documents import MongoDocuments
from services.chassis.write.mongo_journal import MongoJournal
from services.chassis.write.relay import Relay, RelayStats
from services.ctl.engines import Engines
from tests.support.things import Things
from tests.support.waiting import HANGS, Stopwatch, eventually


class Bench:
    def __init__(self, db: Database, kafka: str, topic: str) -> None:
        self.kafka = kafka
        self.address = kafka
        self.topic = topic
        self.db = db
        self.documents = MongoDocuments(db)
        self.journal = MongoJournal(db)
        self.bell = LocalBell()
        self.things = Things(self.documents, self.bell)
        self.stats = RelayStats()
        self.stop = asyncio.Event()
        self.producers: list[KafkaProducer] = []

    def producer(self) -> KafkaProducer:
        self.producers.append(KafkaProducer(self.address))
        return self.producers[-1]

    def start(self, bell: LocalBell | None = None) -> asyncio.Task[None]:
        relay = Relay(
            self.documents,
            self.journal,
            self.producer,
            topic=self.topic,
            source="/tandem/things",
            bell=bell or self.bell,
            watch=self.stats,
            backoff=Backoff(longest=0.2),
        )
        return asyncio.create_task(relay.run(self.stop))

    async def drained(self) -> bool:
        return await self.documents.backlog() == (0, None)

    async def consume(self, count: int) -> list[ConsumerRecord[bytes, bytes]]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, auto_offset_reset="earliest")
        await consumer.start()
        try:
            consumer.assign([TopicPartition(self.topic, n) for n in range(PARTITIONS)])
            async with asyncio.timeout(HANGS):
                return [await consumer.getone() for _ in range(count)]
        finally:
            await consumer.stop()


@pytest.fixture
async def bench(engines: Engines) -> AsyncIterator[Bench]:
    client = connect(engines.mongodb_uri, "test")
    name = f"test_{uuid4().hex[:12]}"
    kafka = engines.kafka_bootstrap_servers
    await ensure_topics(kafka, [f"coaching.{name}.v1"])
    bench = Bench(database(client, name), kafka, f"coaching.{name}.v1")
    await bench.documents.ensure_indexes()
    await bench.journal.ensure_indexes()
    try:
        yield bench
    finally:
        await client.drop_database(name)
        client.close()


async def test_a_command_becomes_a_record_a_journal_entry_and_an_empty_outbox(
    bench: Bench,
) -> None:
    made = await bench.things.create()
    await bench.things.change(made.id)
    (pending,) = await bench.documents.pending(10)
    running = bench.start()
    first, second = await bench.consume(2)
    await eventually(bench.drained)
    bench.stop.set()
    await running
    for record, event in zip((first, second), pending.events, strict=True):
        assert (record.key, record.value) == (f"d1:{made.id}".encode(), event.data)
        assert record.partition == partition_of(record.key, PARTITIONS)
        headers = dict(record.headers)
        assert headers["ce_source"] == b"/tandem/things"
        assert headers["content-type"] == b"application/protobuf"
        envelope = open_envelope(record.headers, record.key)
        assert (envelope.aggregate_id, envelope.version) == (made.id, event.version)
        assert (envelope.type, envelope.year) == ("t.Thing", 2027)
        assert envelope.occurred_at == event.occurred_at
    assert await bench.journal.read("d1", None, "", 10) == [
        JournalEntry(made.id, "d1", event) for event in pending.events
    ]


async def test_many_aggregates_keep_their_order_each(bench: Bench) -> None:
    running = bench.start()
    ids = [(await bench.things.create()).id for _ in range(20)]

    async def change(id: str) -> None:
        for _ in range(10):
            await bench.things.change(id)

    await asyncio.gather(*(change(each) for each in ids))
    records = await bench.consume(20 * 11)
    await eventually(bench.drained)
    bench.stop.set()
    await running
    seen: dict[str, list[int]] = {each: [] for each in ids}
    for record in records:
        envelope = open_envelope(record.headers, record.key)
        seen[envelope.aggregate_id].append(envelope.version)
    assert seen == {each: list(range(1, 12)) for each in ids}


async def test_commands_are_taken_while_the_broker_is_away_and_published_when_it_is_back(
    bench: Bench, unused_tcp_port: int
) -> None:
    bench.address = f"127.0.0.1:{unused_tcp_port}"
    running = bench.start()
    made = await bench.things.create()
    await eventually(lambda: bench.stats.failures["publish"] >= 3)
    await bench.things.change(made.id)
    assert (await bench.documents.backlog())[0] == 1
    bench.address = bench.kafka
    records = await bench.consume(2)
    assert [open_envelope(each.headers, each.key).version for each in records] == [1, 2]
    await eventually(bench.drained)
    bench.stop.set()
    await running


async def test_a_producer_without_a_broker_fails_fast_and_leaves_nothing(
    unused_tcp_port: int,
) -> None:
    before = asyncio.all_tasks()
    producer = KafkaProducer(f"127.0.0.1:{unused_tcp_port}")
    watch = Stopwatch()
    with pytest.raises(ProducerError):
        await producer.start()
    await producer.abandon()
    assert watch.seconds() < 5
    assert asyncio.all_tasks() == before


def silence(producer: KafkaProducer) -> None:
    """As if the broker had stopped answering: it takes what it is sent, nothing comes back."""
    connections = list(producer._producer.client._conns.values())
    assert connections
    for connection in connections:
        connection._writer.transport.pause_reading()


async def test_a_producer_whose_broker_falls_silent_is_abandoned_at_once(bench: Bench) -> None:
    before = asyncio.all_tasks()
    producer = KafkaProducer(bench.kafka)
    await producer.start()
    await producer.send(bench.topic, b"d1:a", b"heard", [])
    silence(producer)
    sends = [
        asyncio.create_task(producer.send(bench.topic, f"d1:{n}".encode(), b"unheard", []))
        for n in range(20)
    ]
    await eventually(lambda: len(producer._requests) > 0)
    watch = Stopwatch()
    await producer.abandon()
    await producer.abandon()
    assert watch.seconds() < 2
    for send in sends:
        send.cancel()
    await asyncio.gather(*sends, return_exceptions=True)
    await eventually(lambda: asyncio.all_tasks() == before)
    with pytest.raises(ProducerError):
        await producer.send(bench.topic, b"d1:a", b"x", [])


def skip_a_number(producer: KafkaProducer, topic: str) -> None:
    """As when a batch has expired after its sequence numbers were used up: to the broker all
    that follows is out of order."""
    for number in range(PARTITIONS):
        place = TopicPartition(topic, number)
        producer._producer._txn_manager.increment_sequence_number(place, 1)


async def test_a_producer_whose_numbers_are_out_of_order_is_stuck_and_is_replaced(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.log.producer.SECONDS", 1.5)
    stuck = bench.producer()
    await stuck.start()
    await stuck.send(bench.topic, b"d1:a", b"first", [])
    skip_a_number(stuck, bench.topic)
    for _ in range(2):
        with pytest.raises(ProducerError):
            await stuck.send(bench.topic, b"d1:a", b"never", [])
    await stuck.abandon()
    running = bench.start()
    made = await bench.things.create()
    await eventually(bench.drained)
    skip_a_number(bench.producers[-1], bench.topic)
    await bench.things.change(made.id)
    await eventually(bench.drained)
    assert len(bench.producers) == 3
    assert bench.stats.failures["publish"] == 1
    values = [each.value for each in await bench.consume(3)]
    assert values.count(b"first") == 1
    assert b"never" not in values
    bench.stop.set()
    await running


async def test_a_relay_in_another_process_is_woken_by_the_change_stream(bench: Bench) -> None:
    bell = ChangeBell(bench.db)
    woken, waits = 0, False

    class Counting(LocalBell):
        async def wait(self, timeout: float) -> None:
            nonlocal woken, waits
            waits = True
            await bell.wait(30)  # longer than anybody has patience here: no poll
            waits = False
            woken += 1

    listening = asyncio.create_task(bell.run(bench.stop))
    running = bench.start(Counting())

    async def rung_by_a_command() -> bool:
        """The first ring is that of the stream itself, when it opens."""
        if waits:
            await bench.things.create()
        return woken >= 2

    await eventually(rung_by_a_command, timeout=20)
    await eventually(bench.drained)
    bench.stop.set()
    await asyncio.gather(running, listening)
