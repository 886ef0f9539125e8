"""Which districts' rosters have not come in time: no import of one was good for longer than the
district expects, be it that none was sent or that all have failed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.access.districts import Districts
from services.chassis.kernel import Clock, Fault
from services.chassis.metrics import IMPORTS_LATE, Metrics
from services.chassis.rounds import Beat, rest
from services.roster.imports.jobs import Jobs

EVERY_SECONDS = 60.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Coming:
    """`within`: by when after a good import the district expects the next one; `last`: when the
    last good one had ended, None where none is known."""

    within: timedelta
    last: datetime | None

    def late(self, now: datetime) -> bool:
        return self.last is None or now - self.last > self.within


async def coming(districts: Districts, jobs: Jobs) -> Mapping[str, Coming]:
    """Of each district that expects its roster. 1 database command each. Raises Fault
    UNAVAILABLE."""
    return {
        name: Coming(within, await jobs.last_good(name))
        for name, district in districts.by_name.items()
        if (within := district.roster_within) is not None
    }


class LateRosters:
    """Tells the metric how many are late, once a minute."""

    def __init__(self, districts: Districts, jobs: Jobs, clock: Clock, metrics: Metrics) -> None:
        self._districts, self._jobs, self._clock = districts, jobs, clock
        self._metric = metrics.of(IMPORTS_LATE)
        self.beat = Beat()

    async def round(self) -> int:
        """How many are late. Raises Fault UNAVAILABLE."""
        found = await coming(self._districts, self._jobs)
        late = sum(each.late(self._clock.now()) for each in found.values())
        self._metric.set(late)
        return late

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self.beat.turn()
            try:
                await self.round()
            except Fault as fault:
                log.warning("whether rosters are late is not known: %s", fault.code)
            await rest(stop, EVERY_SECONDS)
