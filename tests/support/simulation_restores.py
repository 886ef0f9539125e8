"""What an operator does in a simulated district: views are built anew, and the database of one
service is restored from an earlier moment, as docs/operating.md says."""

from __future__ import annotations

import asyncio
import contextlib
import copy
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from services.access.projection import access_projection
from services.assembly.registry import SERVICES, WRITE_SERVICES
from services.chassis.duties.duty import COLLECTION
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.views.projection import Projection
from services.chassis.views.rebuild import Rebuild
from services.chassis.views.rows import Generation
from services.chassis.write.documents import JournalEntry
from services.ctl.doctor.stored import of_builds
from services.ctl.exits import Stop
from services.ctl.rebuilding import go_back
from tests.support.held import held_of
from tests.support.journals import MemoryJournals
from tests.support.simulation import PARTITIONS
from tests.support.simulation_erasures import INSIGHTS, Erasing
from tests.support.simulation_net import Disk, WatchedViews

_OF_A_RUN = ("state", "due", "tries", "error", "by", "settled_at", "forget_at")


class EveryJournal:
    """`views.rebuild.Journals` of all services."""

    def __init__(self, disks: Mapping[str, Disk]) -> None:
        self._journals = [MemoryJournals(disks[name].journal) for name in WRITE_SERVICES]

    async def newest(
        self, replacing: Sequence[Sequence[str]]
    ) -> AsyncIterator[Sequence[JournalEntry]]:
        for each in self._journals:
            async for found in each.newest(replacing):
                yield found

    async def every(self, aggregate: str) -> AsyncIterator[Sequence[JournalEntry]]:
        for each in self._journals:
            async for found in each.every(aggregate):
                yield found


def projections_of(simulation: Erasing, service: str) -> Sequence[Projection]:
    if service == "insights":
        return INSIGHTS
    return (access_projection(service), *simulation.duties.projections(service))


class Dead(BaseException):
    """Who rebuilds is no more, and takes nothing away."""


class Ends:
    """Views, until this one is called on them."""

    def __init__(self, views: Any, call: str) -> None:
        self._views, self._call = views, call

    def __getattr__(self, name: str) -> Any:
        if name == self._call:
            raise Dead
        return getattr(self._views, name)


async def rebuilt(
    simulation: Erasing,
    service: str,
    projection: Projection,
    same_topics: bool = True,
    ends_at: str = "",
) -> None:
    """As `ctl.rebuilding` does it. Such a life is over before a rebuild would not read all of a
    topic."""
    views, log = simulation.disks[service].views, simulation.log
    old = await views.generation(projection.group)

    async def no_indexes(_: Generation) -> None: ...

    reached: Any = Ends(views, ends_at)
    work = Rebuild(reached, projection, simulation.clock, PARTITIONS, no_indexes)
    new = await work.fold_journals(EveryJournal(simulation.disks), {})
    group = MemoryGroup(log, projection.topics)
    source = MemorySource(group, now=simulation.clock.now)
    await work.catch_up(new, source, log.ends(projection.topics))
    known = views.rows.get(old.collection(COLLECTION), {})
    for id_, row in views.rows.get(new.collection(COLLECTION), {}).items():
        row.update({name: known[id_][name] for name in _OF_A_RUN if name in known.get(id_, {})})
    await work.come_into_use(old, new, same_topics)


async def some_rebuilt(simulation: Erasing) -> None:
    """While all go on. Some of it dies before it is done, and is begun again where the doctor tells
    of what is left; now and then somebody goes back."""
    chance = simulation.chance
    for _ in range(3):
        await asyncio.sleep(chance.random() * 100)
        service = chance.choice(sorted(SERVICES))
        projection = chance.choice(projections_of(simulation, service))
        ends_at = chance.choice(["", "come_into_use", "drop_unwanted"])
        with contextlib.suppress(Dead):
            await rebuilt(simulation, service, projection, ends_at=ends_at)
        await asyncio.sleep(chance.random() * 100)
        views = simulation.disks[service].views
        if of_builds(await views.builds(projection.group)):
            await rebuilt(simulation, service, projection)
        elif chance.random() < 0.3:
            with contextlib.suppress(Stop):
                held = held_of(simulation.log, projection.topics)
                await go_back(projection.group, views, held)


class Backup:
    """Of one service, at one moment."""

    def __init__(self, simulation: Erasing, service: str) -> None:
        self.service = service
        self._disk = copy.deepcopy(simulation.disks[service])

    async def restore(self, simulation: Erasing) -> None:
        """All others are restored as they are now; topics and insights are lost."""
        names = list(simulation.running)
        simulation.away.update(names)
        for runs in simulation.running.values():
            runs.process.die()
        await simulation.net.landed()
        for name in WRITE_SERVICES:
            simulation.log.make_again(SERVICES[name].topic)
        simulation.groups.clear()
        simulation.running.clear()
        simulation.disks[self.service] = self._disk
        simulation.disks["insights"].views = WatchedViews()
        for service in WRITE_SERVICES:
            simulation._boot(service, f"{service}-relay", True, ())
        await self._published(simulation)
        for service in SERVICES:
            for projection in projections_of(simulation, service):
                await rebuilt(simulation, service, projection, same_topics=False)
        simulation.away.update(simulation.running)
        for runs in list(simulation.running.values()):
            runs.process.die()
        await simulation.net.landed()
        simulation.running.clear()
        simulation.away.clear()
        simulation.start()

    async def _published(self, simulation: Erasing) -> None:
        for _ in range(100):
            waiting: list[Any] = []
            for service in WRITE_SERVICES:
                waiting += await simulation.disks[service].documents.pending(1)
            if not waiting:
                return
            await asyncio.sleep(1)
        raise AssertionError("what a backup had in an outbox is not published")
