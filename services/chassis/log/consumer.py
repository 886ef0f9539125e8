"""The one place that imports aiokafka's consumer.

The rebalance callback only raises a flag. Seeking happens in the task that calls `fetch`:
with an await in the callback, getmany hands out records from before the seek.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata

from services.chassis.log.connections import Proof, mend_connections
from services.chassis.log.envelope import Record
from services.chassis.log.held import Answers, Held
from services.chassis.log.leaving import leave, take_out
from services.chassis.log.source import HistoryLost, Positions, SourceDown, TopicsDiffer
from services.chassis.log.turns import NumberTurns

log = logging.getLogger(__name__)
# The instant of a fetch is when its answer was handled, so the broker looked a little earlier.
LATENCY = timedelta(seconds=1)
SHOW_S = 2.0
REQUEST_S = 40.0  # how long aiokafka goes on with a commit that nobody waits for any more


@dataclass(frozen=True, slots=True)
class ConsumerSettings:
    """`join_s` and `seek_s` bound what aiokafka would wait for without end (a group that lets
    nobody in) or for 80 s; together they stay within what liveness grants a round."""

    bootstrap: str
    group: str
    topics: tuple[str, ...]
    client_id: str = "tandem-projector"
    session_s: float = 45.0
    heartbeat_s: float = 1.0  # as long, at most, nobody reads the partitions of one who left
    max_poll_interval_s: float = 300.0
    stop_s: float = 2.0
    join_s: float = 75.0
    seek_s: float = 20.0
    proof: Proof = field(default_factory=Proof)


class _Flag(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka is untyped
    def __init__(self) -> None:
        self.up = False

    def on_partitions_revoked(self, revoked: Any) -> None:
        self.up = True

    def on_partitions_assigned(self, assigned: Any) -> None:
        self.up = True


class KafkaSource:
    """Implements `source.Source`. Made in the loop that uses it."""

    def __init__(self, settings: ConsumerSettings) -> None:
        self._settings = settings
        self._consumer: Any = None
        self._left = ""  # the member id of the consumer before this one
        self._flag = _Flag()
        self._partitions = 0
        self._turns = NumberTurns()
        self._next: dict[Any, int] = {}  # offsets, by partition
        self._wanted: dict[int, dict[str, int]] = {}  # by the last seek
        self._held = Answers(self._ask)
        self._showing: asyncio.Task[None] | None = None
        self._shown: dict[Any, Any] = {}
        self._show_from = 0.0  # the monotonic time before which nothing is shown
        self._unassigned_since = time.monotonic()

    @property
    def changed(self) -> bool:
        return self._flag.up

    @property
    def partitions(self) -> int:
        return self._partitions

    async def start(self) -> None:
        await self.stop()
        mend_connections()
        settings = self._settings
        self._flag = _Flag()
        self._shown, self._show_from, self._next = {}, 0.0, {}
        if self._left:
            await take_out(settings.bootstrap, settings.group, self._left, settings.proof)
            self._left = ""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=settings.bootstrap,
            group_id=settings.group,
            client_id=settings.client_id,
            partition_assignment_strategy=(RangePartitionAssignor,),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(settings.session_s * 1000),
            heartbeat_interval_ms=int(settings.heartbeat_s * 1000),
            max_poll_interval_ms=int(settings.max_poll_interval_s * 1000),
            fetch_max_bytes=8 * 1024 * 1024,
            max_partition_fetch_bytes=4 * 1024 * 1024,
            **settings.proof.options(),
        )
        consumer.subscribe(topics=list(settings.topics), listener=self._flag)
        self._consumer = consumer
        try:
            async with asyncio.timeout(settings.join_s):
                await consumer.start()
            self._partitions = self._count_partitions()
        except (KafkaError, TimeoutError) as error:
            await self.stop()
            raise SourceDown(self._settings.proof.said(error)) from error
        except BaseException:
            await self.stop()
            raise
        self._unassigned_since = time.monotonic()

    def _count_partitions(self) -> int:
        counts: dict[str, int] = {}
        for topic in self._settings.topics:
            known = self._consumer.partitions_for_topic(topic)
            if not known:
                raise SourceDown(f"topic {topic} does not exist: run `tandem topics ensure`")
            counts[topic] = len(known)
        if len(set(counts.values())) > 1:
            told = ", ".join(f"{topic} has {count}" for topic, count in sorted(counts.items()))
            raise TopicsDiffer(f"topics must have the same number of partitions, but {told}")
        return counts[self._settings.topics[0]]

    def take_assignment(self) -> frozenset[int]:
        self._flag.up = False
        self._partitions = self._count_partitions()
        owned: dict[str, set[int]] = {topic: set() for topic in self._settings.topics}
        for tp in self._consumer.assignment():
            owned[tp.topic].add(tp.partition)
        numbers = [frozenset(partitions) for partitions in owned.values()]
        if len(set(numbers)) > 1:
            raise TopicsDiffer(
                "this member was given different partition numbers of different topics; all "
                f"members of group {self._settings.group} must read the same topics, and all "
                "topics must have the same number of partitions"
            )
        if numbers[0]:
            self._unassigned_since = time.monotonic()
        return numbers[0]

    async def seek(self, positions: Positions) -> None:
        self._wanted = {number: dict(topics) for number, topics in positions.items()}
        for number, held in (await self._held.first(positions, self._settings.seek_s)).items():
            self._go_on(number, held)
        for number in sorted(self._held.silent):
            told = "group %s goes on without partition %d: it does not answer, and is asked again"
            log.warning(told, self._settings.group, number)

    @property
    def silent(self) -> frozenset[int]:
        return self._held.silent

    async def _ask(self, number: int) -> Held:
        places = [TopicPartition(topic, number) for topic in self._settings.topics]
        try:
            begins = await self._consumer.beginning_offsets(places)
            return begins, await self._consumer.end_offsets(places)
        except KafkaError as error:
            raise SourceDown(self._settings.proof.said(error)) from error

    def _go_on(self, number: int, held: Held) -> None:
        begins, ends = held
        for topic in self._settings.topics:
            tp, offset = TopicPartition(topic, number), self._wanted[number].get(topic, 0)
            if begins.get(tp, 0) > offset:
                raise HistoryLost(
                    f"{tp.topic}/{tp.partition} begins at offset {begins[tp]}, but "
                    f"{self._settings.group} needs {offset}: run `tandem views rebuild`"
                )
            if ends.get(tp, offset) < offset:
                raise HistoryLost(
                    f"{tp.topic}/{tp.partition} ends at offset {ends[tp]}, but "
                    f"{self._settings.group} has read up to {offset}: it is another topic, or "
                    "was cut back; run `tandem views rebuild`"
                )
            with contextlib.suppress(IllegalStateError):  # taken away meanwhile: the flag is up
                self._consumer.seek(tp, offset)
                self._next[tp] = offset

    async def fetch(self, most: int, ahead: int, wait: float) -> Sequence[Record]:
        records, came, began = list[Record](), Counter[int](), time.monotonic()
        for number, held in self._held.late().items():
            self._go_on(number, held)
        self._take_turns(most + ahead)
        try:
            fetched = await self._consumer.getmany(timeout_ms=int(wait * 1000), max_records=most)
        except KafkaError as error:
            raise SourceDown(self._settings.proof.said(error)) from error
        for tp, messages in fetched.items():
            came[tp.partition] += len(messages)
            self._next[tp] = messages[-1].offset + 1
            records += [
                Record(tp.topic, tp.partition, one.offset, one.key, one.value, one.headers)
                for one in messages
            ]
        self._turns.came(came, time.monotonic() - began)
        self._check_idle()
        return records

    def _take_turns(self, enough: int) -> None:
        """What aiokafka has fetched for a paused partition it drops, and fetches it again."""
        owned, silent = self._owned(), self._held.silent
        known = [tp for tp in owned & self._next.keys() if tp.partition not in silent]
        end = self._consumer.highwater
        lags = [(tp.partition, (end(tp) or 0) - self._next[tp]) for tp in known]
        waiting = self._turns.waiting(lags, enough) | silent
        wanted, paused = {tp for tp in owned if tp.partition in waiting}, self._consumer.paused()
        self._consumer.pause(*(wanted - paused))
        self._consumer.resume(*(paused - wanted))

    def _check_idle(self) -> None:
        """A member that is left without partitions does not come back by itself (aiokafka
        issue 1187), so it is made anew before the group would have forgotten it."""
        patience = self._settings.max_poll_interval_s / 2
        idle = not self._consumer.assignment() and not self._flag.up
        if idle and time.monotonic() - self._unassigned_since > patience:
            raise SourceDown(f"no partitions for {patience:.0f} s: joining anew")

    def _owned(self) -> frozenset[Any]:
        """Empty also while there is no consumer: metrics may ask at any time."""
        return frozenset() if self._consumer is None else self._consumer.assignment()

    def behind(self, positions: Positions) -> int:
        return sum(
            max((self._consumer.highwater(tp) or 0) - positions[tp.partition].get(tp.topic, 0), 0)
            for tp in self._owned()
            if tp.partition in positions
        )

    def caught_up_at(self, number: int, positions: Mapping[str, int]) -> datetime | None:
        owned = self._owned()
        seen: list[int] = []
        for topic in self._settings.topics:
            tp = TopicPartition(topic, number)
            end = self._consumer.highwater(tp) if tp in owned else None
            polled = self._consumer.last_poll_timestamp(tp) if tp in owned else None
            if end is None or polled is None or positions.get(topic, 0) < end:
                return None
            seen.append(polled)
        return datetime.fromtimestamp(min(seen) / 1000, UTC) - LATENCY

    def fetched_at(self) -> datetime | None:
        polled = [self._consumer.last_poll_timestamp(tp) for tp in self._owned()]
        newest = max((at for at in polled if at is not None), default=None)
        return None if newest is None else datetime.fromtimestamp(newest / 1000, UTC)

    def show(self, positions: Positions) -> None:
        """Only what is new; after one that was not answered, none for as long as it may still
        be under way: they would pile up."""
        if self._showing is not None and not self._showing.done():
            return
        if time.monotonic() < self._show_from:
            return
        owned = self._owned()
        offsets = {
            TopicPartition(topic, number): OffsetAndMetadata(offset, "")
            for number, topics in positions.items()
            for topic, offset in topics.items()
            if TopicPartition(topic, number) in owned
        }
        if offsets and offsets != self._shown:
            self._showing = asyncio.create_task(self._show(offsets))

    async def _show(self, offsets: dict[Any, Any]) -> None:
        try:
            await asyncio.wait_for(self._consumer.commit(offsets), timeout=SHOW_S)
            self._shown = offsets
        except TimeoutError:
            self._show_from = time.monotonic() + REQUEST_S
        except KafkaError:
            return  # a display only: the next change tries again

    async def stop(self) -> None:
        await self._held.drop()
        showing, self._showing = self._showing, None
        if showing is not None:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            self._left = await leave(consumer, self._settings.stop_s) or self._left
