"""Time, processes and the way to stores and the log, all decided by one seed.

Time is virtual: the loop never waits, it jumps to what is due next. A process is a set of
tasks that die together, at a named crash point or at any moment, and may stand still
(SIGSTOP) and wake. Every call of a store or the log takes its time and may be refused, be
executed without the caller's hearing of it, or be executed after the caller gave it up.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import selectors
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest import mock

from services.chassis.crash_points import Crashed, crash_point, crashing
from services.chassis.kernel import Fault, Kind
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.producer import ProducerError
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projection import Row
from services.chassis.views.rows import Batch, Fence, Outcome, Terms
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.memory_drafts import MemoryDrafts
from services.chassis.write.memory_journal import MemoryJournal
from services.surveys.administration.memory_seats import MemorySeats
from tests.support.clocks import START

T = TypeVar("T")
CLIENT_SECONDS = 5.0  # after which a caller gives a call up
CRASH_POINTS = ("W1", "W2", "W3", "R1", "R2", "R3", "R4", "R5", "C1", "C2", "C3", "D1", "D2")


REFUSED, LOST, LATE = TROUBLES = ("refused", "lost", "late")  # see `Net.call`
Met = Counter[tuple[str, str]]  # by call (`port.method`) and trouble
# calls that few lives make while faults last: half of them are in trouble where any are
RARE = frozenset(
    {f"seats.{name}" for name in ("prepare", "freeze", "sheets", "clear", "remove")}
    | {f"drafts.{name}" for name in ("save", "get", "delete")}
    | {"views.fences", "todos.take", "todos.settle"}
)


class Stuck(Exception):
    """Every task waits for another one: nothing will ever happen again."""


class _Jump(selectors.SelectSelector):
    """Nothing ever comes from outside: to wait is to move the time on."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Stuck
        self.now += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


class VirtualClock:
    """A `kernel.Clock` that reads the loop's time, and may be put forward."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.ahead = timedelta()

    def now(self) -> datetime:
        return START + self.ahead + timedelta(milliseconds=int(self._loop.time() * 1000))


def unknown() -> Fault:
    return Fault(Kind.UNAVAILABLE, "outcome_unknown")


class Net:
    """`trouble` is the chance that a call fails; 0 heals everything. `trace` is what
    happened, to tell whether two runs are the same; `met`, which trouble befell which call."""

    def __init__(self, chance: random.Random, trouble: float, loop: VirtualLoop) -> None:
        self.chance, self.trouble, self.loop = chance, trouble, loop
        self.trace: list[str] = []
        self.met: Met = Counter()
        self._late: set[asyncio.Task[None]] = set()

    def note(self, what: str) -> None:
        self.trace.append(f"{self.loop.time():.4f} {what}")

    async def call(
        self,
        process: Process,
        name: str,
        work: Callable[[], Awaitable[T]],
        lost: Callable[[], BaseException],
    ) -> T:
        """The result of `work`, or what a caller gets who does not learn it. The first word
        of `name` is the call: `port.method`."""
        await process.gate()
        call = name.partition(" ")[0]
        fate = self.chance.random()
        wait = self.chance.random() * 0.02
        if fate < (max(self.trouble, 0.5) if self.trouble and call in RARE else self.trouble):
            self.note(f"{process.name} {name} in trouble")
            kind = self.chance.randrange(4)
            if kind == 0:  # refused
                await process.pause(wait)
                self.met[call, REFUSED] += 1
                raise lost()
            if kind == 1:  # executed, and the answer is lost
                await process.pause(wait)
                await work()
                await process.pause(CLIENT_SECONDS)
                self.met[call, LOST] += 1
                raise lost()
            if kind == 2:  # executed at some time, mostly long after the caller has given it up
                given_up = self.loop.time() + CLIENT_SECONDS

                async def late() -> T:
                    if self.loop.time() > given_up:
                        self.met[call, LATE] += 1
                    return await work()

                self.later(self.chance.random() * 4 * CLIENT_SECONDS, late)
                await process.pause(CLIENT_SECONDS)
                raise lost()
            wait = self.chance.random() * CLIENT_SECONDS / 2  # slow
        await process.pause(wait)
        result = await work()
        await process.gate()
        return result

    def later(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Do something then, whatever has become of who asked for it."""

        async def do() -> None:
            await asyncio.sleep(seconds)
            with contextlib.suppress(Exception):  # nobody is there to be told
                await work()

        task = asyncio.get_running_loop().create_task(do())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def landed(self) -> None:
        """Return when nothing is under way any more."""
        while self._late:
            await asyncio.wait(set(self._late))


