"""Records as they are published, for somebody who watches: no group, and nothing is noted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from services.chassis.log.connections import Proof, mend_connections
from services.chassis.log.envelope import Record
from services.chassis.log.source import SourceDown

MOST = 500
WAIT_SECONDS = 1.0


async def tail(
    bootstrap: str, topics: Sequence[str], proof: Proof | None = None
) -> AsyncGenerator[Sequence[Record]]:
    """What is published from now on, in batches; empty ones say that nothing came, the first that
    it listens. Endless; close it. Raises SourceDown."""
    mend_connections()
    proof = proof or Proof()
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=bootstrap, auto_offset_reset="latest", **proof.options()
    )
    try:
        await consumer.start()
        await consumer.seek_to_end()
        yield ()
        while True:
            fetched = await consumer.getmany(timeout_ms=int(WAIT_SECONDS * 1000), max_records=MOST)
            yield [
                Record(tp.topic, tp.partition, one.offset, one.key, one.value, one.headers)
                for tp, messages in fetched.items()
                for one in messages
            ]
    except (KafkaError, TimeoutError) as error:
        raise SourceDown(proof.said(error)) from error
    finally:
        await consumer.stop()
