"""The twin of `kafka_following` in memory, for tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

from services.chassis.log.envelope import Record, Unreadable, open_envelope
from services.chassis.log.following import WAIT_SECONDS, LogPlace, Places, Track
from services.chassis.log.memory_log import MemoryLog

MOST = 500


class MemoryFollowed:
    """Implements `following.Followed`. A record was published when its event happened."""

    def __init__(self, log: MemoryLog, topic: str) -> None:
        self._log, self._topic = log, topic

    async def since(self, instant: datetime | None) -> Places:
        await asyncio.sleep(0)
        return {
            number: LogPlace(self._first(number, instant)) for number in range(self._log.partitions)
        }

    def _first(self, number: int, instant: datetime | None) -> int:
        end = self._log.end(self._topic, number)
        if instant is None:
            return end
        records = self._log.fetch(self._topic, number, 0, end)
        return next((each.offset for each in records if _happened(each, instant)), end)

    async def read(self, places: Places) -> AsyncGenerator[Sequence[Record]]:
        log = self._log
        ranges = {number: (0, log.end(self._topic, number)) for number in range(log.partitions)}
        at = dict(Track(places).begin(ranges))
        while True:
            came = [
                each
                for number in range(log.partitions)
                for each in log.fetch(self._topic, number, at.get(number, 0), MOST)
            ]
            if not came:
                for number, offset in at.items():
                    if log.end(self._topic, number) < offset:  # Kafka's client begins anew
                        at[number] = 0
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(log.grown(), WAIT_SECONDS)
            for each in came:
                at[each.partition] = each.offset + 1
            yield came


def _happened(record: Record, since: datetime) -> bool:
    try:
        return open_envelope(record.headers, record.key).occurred_at >= since
    except Unreadable:
        return True
