"""How an API hears how old its access view is: see `access.trust`."""

from __future__ import annotations

import asyncio

from services.access.trust import Trust
from services.chassis.kernel import Clock
from services.chassis.metrics import ACCESS_AGE, ACCESS_TRUSTED, Metrics
from services.chassis.rounds import rest
from services.chassis.runner import ProcessRole
from services.chassis.views.rows import StoreDown, Views

HEAR_SECONDS = 5.0


def hearing(trust: Trust, views: Views, view: str, clock: Clock, metrics: Metrics) -> ProcessRole:
    """2 reads every five seconds. Where the database does not answer nothing is heard."""
    metrics.of(ACCESS_TRUSTED).set(trust.seconds)
    metrics.of(ACCESS_AGE).set_function(lambda: trust.age)

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                generation = await views.generation(view)
                found = await views.reported(generation.group)
            except StoreDown:
                found = None
            if found is not None and found.partitions:
                now = clock.now()
                ages = {each: (now - at).total_seconds() for each, at in found.as_of.items()}
                trust.hear(found.partitions, ages)
            await rest(stop, HEAR_SECONDS)

    return run
