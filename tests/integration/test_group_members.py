"""A consumer that is made anew after its connections were lost, on a real Kafka."""

from __future__ import annotations

import uuid

import pytest

from services.chassis.log.admin import kafka_admin
from services.chassis.log.consumer import ConsumerSettings, KafkaSource
from services.ctl.engines import Engines
from tests.support.kafka import new_topics

PARTITIONS = 3


@pytest.fixture
async def settings(engines: Engines) -> ConsumerSettings:
    """Its session outlives the patience of who joins."""
    kafka = engines.kafka_bootstrap_servers
    topics = await new_topics(kafka, [PARTITIONS])
    return ConsumerSettings(kafka, f"group-{uuid.uuid4().hex[:8]}", topics, join_s=20, stop_s=5)


async def _unheard() -> None:
    """As with the broker away: nobody hears that it leaves."""


async def test_a_member_that_could_not_leave_does_not_keep_its_successor_waiting(
    settings: ConsumerSettings,
) -> None:
    source = KafkaSource(settings)
    await source.start()
    assert len(source.take_assignment()) == PARTITIONS
    source._consumer._coordinator._maybe_leave_group = _unheard
    await source.start()
    assert len(source.take_assignment()) == PARTITIONS
    await source.stop()


async def test_who_is_no_member_is_taken_out_without_a_word(settings: ConsumerSettings) -> None:
    source = KafkaSource(settings)
    await source.start()
    async with kafka_admin(settings.bootstrap) as admin:
        await admin.remove_member(settings.group, "nobody")
    assert len(source.take_assignment()) == PARTITIONS
    await source.stop()
    await source.start()  # it has left by itself
    assert len(source.take_assignment()) == PARTITIONS
    await source.stop()
