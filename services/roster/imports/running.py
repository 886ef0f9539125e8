"""Which imports are under way in this process."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from services.chassis.kernel import Fault, Kind

MOST_ARRIVING = 4  # files of one district
MOST_RUNNING = 2  # imports of all districts: each holds a file and a stored roster in memory
WAIT_SECONDS = 60.0  # for one of the others to end


def import_running() -> Fault:
    return Fault(Kind.LIMITED, "import_running", "Another import is running; try later.")


class Imports:
    """Files of all districts arrive side by side, each on disk; few are imported at once."""

    def __init__(self) -> None:
        self._running: set[str] = set()
        self._places = asyncio.Semaphore(MOST_RUNNING)
        self._arriving: Counter[str] = Counter()

    @contextmanager
    def arriving(self, district: str) -> Iterator[None]:
        """Held while a file is received. Raises Fault LIMITED while an import of the district
        runs, and where 4 of its files arrive already."""
        self._check(district)
        if self._arriving[district] >= MOST_ARRIVING:
            raise Fault(Kind.LIMITED, "too_many_uploads", "Other uploads are under way; try later.")
        self._arriving[district] += 1
        try:
            yield
        finally:
            self._arriving[district] -= 1

    @asynccontextmanager
    async def running(self, district: str) -> AsyncIterator[None]:
        """Held by the one import of a district. Raises Fault LIMITED while there is another, and
        OVERLOADED where those of other districts leave no room for a minute."""
        self._check(district)
        self._running.add(district)
        try:
            await self._room()
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._running.discard(district)

    async def _room(self) -> None:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            detail = "Imports of other districts are under way; try later."
            raise Fault(Kind.OVERLOADED, "too_many_imports", detail) from None

    def _check(self, district: str) -> None:
        if district in self._running:
            raise import_running()
