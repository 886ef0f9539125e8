"""From a service's outboxes to its topic.

Promised, with any number of relays at once and a crash anywhere: nothing that was committed
is lost; the first occurrences of an aggregate's events are published in the order of their
versions; an event leaves the outbox only after its acks and after it is in the journal.
Duplicates may be published: consumers keep the newest version.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from opentelemetry.trace import SpanKind

from services.chassis.backoff import Backoff
from services.chassis.crash_points import crash_point
from services.chassis.kernel import Fault, Kind
from services.chassis.log.envelope import PendingEvent, headers_of
from services.chassis.log.producer import EventProducer, ProducerError
from services.chassis.rounds import Beat, until_stopped
from services.chassis.tracing import NO_SPANS, Tracer, within
from services.chassis.write.documents import (
    JournalEntry,
    Keeps,
    Outbox,
    OutboxPlace,
    Pending,
    Waiting,
)
from services.chassis.write.publishing import Acks, Publishing, RoundPublished

log = logging.getLogger(__name__)

AGGREGATES = 500  # a round, and some of other districts where more wait
ROUND_SECONDS = 2.0  # after which a round sends nothing more: what is acked must be journaled
# soon, since a rebuild that reads the journal now reads its topic from ten minutes ago only, and
# what has come in the meantime waits for the next round
POLL_SECONDS = 1.0
FULL = 100  # records: after fewer the next round waits a moment, so that more go together
GATHER_SECONDS = 0.015


class Waker(Protocol):
    async def wait(self, timeout: float) -> None:
        """Return when there may be work, or after `timeout` seconds."""


class RelayWatch(Protocol):
    """Told what the relay does, for metrics. Must not block or raise."""

    def saw(self, aggregates: int, oldest: datetime | None) -> None:
        """Aggregates taken by a round (at most 980), and since when the oldest of all waits."""

    def published(self, records: int, seconds: float) -> None:
        """Records acked by a round that found work."""

    def failed(self, step: str) -> None:
        """A round ended early: `publish` (the producer is made anew) or `store`."""


@dataclass
class RelayStats:
    """Counts since the start, for those who want no more than that."""

    waiting: int = 0
    oldest: datetime | None = None
    records: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    def saw(self, aggregates: int, oldest: datetime | None) -> None:
        self.waiting, self.oldest = aggregates, oldest

    def published(self, records: int, seconds: float) -> None:
        self.records += records

    def failed(self, step: str) -> None:
        self.failures[step] += 1


class Relay:
    def __init__(
        self,
        outbox: Outbox,
        journal: Keeps,
        producer_factory: Callable[[], EventProducer],
        *,
        topic: str,
        source: str,
        bell: Waker,
        watch: RelayWatch | None = None,
        backoff: Backoff | None = None,
        tracer: Tracer = NO_SPANS,
    ) -> None:
        """`source` is the `ce_source` of the events, such as `/tandem/things`."""
        self._outbox = outbox
        self._journal = journal
        self._producer_factory = producer_factory
        self._topic = topic
        self._source = source
        self._bell = bell
        self._watch = watch or RelayStats()
        self._backoff = backoff or Backoff()
        self._tracer = tracer
        self._producer: EventProducer | None = None
        self._acks = Acks()
        self._failed: dict[str, None] = {}  # of what was read last: in order, and not acked since
        self._together = False  # in the next round, with all others
        self._after: OutboxPlace | None = None  # where the next read begins
        self._oldest: datetime | None = None
        self._in_round = False
        self.beat = Beat()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop`, then finish the round or abandon it, within 5 s. Outages of
        Kafka and MongoDB are waited out for ever; any other error ends it."""
        try:
            await until_stopped(self._work(stop), stop, lambda: self._in_round)
        finally:
            await self._abandon()

    async def round(self) -> int:
        """Read of the outbox, publish, journal and clear what is acked for all its keys.
        Returns how many records were acked, 0 when none wait. Raises ProducerError (after what
        was acked is cleared) and Fault UNAVAILABLE: in both cases the next round takes up what
        is left."""
        started = time.monotonic()
        crash_point("R1")
        waiting = await self._read()
        self._watch.saw(len(waiting), self._oldest)
        if not waiting:
            return 0
        producer = await self._started()
        crash_point("R2")
        published = await self._publish(producer, waiting)
        self._go_on(waiting, published)
        if published.failure is not None:
            await self._abandon()
        if published.entries:
            await self._account(published.entries)
        if published.records:
            self._watch.published(published.records, time.monotonic() - started)
        if published.failure is not None:
            if published.records:
                self._backoff.reset()
            raise published.failure
        return published.records

    async def _work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self.beat.turn()
            self._in_round = True
            pause: float | None = None
            try:
                found = await self.round()
                self._backoff.reset()
            except (ProducerError, Fault) as error:
                if isinstance(error, Fault) and error.kind is not Kind.UNAVAILABLE:
                    raise
                self._watch.failed("publish" if isinstance(error, ProducerError) else "store")
                log.warning("A relay round failed, trying again: %s", error)
                pause = self._backoff.next()
            finally:
                self._in_round = False
            if stop.is_set():
                return
            if pause is not None:
                await asyncio.sleep(pause)
            elif not found:
                await self._bell.wait(POLL_SECONDS)
            elif found < FULL:
                await asyncio.sleep(GATHER_SECONDS)

    async def _read(self) -> Waiting:
        if self._after is not None:
            waiting = await self._outbox.pending(AGGREGATES, self._after)
            if waiting:
                return waiting
            self._after = None
        waiting = await self._outbox.pending(AGGREGATES)
        self._oldest = waiting[0].events[0].occurred_at if waiting else None
        return waiting

    def _go_on(self, waiting: Waiting, published: RoundPublished) -> None:
        """Where the next read begins: behind what was read once all of it has failed and nothing
        of it gets through, else where this one began; at the end, from the start. So what no
        broker takes, however much, is not all that is ever read."""
        still = {each.id for each in waiting} - published.acked - published.failed
        kept = [each for each in self._failed if each in still]
        again = [each.id for each in waiting if each.id in published.failed]
        self._failed = dict.fromkeys([*kept, *again])
        oldest = {each.id for each in waiting.oldest}
        if waiting.last is None:
            self._after = None
        elif oldest <= self._failed.keys() and not oldest & published.acked:
            self._after = waiting.last

    async def _publish(self, producer: EventProducer, waiting: Sequence[Pending]) -> RoundPublished:
        """What has failed before comes after all others: it may be what no broker will ever
        take. Where one of the others fails, so that it is not begun, it comes before them in the
        next round."""
        until = time.monotonic() + ROUND_SECONDS
        self._acks.begin(time.monotonic())
        publishing = Publishing(
            partial(self._send, producer), self._acks, lambda: time.monotonic() > until
        )
        read = {each.id: each for each in waiting}
        others = [each for each in waiting if each.id not in self._failed]
        failed = [read[each] for each in self._failed if each in read]
        first, then = ([*failed, *others], []) if self._together else (others, failed)
        await publishing.publish(first)
        self._together = bool(then) and publishing.published.failure is not None
        await publishing.publish(then)
        return publishing.published

    async def _send(
        self, producer: EventProducer, aggregate: Pending, event: PendingEvent, key: str
    ) -> None:
        span = self._tracer.follow(f"publish {self._topic}", event.trace, SpanKind.PRODUCER)
        if span is not None:  # whoever reads the record goes on from there
            event = replace(event, trace=span.traceparent)
        headers = headers_of(
            event,
            source=self._source,
            district=aggregate.district,
            aggregate_id=aggregate.id,
            key=key,
        )
        try:
            with within(event.trace):
                await producer.send(self._topic, key.encode(), event.data, headers)
        except BaseException:
            if span is not None:
                span.failed()
            raise
        finally:
            if span is not None:
                span.end()

    async def _account(self, acked: Sequence[JournalEntry]) -> None:
        published: dict[str, list[int]] = {}
        for entry in acked:
            published.setdefault(entry.aggregate_id, []).append(entry.event.version)
        crash_point("R4")
        await self._journal.append(acked)
        crash_point("R4")
        await self._outbox.clear(published)
        crash_point("R5")

    async def _started(self) -> EventProducer:
        if self._producer is None:
            producer = self._producer_factory()
            await producer.start()
            self._producer = producer
        return self._producer

    async def _abandon(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.abandon()
