"""The twin of `mongo_loose` in memory, for tests: one suite holds both."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from services.chassis.kernel import Clock, SystemClock
from services.chassis.write.documents import OutboxPlace, Pending, Waiting
from services.chassis.write.loose import LEFT_BEHIND, LooseEvent

Kept = dict[str, tuple[str, LooseEvent]]  # by id: whose, and what


class MemoryLooseEvents:
    """`kept` is shared by the processes of a test, which `by` tells apart."""

    def __init__(
        self, clock: Clock | None = None, by: str = "this", kept: Kept | None = None
    ) -> None:
        self._clock = clock or SystemClock()
        self._by = by
        self.kept: Kept = {} if kept is None else kept

    async def insert(self, events: Sequence[LooseEvent]) -> None:
        await asyncio.sleep(0)
        for each in events:
            self.kept.setdefault(each.id, (self._by, each))

    async def pending(self, limit: int, after: OutboxPlace | None = None) -> Waiting:
        await asyncio.sleep(0)
        left = self._clock.now() - LEFT_BEHIND
        found = sorted(
            (
                each
                for by, each in self.kept.values()
                if by == self._by or each.event.occurred_at < left
            ),
            key=_place,
        )
        found = [each for each in found if after is None or _place(each) > after]
        pending = [Pending(each.id, each.district, (each.event,)) for each in found[:limit]]
        more = len(found) > limit
        return Waiting(pending, last=_place(found[limit - 1]) if more else None)

    async def clear(self, published: Mapping[str, Sequence[int]]) -> None:
        await asyncio.sleep(0)
        for id_ in published:
            self.kept.pop(id_, None)

    async def backlog(self) -> tuple[int, datetime | None]:
        await asyncio.sleep(0)
        oldest = min((each.event.occurred_at for _, each in self.kept.values()), default=None)
        return len(self.kept), oldest


def _place(each: LooseEvent) -> OutboxPlace:
    return each.event.occurred_at, each.id
