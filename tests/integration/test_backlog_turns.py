"""A backlog on a real Kafka is read a few partition numbers at a time, and all of it."""

import random
import uuid
from collections import Counter

from services.chassis.log.consumer import ConsumerSettings, KafkaSource
from services.chassis.log.turns import FAR
from services.ctl.engines import Engines
from tests.support.goal_cards import GOALS, ROSTER, mixed_events
from tests.support.kafka import new_topics, publish
from tests.support.waiting import eventually

PARTITIONS, EVENTS, TEACHERS = 6, 9_000, 200


async def test_a_backlog_is_read_by_numbers_and_every_record_comes_once(
    engines: Engines,
) -> None:
    bootstrap = engines.kafka_bootstrap_servers
    topics = await new_topics(bootstrap, [PARTITIONS, PARTITIONS])
    names = dict(zip((GOALS, ROSTER), topics, strict=True))
    await publish(bootstrap, names, mixed_events(random.Random(1), EVENTS, TEACHERS))
    source = KafkaSource(ConsumerSettings(bootstrap, f"turns-{uuid.uuid4().hex[:8]}", topics))
    try:
        await source.start()
        while not (numbers := source.take_assignment()):
            await source.fetch(1, 0, 0.1)
        begin: dict[int, dict[str, int]] = {number: {} for number in numbers}
        await source.seek(begin)
        # how much there is of each number shows with the broker's first answer of it
        await eventually(lambda: source.behind(begin) == EVENTS, timeout=60)
        following: Counter[tuple[str, int]] = Counter()
        waiting: list[int] = []
        while following.total() < EVENTS:
            records = await source.fetch(1_000, 500, 1.0)  # of a number's 1,500
            apart = {tp.partition for tp in source._consumer.paused()}
            assert apart.isdisjoint(record.partition for record in records)
            for record in records:
                assert record.offset == following[record.topic, record.partition]
                following[record.topic, record.partition] += 1
            waiting.append(len(apart))
    finally:
        await source.stop()
    assert min(following[names[GOALS], number] for number in range(PARTITIONS)) > FAR
    assert waiting[0] >= PARTITIONS - 2  # one has its turn, and the next at most
    assert waiting[-1] == 0
