"""Topics and records on a real Kafka."""

import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete

from services.assembly.registry import TOPICS
from services.chassis.log.envelope import Record
from tests.support.goal_cards import parts
from tests.support.waiting import eventually


async def new_topics(bootstrap: str, partitions: Sequence[int]) -> tuple[str, ...]:
    """One topic of its own name for each partition count."""
    run = uuid.uuid4().hex[:8]
    names = tuple(f"test.{run}.{index}.v1" for index in range(len(partitions)))
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics(
            [NewTopic(n, c, 1) for n, c in zip(names, partitions, strict=True)]
        )
    finally:
        await admin.close()
    return names


async def grow(bootstrap: str, topics: Sequence[str], partitions: int) -> None:
    """Give topics more partitions than they have."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        wanted = {topic: NewPartitions(partitions) for topic in topics}
        await admin.create_partitions(wanted)
    finally:
        await admin.close()


async def delete_topics(kafka: str) -> None:
    """Those of the services, as if the log were lost."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.delete_topics(list(TOPICS))

        async def gone() -> bool:
            return not set(TOPICS) & set(await admin.list_topics())

        await eventually(gone, timeout=60)
    finally:
        await admin.close()


async def made_again(
    bootstrap: str, topic: str, partitions: int, seen: Callable[[], bool] = lambda: True
) -> None:
    """Delete a topic and make it anew under its name, once it is `seen` that it is gone."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic])
        await eventually(seen, timeout=60)

        async def made() -> bool:
            """Not before all is gone."""
            if topic in await admin.list_topics():
                return False
            answer = await admin.create_topics([NewTopic(topic, partitions, 1)])
            return all(not code for _, code, *_ in answer.topic_errors)

        await eventually(made)
    finally:
        await admin.close()


async def cut_off(bootstrap: str, topic: str, ends: dict[int, int]) -> None:
    """Delete what lies before these offsets, as retention does."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        before = {TopicPartition(topic, n): RecordsToDelete(end) for n, end in ends.items()}
        await admin.delete_records(before)
    finally:
        await admin.close()


@asynccontextmanager
async def producing(bootstrap: str) -> AsyncIterator[Any]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def publish(
    bootstrap: str, topics: dict[str, str], events: Iterable[tuple[str, str, Any, bytes | None]]
) -> None:
    """Publish events of `goal_cards.mixed_events`; `topics` maps their topic to a real one."""
    async with producing(bootstrap) as producer:
        sent = []
        for topic, aggregate, event, broken in events:
            key, data, headers = parts(aggregate, event)
            value = data if broken is None else broken
            sent.append(await producer.send(topics[topic], key=key, value=value, headers=headers))
        for one in sent:
            await one


async def publish_records(bootstrap: str, topic: str, records: Sequence[Record]) -> None:
    """As they are, key and headers too, in order."""
    # compressed, a value beyond the limit passes the broker's own
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, max_request_size=8 * 1024 * 1024, compression_type="gzip"
    )
    await producer.start()
    try:
        sent = [
            await producer.send(topic, each.value, key=each.key, headers=list(each.headers))
            for each in records
        ]
        for each in sent:
            await each
    finally:
        await producer.stop()


async def whole_log(bootstrap: str, topics: Sequence[str]) -> list[Record]:
    """Every record of these topics, each partition in order."""
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = sorted(consumer.assignment())
        ends = await consumer.end_offsets(places)
        records: list[Record] = []
        left = sum(ends.values())
        while len(records) < left:
            for tp, messages in (await consumer.getmany(timeout_ms=500)).items():
                records += [
                    Record(tp.topic, tp.partition, m.offset, m.key, m.value, m.headers)
                    for m in messages
                ]
        return records
    finally:
        await consumer.stop()
