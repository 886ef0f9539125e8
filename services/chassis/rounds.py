"""What roles that work in rounds have in common: how they rest and end, and whether they move."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import Any

STOP_SECONDS = 3.0
LONGEST_ROUND = 120.0


class Beat:
    """A loop says of each of its rounds that it begins."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def turn(self) -> None:
        self._at = time.monotonic()

    def moves(self) -> bool:
        """Whether the loop has turned within the last two minutes: a liveness check."""
        return time.monotonic() - self._at < LONGEST_ROUND


async def rest(stop: asyncio.Event, seconds: float) -> None:
    """Return after so many seconds, or when `stop` is set."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def until_stopped(
    work: Coroutine[Any, Any, None],
    stop: asyncio.Event,
    busy: Callable[[], bool] = lambda: True,
) -> None:
    """Do the work, until it ends by itself; raises what that raises. After `stop` it has 3 s more
    if it is `busy`; then it is cancelled and, a second later, left alone."""
    doing, asked = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({doing, asked}, return_when=asyncio.FIRST_COMPLETED)
        if busy():
            await asyncio.wait({doing}, timeout=STOP_SECONDS)
        if doing.done():
            doing.result()
    finally:
        doing.cancel()
        asked.cancel()
        ended = asyncio.gather(doing, asked, return_exceptions=True)
        await asyncio.wait({ended}, timeout=1.0)
