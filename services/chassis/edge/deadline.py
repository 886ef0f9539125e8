"""How long a caller waits at most for an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.chassis.kernel import Fault, Kind

ANSWER_SECONDS = 7.0


@asynccontextmanager
async def in_time(seconds: float | None) -> AsyncIterator[None]:
    """Raises Fault UNAVAILABLE when the block takes longer. What it was about to store may
    be stored all the same: a caller with a key may ask again. None: no limit."""
    scope = asyncio.timeout(seconds)
    try:
        async with scope:
            yield
    except TimeoutError:
        if not scope.expired():
            raise
        raise Fault(Kind.UNAVAILABLE, "deadline", "It took too long; try again.") from None
