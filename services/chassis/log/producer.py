"""The one place that imports aiokafka's producer.

A producer is thrown away on any error instead of being flushed: an idempotent aiokafka
producer retries for ever while the broker is away (so `stop()` hangs), and can stick in
OutOfOrderSequenceNumber when a batch expires after its sequence number was used up.
Reaches into aiokafka 0.14's sender for that; `tests/integration/test_relay_kafka.py` holds
it to what is promised here.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2
from aiokafka.record import default_records

from services.chassis.crash_points import crash_point
from services.chassis.log.connections import Proof, mend_connections
from services.chassis.log.envelope import Headers

SECONDS = 10.0  # for a start and for an ack
CLOSE_SECONDS = 1.0


class ProducerError(Exception):
    """A record may or may not have been published: throw the producer away, send again."""


class EventProducer(Protocol):
    async def start(self) -> None:
        """Raises ProducerError within 10 s, leaving nothing behind."""

    async def send(self, topic: str, key: bytes, value: bytes, headers: Headers) -> None:
        """Return when all replicas in sync have the record. Raises ProducerError, after
        10 s at the latest."""

    async def abandon(self) -> None:
        """Drop the producer and what it has not sent, within 2 s, whatever the broker
        does. Never raises; safe to repeat."""


def partition_of(key: bytes, partitions: int) -> int:
    """Where Kafka's default partitioner puts a key (the Java client's murmur2)."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


def require_extensions() -> None:
    """Raises RuntimeError where aiokafka would fall back to its pure Python record code,
    which is far too slow (CRC-32C above all)."""
    if default_records.DefaultRecordBatchBuilder is default_records._DefaultRecordBatchBuilderPy:
        raise RuntimeError("aiokafka's C extension for records is missing: install its wheel")


class KafkaProducer:
    def __init__(self, bootstrap: str, proof: Proof | None = None) -> None:
        """`proof`: what to show the brokers; by default nothing, in plain text."""
        self._bootstrap = bootstrap
        self._proof = proof or Proof()
        self._producer: Any = None
        self._requests: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        require_extensions()
        mend_connections()
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            enable_idempotence=True,
            request_timeout_ms=int(SECONDS * 1000),
            linger_ms=0,
            **self._proof.options(),
        )
        self._track_requests()
        try:
            async with asyncio.timeout(SECONDS):
                await self._producer.start()
        except (KafkaError, OSError) as error:  # TimeoutError is an OSError
            await self.abandon()
            raise ProducerError(self._proof.said(error)) from error
        except BaseException:
            await self.abandon()
            raise

    async def send(self, topic: str, key: bytes, value: bytes, headers: Headers) -> None:
        if self._producer is None:
            raise ProducerError("the producer is not started")
        try:
            async with asyncio.timeout(SECONDS):
                ack = await self._producer.send(topic, value, key=key, headers=list(headers))
                crash_point("R3")
                await ack
        except (KafkaError, OSError) as error:
            raise ProducerError(self._proof.said(error)) from error

    async def abandon(self) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        producer._closed = True  # as stop() would, so that it does not warn when collected
        sender = producer._sender.sender_task
        tasks = [*self._requests, *([sender] if sender is not None else [])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_SECONDS)
        with contextlib.suppress(KafkaError, OSError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await producer.client.close()

    def _track_requests(self) -> None:
        """Know the tasks in which the sender awaits the broker: when it is cancelled it
        waits for them, and they for a broker that may be gone."""
        sender = self._producer._sender
        send = sender._send_produce_req

        async def tracked(*arguments: Any) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._requests.add(task)
            try:
                await send(*arguments)
            finally:
                self._requests.discard(task)

        sender._send_produce_req = tracked
