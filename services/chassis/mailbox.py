"""What waits for one reader of a stream, and no more than fits."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

M = TypeVar("M")


class Mailbox(Generic[M]):
    """At most `size` messages, or what they weigh; one more and the reader is dropped for being
    slow."""

    def __init__(self, size: int, weigh: Callable[[M], int] = lambda _: 1) -> None:
        self._messages: deque[M] = deque()
        self._size, self._weigh = size, weigh
        self._weight = 0
        self._woken = asyncio.Event()
        self.slow = False
        self.over = False

    @property
    def weight(self) -> int:
        """Of what waits."""
        return self._weight

    @property
    def waiting(self) -> bool:
        return bool(self._messages)

    def put(self, message: M) -> None:
        if self.over:
            return
        weight = self._weigh(message)
        if self._messages and self._weight + weight > self._size:
            self.drop()
            return
        self._messages.append(message)
        self._weight += weight
        self._woken.set()

    def replace(self, messages: Sequence[M]) -> None:
        """Forget what waits and give these, however many."""
        self._messages = deque(messages)
        self._weight = sum(map(self._weigh, messages))
        self._woken.set()

    def drop(self) -> None:
        """Forget what waits: the reader is too slow."""
        self._messages.clear()
        self._weight = 0
        self.slow = True
        self.end()

    def end(self) -> None:
        """No message comes any more; those that wait are still given out."""
        self.over = True
        self._woken.set()

    async def take(self, seconds: float) -> M | None:
        """The next message; None after `seconds` without one, or at the end."""
        if not self._messages and not self.over:
            self._woken.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), seconds)
        return self.next()

    def next(self) -> M | None:
        """One that waits, if any does."""
        if not self._messages:
            return None
        message = self._messages.popleft()
        self._weight -= self._weigh(message)
        return message
