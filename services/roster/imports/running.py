"""Which files arrive in this process, and how many of an import's writes are in flight."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from services.chassis.kernel import Fault, Kind

T = TypeVar("T")

MOST_ARRIVING = 4  # files of one district
TOGETHER = 32  # writes in flight


def import_running() -> Fault:
    return Fault(Kind.LIMITED, "import_running", "Another import is running; try later.")


class Imports:
    """Files of all districts arrive side by side, each on disk."""

    def __init__(self) -> None:
        self._arriving: Counter[str] = Counter()

    @contextmanager
    def arriving(self, district: str) -> Iterator[None]:
        """Held while a file is received. Raises Fault LIMITED where 4 of the district's arrive
        already."""
        if self._arriving[district] >= MOST_ARRIVING:
            raise Fault(Kind.LIMITED, "too_many_uploads", "Other uploads are under way; try later.")
        self._arriving[district] += 1
        try:
            yield
        finally:
            self._arriving[district] -= 1


async def together(items: Iterable[T], act: Callable[[T], Awaitable[None]]) -> None:
    """Run `act` on each, at most TOGETHER at a time; the first error ends all."""
    rest = iter(items)

    async def work() -> None:
        for item in rest:
            await act(item)

    workers = [asyncio.create_task(work()) for _ in range(TOGETHER)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
