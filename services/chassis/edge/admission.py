"""How much work a process takes on at a time, so that what it takes on is answered soon.

At most `limit` requests run. The others wait for a turn, the more urgent first, else in the order
they came; of every four turns one is for the less urgent, however many of the others come. Who
would wait for too long is refused before anything is spent on her.

The limit is found by additive increase and multiplicative decrease, as TCP finds its window: one
more after a window of time in which it was used and requests took little, a tenth less after one
in which they took long. What they take is measured from their turn on, so it tells what the
process, its event loop and its database can bear, not how many wait. The same measure says how
long a newcomer would wait. After a burst that may be long; where a queue has been standing for a
while it may not, as with CoDel: under standing load a longer queue does no more, it only answers
later.
"""

from __future__ import annotations

import asyncio
import enum
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TypeAlias

from services.chassis.kernel import Fault, Kind

LEAST = 16  # run at a time whatever they take: the cause may be elsewhere
START = 64
TARGET_SECONDS = 0.05  # that requests take on average, from their turn on
WINDOW_SECONDS = 0.1
SAMPLES = 10  # at least, of a window
DECREASE = 0.9
STANDING_SECONDS = 0.5
STANDING_WAIT_SECONDS = 0.15  # that a newcomer to a standing queue may have before her
BURST_WAIT_SECONDS = 0.5  # and after a burst
OTHERS = 0.25  # of the turns and of the queue that the less urgent have at least
WAIT_SECONDS = 0.7  # that anybody waits for a turn, as it came out
OVERLOADED = "overloaded"  # code of a refusal


class Urgency(enum.IntEnum):
    FIRST = 0  # goes before all that waits
    ORDINARY = 1
    BULK = 2  # only while half of the limit is free, and never waits
    STRANGER = 3  # without a token: a quarter of the turns and of the places is theirs


_Turn: TypeAlias = "asyncio.Future[None]"


def overloaded() -> Fault:
    return Fault(Kind.OVERLOADED, OVERLOADED, "There is more to do than can be done; try later.")


