"""Lives in which all about a person is ordered to be erased, held, released and ordered again,
while people work, processes die and stand still, and records come late or unreadable.

Whatever happens, in the end nothing of what was ordered is anywhere, and all else is there.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from unittest import mock

from services.access import artifact_erasures, erasures
from services.access.projection import access_projection
from services.assembly.registry import WRITE_SERVICES
from services.chassis.duties.duty import GIVEN_UP, OPEN, Duty, duties_projection
from services.chassis.duties.memory_todos import MemoryTodos
from services.chassis.duties.runner import DutyRunner
from services.chassis.duties.view import duties_view
from services.chassis.kernel import Fault, Kind
from services.chassis.views.projection import Projection
from services.chassis.views.rows import StoreDown
from services.goals.goal import duties as of_goals
from services.insights.caseload.fold import insights_projection
from services.insights.timeline.fold import timeline_projection
from services.observations.observation import duties as of_observations
from services.privacy.artifact_erasure import duties as of_artifacts
from services.privacy.erasure import duties as of_orders
from services.programs.agreement import duties as of_agreements
from services.programs.enrollment import duties as of_enrollments
from services.programs.record import duties as of_records
from services.programs.relationship import duties as of_relationships
from services.surveys.administration import duties as of_surveys
from tests.support import simulation
from tests.support import simulation_artifacts as alone
from tests.support import simulation_retaining as retaining
from tests.support.duties import Watched
from tests.support.simulation import PARTITIONS, Runs, Simulation
from tests.support.simulation_net import CRASH_POINTS, Broker, Disk, Process, Reached, VirtualLoop

DUTIES: Mapping[str, Sequence[Duty[Any]]] = {
    "goals": (*of_goals.DUTIES, *retaining.ERASES, *alone.DUTIES["goals"]),
    "observations": (*of_observations.DUTIES, *retaining.ERASES, *alone.DUTIES["observations"]),
    "surveys": (*of_surveys.DUTIES, *retaining.ERASES, *alone.DUTIES["surveys"]),
    "programs": (
        *of_relationships.DUTIES,
        *of_agreements.DUTIES,
        *of_enrollments.DUTIES,
        *of_records.DUTIES,
        *retaining.ERASES,
    ),
    "privacy": (*of_orders.DUTIES, *retaining.NOTES, *alone.DUTIES["privacy"]),
}
ROOMS = {
    "goals": "goal",
    "observations": "observation",
    "surveys": "administration",
    "programs": "relationship",
}
OF_ROOMS: Mapping[str, Sequence[Duty[Any]]] = {
    "agreement": of_agreements.DUTIES,
    "enrollment": of_enrollments.DUTIES,
    "record": of_records.DUTIES,
}
# longer than anything that is under way can take to land in such a life
SECOND_LOOK = timedelta(seconds=120)
SOON = timedelta(minutes=1)
SPOILED, SPOILS = b"\xff\xff", 0.05


class Duties:
    """What `simulation_duties` is for other lives."""

    SERVICES = tuple(DUTIES)

    @staticmethod
    def projections(service: str) -> Sequence[Projection]:
        return [duties_projection(service, DUTIES[service])] if service in DUTIES else []

    @staticmethod
    def todos_of(service: str, disk: Disk) -> MemoryTodos:
        return MemoryTodos(disk.views, duties_view(service))

    @staticmethod
    def runner_of(service: str, disk: Disk, process: Process, ports: Any, clock: Any) -> DutyRunner:
        todos: Any = Duties.todos_of(service, disk)
        reached: Any = Reached("todos", todos, process, lambda: StoreDown("no answer"))
        works = [each.on(_on(service, each, ports, clock)) for each in DUTIES[service]]
        return DutyRunner(reached, works, clock, Watched())

    @staticmethod
    async def due(service: str, disk: Disk, clock: Any) -> bool:
        """Whether something is, or will be once a second look is."""
        until = clock.now() + SECOND_LOOK + SOON
        return any(
            each.due <= until and not alone.waits(each)
            for each in await Duties.todos_of(service, disk).list([OPEN])
        )

    @staticmethod
    async def given_up(service: str, disk: Disk) -> Sequence[Any]:
        return await Duties.todos_of(service, disk).list([GIVEN_UP])


def _on(service: str, duty: Duty[Any], ports: Any, clock: Any) -> Any:
    if duty in retaining.NOTES:
        return retaining.clocks(ports, clock)
    if duty in retaining.ERASES:
        return retaining.retained(service, ports)
    if duty in alone.DUTIES.get(service, ()):
        privacy = service == "privacy"
        return alone.orders(ports, clock) if privacy else alone.artifacts(service, ports)
    if service == "privacy":
        return of_orders.DutyPorts(ports.erasure.path, ports.erasure.view, clock)
    room = next((name for name, duties in OF_ROOMS.items() if duty in duties), ROOMS[service])
    return getattr(ports, room)


class Spoiling(Broker):
    """Some of what it sends comes once more, before or after, as nobody can read it."""

    async def send(self, topic: str, key: bytes, value: bytes, headers: Any) -> None:
        net = self._process.net
        chance, share = net.chance, SPOILS if net.trouble else 0.0

        async def spoiled() -> None:
            self._log.append(topic, key, SPOILED + value, headers)

        if chance.random() < share:
            await spoiled()
        if chance.random() < share:
            net.later(chance.random() * 60, spoiled)
        await super().send(topic, key, value, headers)


class Erasing(Simulation):
    """`away`: processes that are not started again for the time being."""

    duties = Duties()

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        super().__init__(seed, loop)
        self.away: set[str] = set()

    def start(self) -> None:
        for service in WRITE_SERVICES:
            views = (access_projection(service), *self.duties.projections(service))
            self._boot(service, service, True, views)
        if self.chance.random() < 0.5:
            self._boot("goals", "goals-relay-2", True, ())
        self._boot("insights", "insights-0", False, INSIGHTS)

    def _boot(
        self, service: str, name: str, relay: bool, projections: tuple[Projection, ...]
    ) -> None:
        points = mock.patch.object(simulation, "CRASH_POINTS", (*CRASH_POINTS, "E1"))
        with points:
            super()._boot(service, name, relay, projections)

    def _died(self, runs: Runs) -> None:
        if runs.name not in self.away:
            super()._died(runs)
            return

        async def forgotten() -> None:
            for source, group in zip(runs.sources, runs.groups, strict=True):
                group.expel(source)

        self.net.later(simulation.SESSION_SECONDS, forgotten)

    async def stays_away(self, name: str, seconds: float) -> None:
        """A process of it dies, and none is started for a long time."""
        self.away.add(name)
        self.running[name].process.die()
        await asyncio.sleep(seconds)
        self.away.discard(name)
        runs = self.running[name]
        if not runs.process.alive:
            self._boot(runs.service, runs.name, runs.relay, runs.projectors)

    async def redriven(self) -> None:
        """Somebody has everything that is parked tried again."""
        for disk in self.disks.values():
            for id_ in list(disk.views.parked):
                await disk.views.redrive(id_)

    async def again(self, most: int = 20) -> None:
        """Records come again, long after newer ones."""
        topics = sorted({topic for topic, _ in self.log._records})
        every = [each for topic in topics for each in self.log.all(topic)]
        for each in self.chance.sample(every, min(most, len(every))):
            assert each.key is not None
            self.log.append(each.topic, each.key, each.value, each.headers)

    async def settled(self) -> bool:
        for service in WRITE_SERVICES:
            if await self.disks[service].documents.pending(1):
                return False
        for service in self.duties.SERVICES:
            if await self.duties.due(service, self.disks[service], self.clock):
                return False
        for name, group in self.groups.items():
            service, _, view = name.partition(".topics-")[0].partition("/")
            views = self.disks[service].views
            build = await views.generation(view)
            for number in range(PARTITIONS):
                fence = views.held.get((build.group, number))
                for topic in group.topics:
                    reached = fence.positions.get(topic, 0) if fence else 0
                    if reached < self.log.end(topic, number):
                        return False
        return True

    async def ask(
        self,
        service: str,
        use_case: Any,
        who: str,
        turn: str,
        *ids: str,
        tries: int = 12,
        **said: Any,
    ) -> Any:
        """None: it was refused, or nobody heard of it, so that nobody knows whether it is so."""
        name, room = use_case.__name__, use_case.__module__.split(".")[-2]
        key = f"{name}/{who}/{turn}/{'/'.join(ids)}"

        def work(ports: Any, call: Any) -> Any:
            return use_case(getattr(ports, room), call, *ids, **said)

        for _ in range(tries):
            try:
                made = await self.command(service, name, who, key, work, patience=1)
            except Fault as fault:
                if fault.kind is not Kind.CONFLICT:
                    raise
                return None
            if made is not None:
                return made
        return None


INSIGHTS = (insights_projection(), timeline_projection(), access_projection("insights"))


@contextlib.contextmanager
def erasing() -> Iterator[None]:
    """In which such a life is lived."""
    later = mock.patch.object(erasures, "SECOND_LOOK", SECOND_LOOK)
    looks = mock.patch.object(artifact_erasures, "SECOND_LOOK", SECOND_LOOK)
    lasts = mock.patch.object(artifact_erasures, "LASTS", alone.LASTS)
    asks = mock.patch.object(of_artifacts, "LASTS", alone.LASTS)
    again = mock.patch.object(of_artifacts, "LOOKS_AGAIN", alone.LOOKS_AGAIN)
    emptied = mock.patch.object(of_surveys, "UNDERWAY", timedelta(seconds=20))
    with (
        later,
        looks,
        lasts,
        asks,
        again,
        emptied,
        mock.patch.object(simulation, "Broker", Spoiling),
    ):
        yield
