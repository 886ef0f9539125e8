"""The role that does what is due.

Promised, with any number of runners at once and a crash anywhere: each to-do is run at least once
and, since its command goes by its key and by what is true then, has its effect once. A try is
counted before it begins: what ends the process each time ends, too; a process that lives on takes
back what only an outage has cut short. None waits for another: a district runs one at a time
beside those of others, what fails comes later, and after so many tries it is given up where
everybody sees it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from services.chassis.backoff import Backoff
from services.chassis.crash_points import crash_point
from services.chassis.duties.duty import DONE, GIVEN_UP, OPEN, ReadyDuty, Todo
from services.chassis.duties.todos import Settled, Todos
from services.chassis.kernel import Clock, Fault, Kind, OperatorError
from services.chassis.rounds import Beat, rest, until_stopped
from services.chassis.troubles import Troubles
from services.chassis.views.rows import StoreDown

log = logging.getLogger(__name__)

A_DUTY = "a duty"  # that is in trouble: see `Troubles`
ROUND = 50  # to-dos a round, and some of other districts where more are due
ROUND_SECONDS = 5.0  # after which a round begins no more of them
AT_ONCE = 4  # districts
POLL_SECONDS = 1.0
RUN_SECONDS = 20.0
TAKEN = timedelta(seconds=30)  # longer than a run: nobody begins it anew meanwhile
# after what will pass by itself: the first time, and each time that it is so still
BRIEFLY, PASSING = timedelta(seconds=1), timedelta(seconds=15)
FIRST, LONGEST = timedelta(seconds=5), timedelta(hours=1)  # pauses after what may not
MOST_TRIES = 10  # over three quarters of an hour
MOST_CUT_SHORT = 1_000  # to-dos; a round leaves one a worker at most
FOR_A_WHILE = (Kind.UNAVAILABLE, Kind.OVERLOADED)

LATER, FAILED = "later", "failed"
OUTCOMES = (DONE, LATER, FAILED, "put_off", GIVEN_UP)


class DutyWatch(Protocol):
    """Told what a runner does, for metrics. Must not block or raise."""

    def saw(self, due: int, oldest: datetime | None) -> None:
        """To-dos found by a round (at most 130), and since when the first is due."""

    def ran(self, duty: str, outcome: str) -> None:
        """One of OUTCOMES: done; to be looked at later; failed, to be tried again; put off for
        what will pass; given up."""


class CutShort:
    """Tries whose beginning or end the store has not answered. Each may be counted in the store
    and, since this process has not died of it, does not count. Whoever dies forgets them, as it
    should. The oldest are forgotten where there are too many: these count."""

    def __init__(self) -> None:
        self._counted: OrderedDict[str, int] = OrderedDict()  # before, by to-do

    def note(self, id: str, counted: int) -> None:
        self._counted[id] = counted
        self._counted.move_to_end(id)
        if len(self._counted) > MOST_CUT_SHORT:
            self._counted.popitem(last=False)

    def counted(self, todo: Todo) -> int:
        """Its tries that count. One at most is taken back: each try sets how many there are, so
        that a later one of ours has replaced the one before, and others' are not ours."""
        return todo.tries - (todo.tries > self._counted.get(todo.id, todo.tries))

    def forget(self, id: str) -> None:
        self._counted.pop(id, None)


