"""A topic of a real Kafka that is followed without a group."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.chassis.log.envelope import PendingEvent
from services.chassis.log.kafka_following import KafkaFollowed
from services.chassis.log.source import SourceDown
from services.ctl.engines import Engines
from services.ctl.engines.ports import pick_port
from tests.support.following_suite import PARTITIONS, FollowingSuite, Topic, headers
from tests.support.kafka import made_again, new_topics, producing


class TestKafka(FollowingSuite):
    @pytest.fixture
    async def topic(self, engines: Engines) -> Topic:
        bootstrap = engines.kafka_bootstrap_servers
        (name,) = await new_topics(bootstrap, (PARTITIONS,))

        async def publish(events: Sequence[PendingEvent]) -> None:
            async with producing(bootstrap) as producer:
                for each in events:
                    await producer.send_and_wait(
                        name, each.data, key=each.keys[0].encode(), headers=headers(each)
                    )

        async def make_again() -> None:
            await made_again(bootstrap, name, PARTITIONS)

        return Topic(KafkaFollowed(bootstrap, name), publish, make_again)


async def test_no_kafka_and_no_topic_are_said(engines: Engines) -> None:
    with pytest.raises(SourceDown):
        await KafkaFollowed(f"127.0.0.1:{pick_port()}", "t").since(None)
