"""One change stream a process, and everybody who wants to hear of changed rows.

Only a notice: whoever must be right reads the row itself.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from services.chassis.mongo import ChangeStream, Collection, OperationFailure, PyMongoError, refusal
from services.chassis.rounds import rest
from services.chassis.views.rows import StoreDown

log = logging.getLogger(__name__)

HISTORY_LOST = {136, 280, 286}  # CappedPositionLost, ChangeStreamFatalError, ...HistoryLost
PAUSES = (0.1, 0.5, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class RowChanged:
    """Changed, or gone."""

    row: str


@dataclass(frozen=True, slots=True)
class Reset:
    """Changes may have been missed: read everything again."""


class TooSlow(Exception):
    """The subscriber did not keep up and hears nothing more: subscribe again."""


class Subscription:
    """RowChanged and Reset, as they come."""

    def __init__(self, size: int) -> None:
        self._queue: asyncio.Queue[RowChanged | Reset] = asyncio.Queue(size)
        self._dropped = asyncio.Event()

    def offer(self, item: RowChanged | Reset) -> bool:
        try:
            self._queue.put_nowait(item)
        except asyncio.QueueFull:
            self._dropped.set()
            return False
        return True

    async def next(self, timeout: float | None = None) -> RowChanged | Reset | None:
        """The next notice; None after `timeout` seconds without one. Raises TooSlow once
        the queue has overflowed, and then always."""
        if self._dropped.is_set():
            raise TooSlow
        try:
            return await asyncio.wait_for(self._queue.get(), timeout)
        except TimeoutError:
            return None


class Board:
    """Who wants to hear of changed rows, and who tells them: without a database nobody but this
    process. `run` goes on until it is cancelled or `stop` is set."""

    def __init__(self, *, queue: int = 1_024) -> None:
        self._queue = queue
        self._subscribers: set[Subscription] = set()
        self.open = asyncio.Event()
        self.told_until = -math.inf  # by time.monotonic: all changes before have been told

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """All notices from now on."""
        subscription = Subscription(self._queue)
        self._subscribers.add(subscription)
        try:
            yield subscription
        finally:
            self._subscribers.discard(subscription)

    def tell(self, item: RowChanged | Reset) -> None:
        for subscriber in list(self._subscribers):
            if not subscriber.offer(item):
                self._subscribers.discard(subscriber)

    async def run(self, stop: asyncio.Event) -> None:
        await stop.wait()


class RowWatch(Board):
    """`resolve` names the collection to watch now: when a rebuild flips it, subscribers are
    told to reset, and so are those who came before the first stream was open. Outages of MongoDB
    are waited out; `run` raises MongoUnavailable where it refuses the user."""

    def __init__(
        self,
        resolve: Callable[[], Awaitable[Collection]],
        *,
        queue: int = 1_024,
    ) -> None:
        super().__init__(queue=queue)
        self._resolve = resolve
        self._token: Mapping[str, Any] | None = None
        self._watched = ""  # the collection that the token is of
        self._failures = 0  # since the stream was heard last

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self._follow(stop)
            except OperationFailure as error:
                if refused := refusal(error):
                    raise refused from error
                if error.code in HISTORY_LOST:
                    self._token = None
                self._failures += 1
                log.warning("row watch: %s", error)
            except (PyMongoError, StoreDown) as error:
                self._failures += 1
                log.warning("row watch: %s", error)
            self.open.clear()
            if self._failures:
                await rest(stop, PAUSES[min(self._failures, len(PAUSES)) - 1])

    async def _follow(self, stop: asyncio.Event) -> None:
        """Until the collection is another one. Without a token to go on from, changes may
        have been missed: subscribers are told once the stream is open, and not before, for
        what they read earlier might change unheard."""
        collection = await self._resolve()
        if collection.name != self._watched:
            self._watched, self._token = collection.name, None
        afresh = self._token is None
        stream: ChangeStream[dict[str, Any]] = collection.watch(
            [{"$project": {"documentKey": 1}}],  # a new row would come whole
            resume_after=self._token,
            max_await_time_ms=1_000,
            batch_size=1_000,
        )
        async with stream:
            while not stop.is_set():
                asked = time.monotonic()
                change = await stream.try_next()
                self._failures = 0
                if afresh:
                    afresh = False
                    self.tell(Reset())
                self.open.set()
                self._token = stream.resume_token
                if change is not None and not self._notice(change):
                    return
                if change is None:
                    if (await self._resolve()).name != collection.name:
                        return
                    self.told_until = asked

    def _notice(self, change: Mapping[str, Any]) -> bool:
        """False: the collection was dropped or renamed, and the stream is over."""
        if "documentKey" not in change:
            self._token = None
            return False
        self.tell(RowChanged(str(change["documentKey"]["_id"])))
        return True
