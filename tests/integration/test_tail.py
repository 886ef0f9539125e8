"""Who watches a real Kafka sees what is published from then on, once, and nothing of before."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing

import pytest

from services.chassis.log.source import SourceDown
from services.chassis.log.tail import tail
from services.ctl.engines import Engines
from services.ctl.engines.ports import pick_port
from tests.support.goal_cards import GOALS, ROSTER, mixed_events
from tests.support.kafka import new_topics, publish
from tests.support.waiting import HANGS


async def test_what_is_published_from_now_on_passes_once(engines: Engines) -> None:
    topics = await new_topics(engines.kafka_bootstrap_servers, (3, 3))
    names = dict(zip((GOALS, ROSTER), topics, strict=True))
    before, after = (mixed_events(random.Random(seed), 50, 10) for seed in (1, 2))
    await publish(engines.kafka_bootstrap_servers, names, before)
    seen: list[bytes | None] = []
    async with (
        asyncio.timeout(HANGS),
        aclosing(tail(engines.kafka_bootstrap_servers, topics)) as batches,
    ):
        assert await anext(batches) == ()
        await publish(engines.kafka_bootstrap_servers, names, after)
        while len(seen) < len(after):
            seen += [record.value for record in await anext(batches)]
        assert await anext(batches) == []
    assert len(seen) == len(after)


async def test_no_kafka_is_said() -> None:
    with pytest.raises(SourceDown):
        await anext(tail(f"127.0.0.1:{pick_port()}", ("nothing",)))
