"""The whole platform under one seeded scheduler: the real use cases, relays, projectors and
access decisions on stores and a log in memory (see `simulation_net`)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from services.access.projection import access_projection
from services.assembly.registry import SERVICES, WRITE_SERVICES
from services.chassis.call import Call, Principal
from services.chassis.crash_points import Crashed, crash_point
from services.chassis.kernel import Fault, Kind
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.log.source import SourceDown
from services.chassis.views.batch import Limits
from services.chassis.views.projection import Projection
from services.chassis.views.projector import Projector, Timing
from services.chassis.views.rows import Outcome, StoreDown
from services.chassis.write.bell import LocalBell
from services.chassis.write.relay import Relay
from services.insights.caseload.fold import insights_projection
from services.insights.timeline.fold import timeline_projection
from tests.support import simulation_duties
from tests.support.simulation_net import (
    CRASH_POINTS,
    Broker,
    Disk,
    Net,
    Process,
    Reached,
    VirtualClock,
    VirtualLoop,
)
from tests.support.simulation_ports import ports_of

PARTITIONS = 2
# what a caller is told who must ask again: also while the projections have not caught up
LATER = (Kind.UNAVAILABLE, Kind.LIMITED, Kind.FORBIDDEN, Kind.NOT_FOUND, Kind.INVALID)
SESSION_SECONDS = 6.0
TIMING = Timing(wait=4.0, tick=2.0, reread=30.0, save=3.0)
LIMITS = Limits(records=7, burst=20, behind=3, rows=4, cache_bytes=5_000)


class _Views(Reached):
    """`rows.Views` over the net; a commit tells an unknown outcome instead of raising."""

    async def commit(self, batch: Any) -> Outcome:
        crash_point("C2")
        try:
            outcome: Outcome = await self._process.net.call(
                self._process,
                "views.commit",
                lambda: self._target.commit(batch),
                lambda: StoreDown("?"),
            )
        except StoreDown:
            return Outcome.UNKNOWN
        return outcome


class _Source(MemorySource):
    """A member whose group learns of its death only by its silence."""

    def __init__(self, group: MemoryGroup, process: Process, clock: VirtualClock) -> None:
        super().__init__(group, now=clock.now)
        self._process = process

    async def fetch(self, most: int, ahead: int, wait: float) -> Any:
        process, net = self._process, self._process.net
        await process.pause(net.chance.random() * 0.02)
        if net.chance.random() < net.trouble / 2:
            raise SourceDown("no broker")
        found = await super().fetch(most, ahead, wait)
        await process.gate()
        return found

    async def start(self) -> None:
        await self._process.gate()
        await super().start()

    async def stop(self) -> None:
        if self._process.alive:
            await super().stop()


@dataclass
class Runs:
    """One process of a service and how it is started again. `kind`: `all` or `relay`."""

    service: str
    name: str
    relay: bool
    projectors: tuple[Projection, ...]
    process: Process
    ports: Any = None
    sources: list[_Source] = field(default_factory=list)
    groups: list[MemoryGroup] = field(default_factory=list)
    members: list[Projector] = field(default_factory=list)


class Simulation:
    """Everything of one seed. `trouble`: the chance that a call fails while faults last. `duties`:
    which are done, and how."""

    duties: Any = simulation_duties

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        self.chance = random.Random(seed)
        self.loop, self.clock = loop, VirtualClock(loop)
        self.trouble = self.chance.choice((0.0, 0.02, 0.1, 0.3))
        self.net = Net(self.chance, self.trouble, loop)
        self.log = MemoryLog(PARTITIONS)
        self.disks = {name: Disk() for name in SERVICES}
        self.running: dict[str, Runs] = {}
        self.groups: dict[str, MemoryGroup] = {}
        self.faults = True
        self.failures: list[BaseException] = []

    def start(self) -> None:
        for service in WRITE_SERVICES:
            views = (access_projection(service), *self.duties.projections(service))
            self._boot(service, service, True, views)
        if self.chance.random() < 0.5:
            self._boot("goals", "goals-relay-2", True, ())
        insights = (insights_projection(), timeline_projection(), access_projection("insights"))
        for number in range(self.chance.choice((1, 2))):
            self._boot("insights", f"insights-{number}", False, insights)

    def _boot(
        self, service: str, name: str, relay: bool, projections: tuple[Projection, ...]
    ) -> None:
        armed = self.chance.choice(CRASH_POINTS) if self.faults else ""
        process = Process(
            name, self.net, armed if self.chance.random() < 0.6 else "", self.chance.randint(1, 6)
        )
        runs = Runs(service, name, relay, projections, process)
        self.running[name] = runs
        process.on_death = lambda: self._died(runs)
        disk, bell = self.disks[service], LocalBell()
        stop = asyncio.Event()
        if service in WRITE_SERVICES:
            runs.ports = ports_of(service, disk, process, bell, self.clock)
        if service in self.duties.SERVICES and name == service:
            runner = self.duties.runner_of(service, disk, process, runs.ports, self.clock)
            self._watch(process.spawn(runner.run(stop)))
        if relay:
            outbox: Any = Reached("outbox", disk.documents, process)
            journal: Any = Reached("journal", disk.journal, process)
            one = Relay(
                outbox,
                journal,
                lambda: Broker(self.log, process),
                topic=SERVICES[service].topic,
                source=SERVICES[service].source,
                bell=bell,
            )
            self._watch(process.spawn(one.run(stop)))
        for projection in projections:
            group = self.groups.setdefault(
                f"{service}/{projection.consumers}", MemoryGroup(self.log, projection.topics)
            )
            source = _Source(group, process, self.clock)
            runs.sources.append(source)
            runs.groups.append(group)
            views: Any = _Views("views", disk.views, process, lambda: StoreDown("no answer"))
            projector = Projector(source, views, projection, self.clock, LIMITS, TIMING)
            runs.members.append(projector)
            self._watch(process.spawn(projector.run(stop)))

    def _watch(self, task: asyncio.Task[None]) -> None:
        def ended(done: asyncio.Task[None]) -> None:
            error = None if done.cancelled() else done.exception()
            if error is not None and not isinstance(error, Crashed):
                self.failures.append(error)

        task.add_done_callback(ended)

    def _died(self, runs: Runs) -> None:
        """Its groups miss it after a session timeout; it is started again soon."""

        async def forgotten() -> None:
            for source, group in zip(runs.sources, runs.groups, strict=True):
                group.expel(source)

        async def again() -> None:
            self._boot(runs.service, runs.name, runs.relay, runs.projectors)

        self.net.later(SESSION_SECONDS, forgotten)
        self.net.later(0.1 + self.chance.random() * 3, again)

    async def havoc(self, seconds: float) -> None:
        """Processes die and stand still, at any moment, for a while."""
        deadline = self.loop.time() + seconds
        while self.loop.time() < deadline:
            await asyncio.sleep(self.chance.random() * 12)
            runs = self.running[self.chance.choice(sorted(self.running))]
            if self.chance.random() < 0.5:
                runs.process.die()
            else:
                await self._freeze(runs)

    async def _freeze(self, runs: Runs) -> None:
        runs.process.stand_still()
        seconds = self.chance.random() * 3 * SESSION_SECONDS
        self.net.note(f"{runs.name} stands still for {seconds:.1f} s")

        async def missed() -> None:
            for source, group in zip(runs.sources, runs.groups, strict=True):
                group.expel(source)

        async def woken() -> None:
            runs.process.wake()
            await asyncio.sleep(self.chance.random() * 3)  # a zombie, until its heartbeat fails
            for source, group in zip(runs.sources, runs.groups, strict=True):
                if runs.process.alive and source not in group._members:
                    group.join(source)

        if seconds > SESSION_SECONDS:
            self.net.later(SESSION_SECONDS, missed)
        self.net.later(seconds, woken)

    def storm(self) -> None:
        """Faults again."""
        self.faults, self.net.trouble = True, self.trouble

    def calm(self) -> None:
        """No fault from now on; what is dead or stands still comes back by itself."""
        self.faults, self.net.trouble = False, 0.0
        for runs in self.running.values():
            runs.process.armed = ""

    # commands

    async def command(
        self,
        service: str,
        operation: str,
        person: str,
        key: str,
        work: Callable[[Any, Call], Awaitable[Any]],
        patience: int = 400,
    ) -> Any:
        """Ask until it is answered, always under the same key. None: its caller went away."""
        principal = Principal("north", person=person)
        if person == "sis":
            principal = Principal("north", partner="sis", scopes=frozenset({"imports.write"}))
        last: Fault | None = None
        for _ in range(patience):
            runs = self.running[service]

            async def answer(ports: Any = runs.ports) -> Any:
                result = await work(ports, Call(operation, principal, key, f"print of {key}"))
                crash_point("W3")
                return result

            if runs.process.alive:
                task = runs.process.spawn(answer())
                try:
                    return await task
                except (Crashed, asyncio.CancelledError):
                    pass
                except Fault as fault:
                    if fault.kind not in LATER:
                        raise
                    last = fault
                finally:
                    runs.process.tasks.remove(task)
            self.nothing_went_back()
            await asyncio.sleep(0.2 + self.chance.random() * 1.5)
        if patience > 1:
            raise AssertionError(f"{operation} is never answered: {last}")
        return None

    # the end

    def nothing_went_back(self) -> None:
        told = [each for disk in self.disks.values() for each in disk.views.went_back]
        assert not told, f"a fact went back: {told[:3]}"

    async def rest(self) -> None:
        """Return when there is nothing to do any more."""
        await self.net.landed()
        for _ in range(400):  # what is asked again about one thing looks twice each time
            if await self.settled():
                return
            await asyncio.sleep(1)
        assert await self.settled(), "the platform does not come to rest"

    async def settled(self) -> bool:
        for service in WRITE_SERVICES:
            if await self.disks[service].documents.pending(1):
                return False
        if await self.disks["surveys"].keeps_seats():
            return False
        for service in self.duties.SERVICES:
            if await self.duties.due(service, self.disks[service], self.clock):
                return False
        for name, group in self.groups.items():
            service, _, view = name.partition(".topics-")[0].partition("/")
            views = self.disks[service].views
            for number in range(PARTITIONS):
                fence = views.held.get((f"{view}.0", number))
                for topic in group.topics:
                    reached = fence.positions.get(topic, 0) if fence else 0
                    if reached < self.log.end(topic, number):
                        return False
        return True
