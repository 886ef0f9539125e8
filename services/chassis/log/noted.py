"""Where a rebuild goes on reading the topics, and where they end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aiokafka import AIOKafkaConsumer
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


async def _offsets(
    bootstrap: str, topics: Sequence[str], proof: Proof, since: int | None
) -> Positions:
    """Of the first record after an instant (ms), or the end."""
    mend_connections()
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, **proof.options())
    try:
        await consumer.start()
        places = list(consumer.assignment())
        ends = await consumer.end_offsets(places)
        times = {} if since is None else dict.fromkeys(places, since)
        found = await consumer.offsets_for_times(times) if times else {}
    except (KafkaError, TimeoutError) as error:
        raise SourceDown(proof.said(error)) from error
    finally:
        await consumer.stop()
    noted: dict[int, dict[str, int]] = {}
    for tp in places:
        at = found.get(tp)
        noted.setdefault(tp.partition, {})[tp.topic] = ends[tp] if at is None else at.offset
    return noted
