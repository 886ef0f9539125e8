"""What the consumer answers while it has not joined, or can not."""

import asyncio
from dataclasses import replace
from typing import Any

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


class Silent:
    """Stands for a consumer whose broker takes connections and answers nothing."""

    def __init__(self, **options: Any) -> None:
        self._client = self

    def subscribe(self, **options: Any) -> None:
        pass

    async def start(self) -> None:
        await asyncio.Event().wait()

    async def beginning_offsets(self, places: Any) -> None:
        await asyncio.Event().wait()

    async def stop(self) -> None:
        pass

    async def close(self) -> None:
        pass


async def test_a_group_that_does_not_let_it_in_is_told_in_bounded_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.chassis.log.consumer.AIOKafkaConsumer", Silent)
    source = KafkaSource(replace(NOWHERE, join_s=0.01))
    with pytest.raises(SourceDown):
        await asyncio.wait_for(source.start(), 10)


async def test_a_broker_that_does_not_name_its_offsets_holds_nothing_up_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.chassis.log.consumer.AIOKafkaConsumer", Silent)
    monkeypatch.setattr(Silent, "start", Silent.stop)
    monkeypatch.setattr(KafkaSource, "_count_partitions", lambda self: 1)
    source = KafkaSource(replace(NOWHERE, seek_s=0.01))
    await source.start()
    await asyncio.wait_for(source.seek({0: {"t.v1": 3}}), 10)
    assert source.silent == frozenset({0})
    await source.stop()
    assert source.silent == frozenset()
