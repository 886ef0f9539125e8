"""The role that takes what a topic tells into a store of its own, which is no view: nothing makes
it anew, so each record has its effect once, by the store's own keys.

Promised, with any number of members at once and a crash anywhere: each record is given to the store
at least once, those of a partition in order, and the position moves on only when it is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from typing import Protocol

from services.chassis.backoff import Backoff
from services.chassis.kernel import Clock, Fault, Kind
from services.chassis.log.envelope import Record
from services.chassis.log.source import HistoryLost, Positions, Source, SourceDown
from services.chassis.log.stall import STALL_SECONDS, Stall
from services.chassis.rounds import Beat, rest, until_stopped

log = logging.getLogger(__name__)

MOST = 500  # records a round
WAIT_SECONDS = 0.5  # for the next ones


class Collects(Protocol):
    """The store. Every method may raise Fault UNAVAILABLE; the same is then asked again."""

    async def positions(self, numbers: Collection[int]) -> Positions:
        """Where to go on, of those numbers that are known."""

    async def collect(self, records: Sequence[Record]) -> None:
        """Keep what these say, in their order; what was kept before changes nothing."""

    async def collected(self, positions: Positions) -> None:
        """All before these is kept."""


class CollectorWatch(Protocol):
    """Told after each round, for metrics. Must not block or raise."""

    def holds(self, partitions: int, silent: int, behind: int) -> None:
        """Partition numbers that it holds, those of them that do not answer, and how many records
        are known to be past its positions. All 0 after a round that has failed."""


class Unwatched:
    """For those who want no metrics."""

    def holds(self, partitions: int, silent: int, behind: int) -> None:
        return None


class Collector:
    """One member of the group that reads a topic for a store. `run` ends when `stop` is set, or
    with an exception that no retry mends, such as SourceStalled. `name`: for people."""

    def __init__(
        self,
        name: str,
        source: Source,
        store: Collects,
        clock: Clock,
        wait: float = WAIT_SECONDS,
        watch: CollectorWatch | None = None,
    ) -> None:
        self._watch = watch or Unwatched()
        self._source = source
        self._store = store
        self._clock = clock
        self._stall = Stall(f"collector {name}", clock.now())
        self.stall = STALL_SECONDS
        self.wait = wait
        self._joined = False
        self._positions: dict[int, dict[str, int]] | None = None  # None: ask where to go on
        self._backoff = Backoff()
        self.beat = Beat()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`, then finish the round or abandon it. Outages are waited out for ever."""
        try:
            await until_stopped(self._rounds(stop), stop)
        finally:
            await self._source.stop()

    async def round(self) -> int:
        """How many records were kept. Raises SourceDown, and Fault UNAVAILABLE."""
        try:
            return await self._round()
        except SourceDown:
            self._joined, self._positions = False, None
            raise
        except Fault:
            self._positions = None
            raise
        finally:
            self._tell()

    async def _rounds(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self.beat.turn()
            try:
                await self.round()
                self._backoff.reset()
            except (SourceDown, Fault) as error:
                if isinstance(error, Fault) and error.kind is not Kind.UNAVAILABLE:
                    raise
                log.warning("A collector waits: %s", error)
                await rest(stop, self._backoff.next())

    async def _round(self) -> int:
        if not self._joined:
            await self._source.start()
            self._joined, self._positions = True, None
            self._stall.begins(self._clock.now())
        if self._positions is None or self._source.changed:
            self._positions = await self._claimed()
            self._stall.begins(self._clock.now())
        records = await self._source.fetch(MOST, 0, self.wait)
        if self._source.changed:
            self._positions = None
            return 0
        if records:
            await self._store.collect(records)
            moved: dict[int, dict[str, int]] = {}
            for record in records:
                moved.setdefault(record.partition, {})[record.topic] = record.offset + 1
            await self._store.collected(moved)
            for number, topics in moved.items():
                self._positions[number].update(topics)
            self._source.show(self._positions)
        self._check()
        return len(records)

    def _check(self) -> None:
        if not self._positions:
            return
        quiet = self._source.silent == self._positions.keys()
        self._stall.check(self._clock.now(), self._source.fetched_at(), self.stall, quiet)

    def _tell(self) -> None:
        held = self._positions or {}
        silent = self._source.silent & held.keys()
        self._watch.holds(len(held), len(silent), self._source.behind(held) if held else 0)

    async def _claimed(self) -> dict[int, dict[str, int]]:
        numbers = self._source.take_assignment()
        known = await self._store.positions(numbers)
        positions = {number: dict(known.get(number, {})) for number in numbers}
        try:
            await self._source.seek(positions)
        except HistoryLost as error:
            # The topic is another one than before: it is read from its beginning, and what is
            # there twice changes nothing.
            log.error("a collector begins anew: %s", error)  # it names what is wrong
            positions = {number: {} for number in numbers}
            await self._source.seek(positions)
        return positions