class Admission:
    """`most` run and wait at a time. `refused` hears of each refusal."""

    def __init__(
        self,
        most: int,
        refused: Callable[[Urgency], None] = lambda urgency: None,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._most = most
        self._least = min(LEAST, most)
        self._refused, self._now = refused, now
        self.limit = float(min(START, most))
        self.running = 0
        self._urgent = 0  # of those that run
        self._strange = 0  # and of strangers
        self.coming = 0  # let in by `comes`, and not yet in `work`
        self._strangers_coming = 0
        self._first: deque[_Turn] = deque()
        self._ordinary: deque[_Turn] = deque()
        self._strangers: deque[_Turn] = deque()
        self._waits_since = 0.0
        self._window_ends = 0.0
        self._count = self._peak = 0
        self._taken = 0.0
        self._mean = TARGET_SECONDS  # that requests took in the last window

    @property
    def waiting(self) -> int:
        return len(self._first) + len(self._ordinary) + len(self._strangers)

    @property
    def pressed(self) -> bool:
        """Whether the next one would have to wait."""
        return self.running >= self.limit

    def comes(self, urgency: Urgency) -> bool:
        """Let a request in that will call `work`, or refuse it. Who is let in takes a place
        until `came`."""
        if self._full(urgency, self.coming):
            self._refused(urgency)
            return False
        self.coming += 1
        self._strangers_coming += urgency is Urgency.STRANGER
        return True

    def came(self, urgency: Urgency) -> None:
        self.coming -= 1
        self._strangers_coming -= urgency is Urgency.STRANGER

    def open(self, urgency: Urgency) -> bool:
        """Whether `work` would not refuse now; counts a refusal where it would."""
        if self._full(urgency):
            self._refused(urgency)
            return False
        return True

    def work(self, urgency: Urgency) -> Serving:
        """To be run inside; waits for its turn. Raises Fault OVERLOADED."""
        return Serving(self, urgency)

    async def pause(self) -> None:
        """For long bulk work, between two parts of it: lets others go first, for a second."""
        for _ in range(10):
            if not self._full(Urgency.BULK):
                return
            await asyncio.sleep(WINDOW_SECONDS)

    def _full(self, urgency: Urgency, coming: int = 0) -> bool:
        ahead = self.running + coming
        if urgency is Urgency.BULK:
            return ahead >= self.limit / 2
        strange = self._strange + (self._strangers_coming if coming else 0)
        if urgency is Urgency.STRANGER:
            theirs = (self.limit + self._queue()) * OTHERS
            return strange + len(self._strangers) >= max(theirs, 1)
        if ahead < self.limit:
            return False
        queue = self._queue()
        most = self.limit + queue
        if urgency is Urgency.FIRST:  # the ordinary give way to her, so they are not in hers either
            return ahead + len(self._first) + len(self._strangers) >= most
        others_coming = coming - self._strangers_coming if coming else 0
        if len(self._ordinary) + others_coming < queue * OTHERS:
            return False
        return ahead + self.waiting >= most

    def _queue(self) -> float:
        """How many may wait: `limit` of them take a turn in the time that requests take."""
        waiting = self._first or self._ordinary
        stands = waiting and self._now() - self._waits_since > STANDING_SECONDS
        seconds = STANDING_WAIT_SECONDS if stands else BURST_WAIT_SECONDS
        return min(self._most - self.limit, self.limit * seconds / max(self._mean, 0.001))

    async def enter(self, urgency: Urgency) -> float:
        if self._full(urgency):
            self._refused(urgency)
            raise overloaded()
        if self.running >= self.limit or (urgency is Urgency.STRANGER and not self._strangers_turn):
            await self._turn(urgency)
        else:
            self._runs(urgency)
        if self.running > self._peak:
            self._peak = self.running
        return self._now()

    def leave(self, urgency: Urgency, began: float) -> None:
        self._ends(urgency)
        if urgency is not Urgency.BULK:
            now = self._now()
            self._taken += now - began
            self._count += 1
            if now >= self._window_ends and self._count >= SAMPLES:
                self._adapt(now)
        self._wake()

    async def _turn(self, urgency: Urgency) -> None:
        """Returns once somebody has given up a place for this one. Where nobody more may wait,
        the latest of the others gives way to the most urgent."""
        turn: _Turn = asyncio.get_running_loop().create_future()
        if not (self._first or self._ordinary or urgency is Urgency.STRANGER):
            self._waits_since = self._now()
        elif urgency is Urgency.FIRST and self._ordinary and self._full(Urgency.ORDINARY):
            latest = self._ordinary.pop()
            if not latest.done():
                latest.set_exception(overloaded())
        queue = self._queue_of(urgency)
        queue.append(turn)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await turn
        except BaseException as error:
            if turn in queue:
                queue.remove(turn)
            elif turn.done() and not turn.cancelled() and turn.exception() is None:
                self._ends(urgency)  # the place came too late
                self._wake()
            if isinstance(error, TimeoutError | Fault):
                self._refused(urgency)
                raise overloaded() from None
            raise

    def _queue_of(self, urgency: Urgency) -> deque[_Turn]:
        if urgency is Urgency.STRANGER:
            return self._strangers
        return self._first if urgency is Urgency.FIRST else self._ordinary

    def _runs(self, urgency: Urgency) -> None:
        self.running += 1
        self._urgent += urgency is Urgency.FIRST
        self._strange += urgency is Urgency.STRANGER

    def _ends(self, urgency: Urgency) -> None:
        self.running -= 1
        self._urgent -= urgency is Urgency.FIRST
        self._strange -= urgency is Urgency.STRANGER

    def _wake(self) -> None:
        while self.running < self.limit:
            urgency = self._next()
            if urgency is None:
                return
            turn = self._queue_of(urgency).popleft()
            if not turn.done():
                self._runs(urgency)
                turn.set_result(None)

    @property
    def _strangers_turn(self) -> bool:
        return self._strange < max(self.limit * OTHERS, 1)

    def _next(self) -> Urgency | None:
        """Whose turn it is of those that wait."""
        if self._strangers and self._strangers_turn:
            return Urgency.STRANGER
        theirs = self._urgent >= self.limit * (1 - OTHERS)
        if self._first and not (theirs and self._ordinary):
            return Urgency.FIRST
        return Urgency.ORDINARY if self._ordinary else None

    def _adapt(self, now: float) -> None:
        self._mean = self._taken / self._count
        used = self._peak * 2 >= self.limit
        if used and self._mean > TARGET_SECONDS:
            self.limit = max(self.limit * DECREASE, self._least)
        elif used:
            self.limit = min(self.limit + 1, self._most)
        self._window_ends = now + WINDOW_SECONDS
        self._taken, self._count, self._peak = 0.0, 0, self.running


class Serving:
    """One request's place among those that run."""

    __slots__ = ("_admission", "_began", "_urgency")

    def __init__(self, admission: Admission, urgency: Urgency) -> None:
        self._admission, self._urgency = admission, urgency
        self._began = 0.0

    async def __aenter__(self) -> None:
        self._began = await self._admission.enter(self._urgency)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._admission.leave(self._urgency, self._began)
