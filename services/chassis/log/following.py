"""A topic as somebody reads it who belongs to no group and keeps her place herself: a port with two
adapters (`kafka_following.KafkaFollowed` and `memory_following.MemoryFollowed`)."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from services.chassis.log.envelope import Record

WAIT_SECONDS = 1.0  # after which a batch is empty


class LogPlace(NamedTuple):
    """In one partition: the next offset, and the mark of the record before it, 0 where that is not
    known. By the mark a topic that was made again is noticed, though it is as long; by a reading
    that goes on only if it sees that the topic is gone, or that it is shorter: ids of topics, which
    would tell, aiokafka (0.14) does not ask for."""

    offset: int
    mark: int = 0


Places = Mapping[int, LogPlace]
"""By partition number, of all partitions of a topic."""


class PlaceLost(Exception):
    """What lies behind these places is not in the log, or it is another log."""


class Followed(Protocol):
    """One topic."""

    async def since(self, instant: datetime | None) -> Places:
        """Before all that was published from an instant on; None: behind all that was published
        until now. Raises SourceDown."""

    def read(self, places: Places) -> AsyncGenerator[Sequence[Record]]:
        """What lies behind these places, in batches, in the order of each partition, and first the
        record before each: for a `Track`, by which it is taken. Empty batches say that nothing
        came. Endless; close it. Raises SourceDown, and PlaceLost."""


class Track:
    """Where somebody is who takes what comes, once and in order. The record before her place is
    looked at again: whether it is the one that she had."""

    def __init__(self, places: Places) -> None:
        self._places = dict(places)

    @property
    def places(self) -> Places:
        return dict(self._places)

    def begin(self, ranges: Mapping[int, tuple[int, int]]) -> Mapping[int, int]:
        """Where to fetch from, by partition. `ranges`: where each begins and ends. Raises
        PlaceLost."""
        if ranges.keys() != self._places.keys():
            raise PlaceLost("the topic has another number of partitions")
        found = {}
        for partition, (begin, end) in ranges.items():
            offset = self._places[partition].offset
            if not begin <= offset <= end:
                raise PlaceLost(f"partition {partition} has offsets {begin} to {end}, not {offset}")
            found[partition] = max(offset - 1, begin)
        return found

    def take(self, record: Record) -> bool:
        """Whether she has not had it. Raises PlaceLost."""
        if record.partition not in self._places:
            raise PlaceLost(f"partition {record.partition} is new")
        offset, mark = self._places[record.partition]
        found = mark_of(record)
        if record.offset == offset - 1:
            if mark not in (0, found):
                raise PlaceLost(f"partition {record.partition} has another record at {offset - 1}")
        elif record.offset != offset:
            raise PlaceLost(
                f"partition {record.partition} goes on at {record.offset}, not {offset}"
            )
        self._places[record.partition] = LogPlace(record.offset + 1, found)
        return record.offset == offset


def mark_of(record: Record) -> int:
    """Never 0."""
    said = next((value for name, value in record.headers if name == "ce_id"), b"")
    return zlib.crc32(b"%s\x00%s" % (said or b"", record.key or b"")) or 1


def check_same(places: Places, others: Places) -> None:
    """Raises PlaceLost where these are seen to be places of another log."""
    if places.keys() != others.keys():
        raise PlaceLost("the topic has another number of partitions")
    for partition, (offset, mark) in places.items():
        other = others[partition]
        if offset == other.offset and mark and other.mark and mark != other.mark:
            raise PlaceLost(f"partition {partition} has another record at {offset - 1}")


def reached(places: Places, target: Places) -> bool:
    """Whether all before `target` has been read."""
    return all(places[partition].offset >= place.offset for partition, place in target.items())
