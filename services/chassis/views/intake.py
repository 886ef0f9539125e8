"""What a projector writes next: records fetched, in order, decoded. Of a backlog the next lot
is read while one is written."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

from services.chassis.crash_points import crash_point
from services.chassis.log.envelope import Record
from services.chassis.log.source import Positions, Source
from services.chassis.views.batch import Limits
from services.chassis.views.burst import SLICE, Burst
from services.chassis.views.lot import Lot
from services.chassis.views.ownership import Ownership
from services.chassis.views.projection import Projection

GATHER = 0.05  # seconds to wait for more of a backlog
GATHER_LONGEST = 1.0
DROP_SECONDS = 1.0
# Of a lot: what the source has under way beyond what is taken. A partition is asked for more only
# when its last answer is used up: with 2,000 records a backlog waited for answers 2.7 s of 15, with
# 16,000 0.1 s; but they take memory, in a process with an API 13 MB.
AHEAD = 0.8


class Intake:
    """One lot is read ahead at most. It is worth nothing once a lot before it was not
    committed: call `drop` before anything is claimed again, and at the end."""

    def __init__(self, source: Source, projection: Projection, limits: Limits) -> None:
        self._source, self._projection, self._limits = source, projection, limits
        self._ahead: asyncio.Task[Lot | None] | None = None
        self._wanted = True  # whether anybody waits for what is being read
        self._plain: set[Hashable] = set()  # places whose every event the next lot folds
        self.gaps: set[tuple[str, int, int]] = set()  # topic, number, and the offset behind it

    async def next(self, owned: Ownership, wait: float) -> Lot | None:
        """What came, if anything within about `wait` seconds. None: claim again. Raises
        SourceDown."""
        self.gaps = {each for each in self.gaps if _lies_ahead(each, owned.positions)}
        ahead, self._ahead = self._ahead, None
        lot = await (ahead or self._read(owned, wait))
        return None if self._source.changed else lot

    def read_ahead(self, owned: Ownership, wait: float) -> None:
        """Begin to read what `next` gives, if that is much: a short wait for little would
        only hold up the round."""
        if self._much(owned):
            self._ahead = asyncio.create_task(self._read(owned, wait))

    async def drop(self) -> None:
        """Forget what is read ahead, whatever becomes of it. It may end its fetch: one that is
        cancelled counts with aiokafka as under way for ever, and a member that does not poll
        is then never missed."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return
        self._wanted = False
        try:
            await asyncio.wait({ahead}, timeout=DROP_SECONDS)
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
            self._wanted = True

    def _much(self, owned: Ownership) -> bool:
        return self._source.behind(owned.read) > self._limits.behind

    async def _read(self, owned: Ownership, wait: float) -> Lot | None:
        """Goes on for as long as there is more: at most about a second longer than the wait."""
        limits, much = self._limits, self._much(owned)
        most, size = limits.burst if much else limits.records, 0
        ahead = int(limits.burst * AHEAD)
        now = asyncio.get_running_loop().time
        latest = now() + wait + GATHER_LONGEST
        burst = Burst(self._projection, self._plain)
        while (
            burst.records < most
            and burst.kept < limits.rows
            and size < limits.bytes
            and now() < latest
        ):
            records = await self._source.fetch(min(most - burst.records, SLICE), ahead, wait)
            if self._source.changed or not self._wanted:
                return None
            if not records:
                break
            for record in records:
                expected = owned.expected(record)
                if record.offset > expected and not self._known_gap(record):
                    return None  # the claim finds out whether the log was cut off here
                if record.offset >= expected:
                    owned.saw(record)
                    burst.add(record)
                    size += len(record.value or b"")
            # one answer holds records of few partitions: take what else has arrived
            wait = GATHER if much else 0
            await asyncio.sleep(0)
        if burst.records:
            crash_point("C1")
        lot = await burst.lot()
        self._plain = self._plain | burst.refused if lot is None else set()
        return lot

    def _known_gap(self, record: Record) -> bool:
        """Offsets may be missing from a healthy log; a gap that stays after a new seek is one."""
        gap = (record.topic, record.partition, record.offset)
        known = gap in self.gaps
        self.gaps.add(gap)
        return known


def _lies_ahead(gap: tuple[str, int, int], positions: Positions) -> bool:
    """Else what comes behind it is stored, or another's to read."""
    topic, number, offset = gap
    return number in positions and offset >= positions[number].get(topic, 0)
