"""What `as_of` means: everything published before this instant is in the view.

Each member of a projector writes it down about once a second for the partition numbers
whose stored positions it saw to be the ends of their topics; a view is as fresh as the
stalest of all its partition numbers.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.chassis.kernel import Clock
from services.chassis.views.rows import StoreDown, Views

STALE_AFTER = timedelta(seconds=30)
KNOWN_FOR = timedelta(seconds=1)
NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class AsOf:
    """`as_of` is the epoch where no projector has reported yet."""

    as_of: datetime
    stale: bool


class Freshness:
    """For readers of a view. Looked up once a second at most."""

    def __init__(
        self, views: Views, name: str, clock: Clock, stale_after: timedelta = STALE_AFTER
    ) -> None:
        self._views, self._name, self._clock = views, name, clock
        self._stale_after = stale_after
        self._as_of = NEVER
        self._asked: datetime | None = None
        self._lock = asyncio.Lock()

    async def read(self) -> AsOf:
        """Never raises: a store that does not answer makes a view stale, not unreadable."""
        now = self._clock.now()
        if self._asked is None or now - self._asked >= KNOWN_FOR:
            async with self._lock:
                if self._asked is None or now - self._asked >= KNOWN_FOR:
                    await self._ask(now)
        return AsOf(self._as_of, now - self._as_of > self._stale_after)

    async def _ask(self, now: datetime) -> None:
        try:
            generation = await self._views.generation(self._name)
            self._as_of = await self._views.freshness(generation.group) or NEVER
        except StoreDown:
            pass
        self._asked = now
