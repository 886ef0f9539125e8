"""At the end of a simulated life no view lacks anything, and what one loses is read again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from services.chassis.views.check import Check, Compared
from services.chassis.views.projection import Projection
from services.chassis.views.rows import Generation
from tests.support.journals import MemoryJournals


async def nothing_lacks(
    simulation: Any,
    journals: MemoryJournals,
    service: str,
    projection: Projection,
    collections: Collection[str],
) -> None:
    """`journals` hold all events. Afterwards the rows of these collections are as they were."""
    views = simulation.disks[service].views

    async def at_rest(generation: Generation) -> None: ...

    async def check(mend: bool = False) -> Compared:
        work = Check(views, projection, simulation.clock, simulation.log.partitions, at_rest, mend)
        return await work.run(journals)

    found = await check()
    assert not found.told, f"{service}: a view lacks {found.told[0]}"
    if not collections:
        return
    rows = views.rows[simulation.chance.choice(sorted(collections))]
    del rows[simulation.chance.choice(sorted(rows))]
    found = await check(mend=True)
    assert found.mended == found.lacking > 0, f"{service}: a row is not read again"