class DutyRunner:
    """`troubles` are told of what fails, `watch` of everything."""

    def __init__(
        self,
        todos: Todos,
        works: Sequence[ReadyDuty],
        clock: Clock,
        watch: DutyWatch,
        troubles: Troubles | None = None,
    ) -> None:
        self._todos = todos
        self._works = {each.duty.name: each.run for each in works}
        self._clock = clock
        self._watch = watch
        self._troubles = troubles or Troubles()
        self._backoff = Backoff()
        self._cut_short = CutShort()
        self.beat = Beat()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`, then finish what is under way or abandon it, within 5 s. Outages of
        MongoDB are waited out for ever; where it refuses the user, this ends."""
        await until_stopped(self._rounds(stop), stop)

    async def round(self) -> int:
        """Run what is due, for a few seconds; how many were begun. Raises StoreDown, after
        which the next round takes up what is left."""
        found = await self._todos.due(self._clock.now(), ROUND)
        self._watch.saw(len(found), min((each.due for each in found), default=None))
        lanes: dict[str, deque[Todo]] = {}
        for todo in found:
            lanes.setdefault(todo.district, deque()).append(todo)
        waiting, until, begun = deque(lanes.values()), time.monotonic() + ROUND_SECONDS, 0

        async def work() -> None:
            nonlocal begun
            while waiting and time.monotonic() < until:
                lane = waiting.popleft()  # nobody else runs one of this district meanwhile
                try:
                    if await self._try(lane.popleft()):
                        begun += 1
                except StoreDown:
                    waiting.clear()
                    raise
                if lane:
                    waiting.append(lane)

        workers = [asyncio.create_task(work()) for _ in range(min(AT_ONCE, len(waiting)))]
        try:
            if workers:
                await asyncio.wait(workers)
        finally:  # whatever ends the round: nothing of it goes on
            for worker in workers:
                worker.cancel()
            ended = await asyncio.gather(*workers, return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error
        return begun

    async def _rounds(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self.beat.turn()
            pause = POLL_SECONDS
            try:
                if await self.round():
                    pause = 0.0
                self._backoff.reset()
            except StoreDown as error:
                log.warning("duties wait: %s", error)
                pause = self._backoff.next()
            await rest(stop, pause)

    async def _try(self, todo: Todo) -> bool:
        """Whether it was ours to begin."""
        counted = self._cut_short.counted(todo)
        try:
            taken = await self._todos.take(todo, self._clock.now() + TAKEN, counted + 1)
            if taken is None:
                return False
            crash_point("D1")
            outcome, settled = await self._run(taken)
            crash_point("D2")
            await self._todos.settle(taken, settled)
        except StoreDown:
            self._cut_short.note(todo.id, counted)
            raise
        self._cut_short.forget(todo.id)
        self._watch.ran(taken.duty, outcome)
        return True

    async def _run(self, taken: Todo) -> tuple[str, Settled]:
        if taken.tries > MOST_TRIES:
            return self._failed(taken, "never_ended", None)
        try:
            work = self._works.get(taken.duty)
            if work is None:  # another build's
                return self._put_off(taken, "unknown_duty")
            async with asyncio.timeout(RUN_SECONDS):
                later = await work(taken.call(), taken)
        except OperatorError:
            raise
        except StoreDown:
            return self._put_off(taken, "store_unavailable")
        except Fault as fault:
            if fault.kind in FOR_A_WHILE:
                return self._put_off(taken, fault.code)
            return self._failed(taken, fault.code, fault)
        except Exception as error:  # noqa: BLE001 # of one to-do: all others must be run
            return self._failed(taken, type(error).__name__, error)
        now = self._clock.now()
        if later is None:
            return DONE, Settled(DONE, now, taken.due, taken.tries)
        return LATER, Settled(OPEN, now, later, 0)

    def _put_off(self, taken: Todo, code: str) -> tuple[str, Settled]:
        now = self._clock.now()
        pause = PASSING if taken.error == code else BRIEFLY
        return "put_off", Settled(OPEN, now, now + pause, taken.tries - 1, code)

    def _failed(self, taken: Todo, code: str, error: Exception | None) -> tuple[str, Settled]:
        now = self._clock.now()
        self._troubles.tell(A_DUTY, taken.district, error)
        if taken.tries >= MOST_TRIES:
            told = (taken.duty, taken.fact.get("event", "?"), taken.tries, code)
            log.error("the duty %s of the event %s is given up after %d tries: %s", *told)
            return GIVEN_UP, Settled(GIVEN_UP, now, now, taken.tries, code)
        pause = min(FIRST * 2 ** (taken.tries - 1), LONGEST)
        return FAILED, Settled(OPEN, now, now + pause, taken.tries, code)
