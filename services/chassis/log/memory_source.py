"""The twin of `consumer` in memory, for tests: members of one group over a `MemoryLog`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from services.chassis.log.envelope import Record
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.source import Positions


class MemoryGroup:
    """Divides partition numbers among its members, in the order in which they joined."""

    def __init__(self, log: MemoryLog, topics: Sequence[str]) -> None:
        self.log, self.topics = log, tuple(topics)
        self._members: list[MemorySource] = []

    def join(self, member: MemorySource) -> None:
        self.leave(member)
        self._members.append(member)
        self._divide()

    def leave(self, member: MemorySource) -> None:
        if member in self._members:
            self._members.remove(member)
            member.assign(frozenset())
            self._divide()

    def expel(self, member: MemorySource) -> bool:
        """Give a member's numbers to the others without its knowing: it is a zombie until
        it joins again. False: it is no member."""
        if member not in self._members:
            return False
        self._members.remove(member)
        self._divide()
        return True

    def _divide(self) -> None:
        count = self.log.partitions
        for index, member in enumerate(self._members):
            each, more = divmod(count, len(self._members))
            first = index * each + min(index, more)
            member.assign(frozenset(range(first, first + each + (index < more))))


class MemorySource:
    """Implements `source.Source`. `hook` is called with `start`, `seek` and `fetch` and may
    raise SourceDown."""

    def __init__(
        self,
        group: MemoryGroup,
        hook: Callable[[str], None] = lambda _: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._group, self._log = group, group.log
        self._hook, self._now = hook, now
        self._changed = False
        self._assigned: frozenset[int] = frozenset()
        self._at: dict[tuple[str, int], int] = {}
        self._fetched: datetime | None = None
        self._silent: frozenset[int] = frozenset()
        self.shown: dict[int, dict[str, int]] = {}

    def assign(self, numbers: frozenset[int]) -> None:
        """As a rebalance does: positions are forgotten, and until `seek` it reads from those
        last shown, or from the beginning."""
        self._assigned, self._changed = numbers, True
        self._at = {
            (topic, number): self.shown.get(number, {}).get(topic, 0)
            for number in numbers
            for topic in self._group.topics
        }

    @property
    def changed(self) -> bool:
        return self._changed

    @property
    def partitions(self) -> int:
        return self._log.partitions

    async def start(self) -> None:
        self._hook("start")
        self._group.join(self)

    def take_assignment(self) -> frozenset[int]:
        self._changed = False
        return self._assigned

    async def seek(self, positions: Positions) -> None:
        self._hook("seek")
        self._at.clear()
        self._silent = frozenset(positions) & self._log.silent
        for number, topics in positions.items():
            for topic in self._group.topics:
                self._at[topic, number] = topics.get(topic, 0)

    @property
    def silent(self) -> frozenset[int]:
        return self._silent

    async def fetch(self, most: int, ahead: int, wait: float) -> Sequence[Record]:
        self._hook("fetch")
        await asyncio.sleep(0)
        self._silent &= self._log.silent
        records = self._take(most)
        if not records and wait:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._log.grown(), wait)
            records = self._take(most)
        if not self._assigned or self._assigned - self._log.silent:
            self._fetched = self._now()
        return records

    def _take(self, most: int) -> list[Record]:
        records: list[Record] = []
        for (topic, number), offset in self._at.items():
            if number in self._log.silent:
                continue
            some = self._log.fetch(topic, number, offset, most - len(records))
            if some:
                records.extend(some)
                self._at[topic, number] = some[-1].offset + 1
        return records

    def behind(self, positions: Positions) -> int:
        return sum(
            self._log.end(topic, number) - positions[number].get(topic, 0)
            for number in positions
            for topic in self._group.topics
        )

    def caught_up_at(self, number: int, positions: Mapping[str, int]) -> datetime | None:
        ends = {topic: self._log.end(topic, number) for topic in self._group.topics}
        known = number not in self._log.silent
        caught_up = known and all(positions.get(topic, 0) >= end for topic, end in ends.items())
        return self._fetched if caught_up else None

    def fetched_at(self) -> datetime | None:
        return self._fetched

    def show(self, positions: Positions) -> None:
        self.shown = {number: dict(topics) for number, topics in positions.items()}

    async def stop(self) -> None:
        self._group.leave(self)
