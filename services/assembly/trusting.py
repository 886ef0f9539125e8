"""How an API hears how old its access view is: see `access.trust`."""

from __future__ import annotations

import asyncio

from services.access.trust import Trust
from services.chassis.kernel import Clock
from services.chassis.rounds import rest
from services.chassis.runner import ProcessRole
from services.chassis.views.rows import StoreDown, Views

HEAR_SECONDS = 5.0


def hearing(trust: Trust, views: Views, view: str, clock: Clock) -> ProcessRole:
    """2 reads every five seconds. Where the database does not answer nothing is heard."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                generation = await views.generation(view)
                as_of = await views.freshness(generation.group)
            except StoreDown:
                as_of = None
            if as_of is not None:
                trust.hear((clock.now() - as_of).total_seconds())
            await rest(stop, HEAR_SECONDS)

    return run
