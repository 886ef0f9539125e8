"""Where a rebuild goes on reading the topics, and where they end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.chassis.log.connections import Proof, mend_connections
from services.chassis.log.source import Positions, SourceDown


async def noted_offsets(
    bootstrap: str,
    topics: Sequence[str],
    overlap: timedelta = timedelta(minutes=10),
    proof: Proof | None = None,
) -> Positions:
    """Where a rebuild that reads the journals from now on must go on reading the topics: at
    what was published `overlap` ago. An event reaches its journal a moment after its topic,
    so the ends themselves would be too late; reading something twice is harmless. Raises
    SourceDown."""
    since = int((datetime.now(UTC) - overlap).timestamp() * 1000)
    return await _offsets(bootstrap, topics, proof or Proof(), since)


async def end_offsets(bootstrap: str, topics: Sequence[str], proof: Proof) -> Positions:
    """Those behind what has been published until now. Raises SourceDown."""
    return await _offsets(bootstrap, topics, proof, None)


async def held_offsets(
    bootstrap: str, topics: Sequence[str], proof: Proof
) -> tuple[Positions, Positions]:
    """Where what Kafka still holds begins, and those behind its last records. Raises SourceDown."""
    async with _consuming(bootstrap, topics, proof) as consumer:
        places = list(consumer.assignment())
        begins = await consumer.beginning_offsets(places)
        ends = await consumer.end_offsets(places)
    return _by_number(begins), _by_number(ends)


async def _offsets(
    bootstrap: str, topics: Sequence[str], proof: Proof, since: int | None
) -> Positions:
    """Of the first record after an instant (ms), or the end."""
    async with _consuming(bootstrap, topics, proof) as consumer:
        places = list(consumer.assignment())
        ends = await consumer.end_offsets(places)
        times = {} if since is None else dict.fromkeys(places, since)
        found = await consumer.offsets_for_times(times) if times else {}
    later = {tp: at.offset for tp, at in found.items() if at is not None}
    return _by_number({**ends, **later})


@asynccontextmanager
async def _consuming(bootstrap: str, topics: Sequence[str], proof: Proof) -> AsyncIterator[Any]:
    """One that has all partitions. Raises SourceDown, also for what is asked of it."""
    mend_connections()
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, **proof.options())
    try:
        await consumer.start()
        yield consumer
    except (KafkaError, TimeoutError) as error:
        raise SourceDown(proof.said(error)) from error
    finally:
        await consumer.stop()


def _by_number(offsets: Mapping[TopicPartition, int]) -> Positions:
    found: dict[int, dict[str, int]] = {}
    for tp, offset in offsets.items():
        found.setdefault(tp.partition, {})[tp.topic] = offset
    return found
