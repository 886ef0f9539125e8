"""Topics in memory, with the partitions and the order of Kafka's, for tests of whole flows.

Faults are injected by `fate`, asked once for every record that is sent.
"""

from __future__ import annotations

import asyncio
import enum
from collections import defaultdict
from collections.abc import Callable, Sequence

from services.chassis.crash_points import crash_point
from services.chassis.log.envelope import Headers, Record
from services.chassis.log.producer import ProducerError, partition_of
from services.chassis.log.source import Positions

DEFAULT_PARTITIONS = 12
LATEST = 7  # a late record lands after at most so many others


class Fate(enum.Enum):
    """What becomes of a record that is sent."""

    ACKED = "lands, and its producer is told"
    UNACKED = "lands, and its producer hears nothing"
    LATE = "lands after others that were sent later; its producer hears nothing"
    LOST = "never lands; its producer hears nothing"


Unplaced = tuple[str, bytes, bytes, Headers]


class MemoryLog:
    def __init__(self, partitions: int = DEFAULT_PARTITIONS) -> None:
        self.partitions = partitions
        self.silent: set[int] = set()  # numbers that answer nothing, as those without a leader
        self._records: dict[tuple[str, int], list[Record]] = defaultdict(list)
        self._late: list[tuple[int, Unplaced]] = []
        self._delay = 0
        self._grown = asyncio.Event()

    def append(self, topic: str, key: bytes, value: bytes | None, headers: Headers) -> Record:
        """Put a record at the end of its key's partition."""
        number = partition_of(key, self.partitions)
        partition = self._records[topic, number]
        record = Record(topic, number, len(partition), key, value, tuple(headers))
        partition.append(record)
        self._grown.set()
        self._grown = asyncio.Event()
        return record

    def fetch(self, topic: str, partition: int, offset: int, limit: int) -> Sequence[Record]:
        """Up to `limit` records from `offset` on."""
        return self._records[topic, partition][offset : offset + limit]

    def end(self, topic: str, partition: int) -> int:
        """The offset that the next record will have."""
        return len(self._records[topic, partition])

    def ends(self, topics: Sequence[str]) -> Positions:
        return {
            number: {topic: self.end(topic, number) for topic in topics}
            for number in range(self.partitions)
        }

    def make_again(self, topic: str) -> None:
        """As if it had been deleted and made anew."""
        for number in range(self.partitions):
            self._records[topic, number].clear()

    def all(self, topic: str) -> Sequence[Record]:
        """Every record of a topic, partition by partition."""
        return [each for p in range(self.partitions) for each in self._records[topic, p]]

    async def grown(self) -> None:
        """Return when a record is appended after this call."""
        await self._grown.wait()

    def settle(self) -> None:
        """Land every record that is still late."""
        late, self._late = self._late, []
        for _, record in late:
            self.append(*record)

    def send(self, fate: Fate, *record: *Unplaced) -> None:
        """Place a record as its fate wants it."""
        if fate is Fate.LATE:
            self._delay = self._delay % LATEST + 1
            self._late.append((self._delay, record))
            return
        if fate is Fate.LOST:
            return
        self.append(*record)
        due = [each for wait, each in self._late if wait <= 1]
        self._late = [(wait - 1, each) for wait, each in self._late if wait > 1]
        for each in due:
            self.append(*each)


class MemoryProducer:
    """Implements `producer.EventProducer`."""

    def __init__(
        self, log: MemoryLog, fate: Callable[[str, bytes], Fate] = lambda _topic, _key: Fate.ACKED
    ) -> None:
        self._log = log
        self._fate = fate
        self._usable = False

    async def start(self) -> None:
        await asyncio.sleep(0)
        self._usable = True

    async def send(self, topic: str, key: bytes, value: bytes, headers: Headers) -> None:
        if not self._usable:
            raise ProducerError("the producer is not started or was abandoned")
        await asyncio.sleep(0)
        fate = self._fate(topic, key)
        self._log.send(fate, topic, key, value, headers)
        crash_point("R3")
        await asyncio.sleep(0)
        if fate is not Fate.ACKED:
            raise ProducerError(f"no ack: {fate.name}")

    async def abandon(self) -> None:
        self._usable = False