@dataclass
class Process:
    """What one operating-system process would be. `armed` names the crash point at which it
    dies, at the `passings`-th passing."""

    name: str
    net: Net
    armed: str = ""
    passings: int = 1
    alive: bool = True
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)
    on_death: Callable[[], None] = lambda: None
    _running: asyncio.Event | None = None

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        async def inside() -> T:
            with crashing(self._passed):
                return await work

        task = asyncio.get_running_loop().create_task(inside())
        self.tasks.append(task)
        return task

    def _passed(self, point: str) -> None:
        if not self.alive:
            raise Crashed(self.name)
        if point == self.armed:
            self.passings -= 1
            if self.passings <= 0:
                self.net.note(f"{self.name} dies at {point}")
                self.die()
                raise Crashed(point)

    def die(self) -> None:
        """SIGKILL: no task of it does anything from now on."""
        if not self.alive:
            return
        self.alive = False
        self.net.note(f"{self.name} dies")
        current = asyncio.current_task()
        for task in self.tasks:
            if task is not current:
                task.cancel()
        self.on_death()

    def stand_still(self) -> None:
        self._running = self._running or asyncio.Event()

    def wake(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.set()

    async def gate(self) -> None:
        """Where a process stands still, or finds itself dead."""
        while self._running is not None and self.alive:
            await self._running.wait()
        if not self.alive:
            raise Crashed(self.name)

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.gate()


class WatchedViews(MemoryViews):
    """Looks at each batch that lands, also late: `went_back` says which fact has become
    older by it, or is gone, and which fence. At rest it may be right again, and readers have
    seen it."""

    def __init__(self) -> None:
        super().__init__()
        self.went_back: list[str] = []

    async def claim(self, group: str, numbers: Iterable[int], terms: Terms) -> Mapping[int, Fence]:
        before = await self.fences(group, numbers)
        claimed = await super().claim(group, numbers, terms)
        for number, was in before.items():
            if claimed[number].topics < was.topics:
                self.went_back.append(f"{group}:{number}: an older list of topics claimed it back")
        return claimed

    def land(self, batch: Batch) -> Outcome:
        names = [(batch.generation.collection(each.collection), each.row) for each in batch.changes]
        before = [_versions(self.rows.get(collection, {}).get(row)) for collection, row in names]
        outcome = super().land(batch)
        for (collection, row), was in zip(names, before, strict=True):
            now = _versions(self.rows.get(collection, {}).get(row))
            for fact, version in was.items():
                if now.get(fact, 0) < version:
                    self.went_back.append(
                        f"{collection} {row}: {'.'.join(fact)} from {version} to {now.get(fact)}"
                    )
        return outcome


def _versions(row: Row | None) -> dict[tuple[str, str], int]:
    """The version of each fact of a row."""
    return {
        (group, name): fact["v"]
        for group, facts in (row["facts"] if row else {}).items()
        for name, fact in facts.items()
    }


@dataclass
class Disk:
    """What outlives the processes of a service: its database."""

    documents: MemoryDocuments = field(default_factory=MemoryDocuments)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    views: WatchedViews = field(default_factory=WatchedViews)
    seats: MemorySeats = field(default_factory=MemorySeats)
    drafts: MemoryDrafts = field(default_factory=MemoryDrafts)

    async def keeps_seats(self) -> bool:
        """Whether seats of a survey that is over for good are still there."""
        for seat in tuple(self.seats._seats.values()):
            found = await self.documents.get(seat.district, "administration", seat.administration)
            over = found is not None and found.state["state"] in ("closed", "cancelled")
            if over and found is not None and not found.state["secret"]:
                return True
        return False


class Reached:
    """A port as one process reaches it: each of its calls goes over the net."""

    def __init__(
        self,
        port: str,
        target: Any,
        process: Process,
        lost: Callable[[], BaseException] = unknown,
    ) -> None:
        self._port, self._target, self._process, self._lost = port, target, process, lost

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)
        process, lost, call = self._process, self._lost, f"{self._port}.{name}"

        async def over_the_net(*arguments: Any, **named: Any) -> Any:
            return await process.net.call(process, call, lambda: method(*arguments, **named), lost)

        self.__dict__[name] = over_the_net
        return over_the_net


class Broker:
    """`producer.EventProducer` of one process. What is sent lands once, twice or three
    times, at once or late, whether or not its producer hears of it."""

    def __init__(self, log: MemoryLog, process: Process) -> None:
        self._log, self._process, self._usable = log, process, False

    async def start(self) -> None:
        await self._process.net.call(
            self._process, "producer.start", self._nothing, lambda: ProducerError("no broker")
        )
        self._usable = True

    async def _nothing(self) -> None:
        return None

    async def send(self, topic: str, key: bytes, value: bytes, headers: Any) -> None:
        process, net = self._process, self._process.net
        await process.gate()
        if not self._usable:
            raise ProducerError("abandoned")

        async def land() -> None:
            self._log.append(topic, key, value, headers)

        copies = 1 if net.chance.random() >= net.trouble else net.chance.randint(2, 3)
        for _ in range(copies - 1):
            net.later(net.chance.random() * 30, land)
        sent = asyncio.ensure_future(
            net.call(
                process,
                f"producer.send {topic} {key.decode()}",
                land,
                lambda: ProducerError("no ack"),
            )
        )
        try:
            await asyncio.sleep(0)
            crash_point("R3")
            await sent
        finally:
            if not sent.done() and net.chance.random() < 0.5:
                net.later(net.chance.random(), land)  # its process died, the packet did not
            sent.cancel()

    async def abandon(self) -> None:
        self._usable = False


@contextlib.contextmanager
def virtual(seed: int) -> Iterator[VirtualLoop]:
    """A loop whose time, and whatever is drawn by chance in the services, hangs on the seed."""
    loop = VirtualLoop()
    drawn = random.Random(seed)
    asyncio.set_event_loop(loop)
    time = SimpleNamespace(monotonic=loop.time)
    with (
        mock.patch("services.chassis.write.relay.time", time),
        mock.patch("services.chassis.write.relay.POLL_SECONDS", 4.0),
        mock.patch("services.chassis.duties.runner.time", time),
        mock.patch("services.chassis.duties.runner.POLL_SECONDS", 4.0),
        mock.patch("services.surveys.administration.domain.UNDERWAY", timedelta(seconds=20)),
        mock.patch("services.chassis.backoff._random", drawn),
        mock.patch("services.chassis.write.races._random", drawn),
        mock.patch("secrets.token_bytes", drawn.randbytes),
    ):
        try:
            yield loop
        finally:
            while tasks := asyncio.all_tasks(loop):
                for task in tasks:
                    task.cancel()
                loop.run_until_complete(asyncio.wait(tasks, timeout=1.0))
            loop.close()
            asyncio.set_event_loop(None)
