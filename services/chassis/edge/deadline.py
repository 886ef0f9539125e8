"""How long a caller waits at most for an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from services.chassis.kernel import Fault, Kind

ANSWER_SECONDS = 7.0


class InTime:
    """Raises Fault UNAVAILABLE when the block takes longer than `seconds`. What it was about to
    store may be stored all the same: a caller with a key may ask again. None: no limit."""

    __slots__ = ("_scope",)

    def __init__(self, seconds: float | None) -> None:
        self._scope = asyncio.timeout(seconds)

    async def __aenter__(self) -> InTime:
        await self._scope.__aenter__()
        return self

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What is waited for in here does not count; it has a limit of its own."""
        ends, now = self._scope.when(), asyncio.get_running_loop().time
        if ends is None:
            yield
            return
        left = ends - now()
        self._scope.reschedule(None)
        yield
        self._scope.reschedule(now() + left)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._scope.__aexit__(kind, error, trace)
        except TimeoutError:
            raise Fault(Kind.UNAVAILABLE, "deadline", "It took too long; try again.") from None
