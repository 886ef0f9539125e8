"""A topic of Kafka that is followed without a group; nothing is noted there."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from services.chassis.log.connections import Proof, mend_connections
from services.chassis.log.envelope import Record
from services.chassis.log.following import WAIT_SECONDS, LogPlace, Places, Track
from services.chassis.log.leaving import leave
from services.chassis.log.source import SourceDown

MOST = 500
STOP_SECONDS = 2.0
STALL_SECONDS = 60.0  # without any answer from a broker, to an idle topic too
METADATA_SECONDS = 30.0  # after which a partition that is new is known at the latest


class _Answered:
    """When a broker has answered last. A consumer whose fetching has ended by an error that its
    library did not foresee finds nothing for ever, and says nothing of it."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self._polled: int | None = None
        self._at = time.monotonic()

    def check(self, found: bool) -> None:
        """`found`: something came, which may have waited here. Raises SourceDown."""
        polled = map(self._consumer.last_poll_timestamp, self._consumer.assignment())
        newest = max((at for at in polled if at is not None), default=None)
        now = time.monotonic()
        if found or newest != self._polled:
            self._polled, self._at = newest, now
        elif now - self._at > STALL_SECONDS:
            raise SourceDown(f"nothing fetched for {STALL_SECONDS:g} s")


class KafkaFollowed:
    """Implements `following.Followed`."""

    def __init__(self, bootstrap: str, topic: str, proof: Proof | None = None) -> None:
        self._bootstrap, self._topic = bootstrap, topic
        self._proof = proof or Proof()

    async def since(self, instant: datetime | None) -> Places:
        async with self._consumer() as consumer:
            places = list(consumer.assignment())
            ends = await consumer.end_offsets(places)
            found = {}
            if instant is not None:
                at = int(instant.timestamp() * 1000)
                found = await consumer.offsets_for_times(dict.fromkeys(places, at))
        offsets = {tp: ends[tp] if found.get(tp) is None else found[tp].offset for tp in places}
        return {tp.partition: LogPlace(offset) for tp, offset in offsets.items()}

    async def read(self, places: Places) -> AsyncGenerator[Sequence[Record]]:
        async with self._consumer() as consumer:
            owned = {tp.partition: tp for tp in consumer.assignment()}
            begins: Mapping[Any, int] = await consumer.beginning_offsets(owned.values())
            ends: Mapping[Any, int] = await consumer.end_offsets(owned.values())
            ranges = {number: (begins[tp], ends[tp]) for number, tp in owned.items()}
            for number, offset in Track(places).begin(ranges).items():
                consumer.seek(owned[number], offset)
            answered = _Answered(consumer)
            while True:
                fetched = await consumer.getmany(
                    timeout_ms=int(WAIT_SECONDS * 1000), max_records=MOST
                )
                answered.check(bool(fetched))
                yield [
                    Record(tp.topic, tp.partition, one.offset, one.key, one.value, one.headers)
                    for tp, messages in fetched.items()
                    for one in messages
                ]

    @asynccontextmanager
    async def _consumer(self) -> AsyncGenerator[Any]:
        """One that is given all partitions of the topic. Raises SourceDown, whatever of Kafka goes
        wrong inside."""
        mend_connections()
        consumer = AIOKafkaConsumer(
            self._topic,
            bootstrap_servers=self._bootstrap,
            # where a place is not in the log any more: then what comes does not follow it
            auto_offset_reset="earliest",
            metadata_max_age_ms=int(METADATA_SECONDS * 1000),
            fetch_max_bytes=4 * 1024 * 1024,
            max_partition_fetch_bytes=1024 * 1024,
            **self._proof.options(),
        )
        try:
            await consumer.start()
            if not consumer.assignment():
                raise SourceDown(f"topic {self._topic} does not exist")
            yield consumer
        except UnknownTopicOrPartitionError as error:
            raise SourceDown(f"topic {self._topic} does not exist") from error
        except (KafkaError, TimeoutError) as error:
            raise SourceDown(self._proof.said(error)) from error
        finally:
            await leave(consumer, STOP_SECONDS)
