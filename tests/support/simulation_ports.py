"""The ports of the write services in the simulation: real use cases on stores over its net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.access.access import Access
from services.access.days import Days
from services.access.directory import CachedDirectory, Directory
from services.access.districts import District, Districts
from services.access.known import TiesAsStored
from services.access.projection import COLLECTION, SCHOOL_DAYS, access_projection
from services.access.school_days import SchoolDays
from services.chassis.kernel import Fault, Kind
from services.chassis.views.projection import Row
from services.chassis.write.bell import LocalBell
from services.chassis.write.entries import Entries
from services.chassis.write.memory_sealing import MemorySealingKey
from services.chassis.write.summaries import Summaries
from services.chassis.write.write_path import WritePath
from services.ctl.local.ensure import bootstrap_of
from services.privacy.look.memory_looks import MemoryLooks
from services.roster.imports.memory_identifiers import MemoryIdentifiers
from services.roster.imports.memory_jobs import MemoryJobs
from tests.support.simulation_net import Disk, Process, Reached

DISTRICTS = Districts({"north": District(small_n=5)})


class _Rows:
    """The access rows of a service, read over the net."""

    def __init__(self, service: str, disk: Disk, process: Process) -> None:
        self._view = access_projection(service).group
        self._views = disk.views
        self._process = process

    async def access_rows(self, ids: Sequence[str]) -> Mapping[str, Row]:
        async def read() -> Mapping[str, Row]:
            generation = await self._views.generation(self._view)
            found = await self._views.load(generation, {COLLECTION: ids})
            return {row_id: row for (_, row_id), row in found.items()}

        def lost() -> Fault:
            return Fault(Kind.UNAVAILABLE, "store_unavailable")

        return await self._process.net.call(self._process, "access.row", read, lost)

    async def school_days(self, district: str, most: int) -> Sequence[Row]:
        async def read() -> Sequence[Row]:
            generation = await self._views.generation(self._view)
            found = [row async for row in self._views.scan(generation, SCHOOL_DAYS)]
            return [row for row in found if row["district"] == district][:most]

        def lost() -> Fault:
            return Fault(Kind.UNAVAILABLE, "store_unavailable")

        return await self._process.net.call(self._process, "access.days", read, lost)


@dataclass(frozen=True)
class _Parts:
    """What a bootstrap makes ports of, over the net."""

    path: Any
    store: Any
    journal: Any
    directory: CachedDirectory
    days: Days
    school_days: SchoolDays
    clock: Any
    drafts: Any
    sealing: Any

    def summaries(self, codec: Any) -> Any:
        return Summaries(self.store, codec)

    def entries(self, codec: Any) -> Any:
        return Entries(self.store, self.journal, codec)

    def access_for(
        self, policies: Any, people: Directory | None = None, ties: TiesAsStored | None = None
    ) -> Access:
        return Access(policies, people or self.directory, self.clock, self.days, ties=ties)


def ports_of(service: str, disk: Disk, process: Process, bell: LocalBell, clock: Any) -> Any:
    """The ports of a write service, as its bootstrap makes them."""
    store: Any = Reached("documents", disk.documents, process)
    rows = _Rows(service, disk, process)
    directory = CachedDirectory(rows, seconds=0, monotonic=process.net.loop.time)
    days = Days(DISTRICTS)

    def path(codec: Any) -> Any:
        return WritePath(store, codec, clock, bell, monotonic=process.net.loop.time)

    journal: Any = Reached("journal", disk.journal, process)
    drafts = Reached("drafts", disk.drafts, process)
    known = SchoolDays(rows, days, directory, cached=False)
    parts = _Parts(path, store, journal, directory, days, known, clock, drafts, MemorySealingKey())
    more: dict[str, Any] = {}
    if service == "roster":
        more = {"most_removals": 1.0, "jobs": MemoryJobs(), "identifiers": MemoryIdentifiers()}
    if service == "surveys":
        more = {"seats": Reached("seats", disk.seats, process)}
    if service == "privacy":
        more = {"looks": MemoryLooks()}
    bootstrap = bootstrap_of(service)
    return bootstrap.ports(parts, bootstrap.policies(), **more)
