"""Where a rebuild goes on reading the topics."""

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
    mend_connections()
    proof = proof or Proof()
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, **proof.options())
    try:
        await consumer.start()
        places = list(consumer.assignment())
        since = int((datetime.now(UTC) - overlap).timestamp() * 1000)
        ends = await consumer.end_offsets(places)
        found = await consumer.offsets_for_times(dict.fromkeys(places, since))
    except (KafkaError, TimeoutError) as error:
        raise SourceDown(proof.said(error)) from error
    finally:
        await consumer.stop()
    noted: dict[int, dict[str, int]] = {}
    for tp in places:
        at = found.get(tp)
        noted.setdefault(tp.partition, {})[tp.topic] = ends[tp] if at is None else at.offset
    return noted
