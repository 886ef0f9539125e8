"""What the consumer answers while it has not joined, or can not."""

import pytest

from services.chassis.log.consumer import ConsumerSettings, KafkaSource
from services.chassis.log.source import SourceDown

NOWHERE = ConsumerSettings("127.0.0.1:1", "group", ("t.v1",))


def test_before_it_joined_it_owns_nothing() -> None:
    source = KafkaSource(NOWHERE)
    assert source.behind({0: {"t.v1": 3}}) == 0
    assert source.caught_up_at(0, {}) is None
    assert source.fetched_at() is None
    assert source.partitions == 0
    source.show({0: {"t.v1": 3}})


async def test_a_broker_that_is_not_there_is_told_and_stopping_is_harmless() -> None:
    source = KafkaSource(NOWHERE)
    with pytest.raises(SourceDown):
        await source.start()
    await source.stop()
    await source.stop()
