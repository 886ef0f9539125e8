"""The same lives, while insights is upgraded to a build whose cards read one topic more: both
builds run side by side, are joined, left, killed and taken back, and one of the new stays."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from services.assembly.registry import SERVICES
from services.chassis.views.projection import Projection
from services.insights.caseload.fold import insights_projection
from services.insights.facts import surveys
from tests.support.simulation import Simulation
from tests.support.simulation_net import Met, VirtualLoop, virtual
from tests.support.simulation_people import People, whole_life

NEWER = insights_projection()
OLDER = replace(
    NEWER,
    topics=tuple(each for each in NEWER.topics if each != SERVICES["surveys"].topic),
    folds={name: fold for name, fold in NEWER.folds.items() if name not in surveys.TYPES},
    topics_version=1,
)
STAYS = "insights-0"  # a process that has the newer build in the end
LIVELOCK_SECONDS = 200.0
WARM_UP = 3  # claims that may still be under way when all is quiet


class Rolling(Simulation):
    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        super().__init__(seed, loop)
        self.newer: set[str] = set()  # names of processes

    def _boot(
        self, service: str, name: str, relay: bool, projections: tuple[Projection, ...]
    ) -> None:
        if service == "insights":
            mine = NEWER if name in self.newer else OLDER
            projections = (mine, *(each for each in projections if each.group != mine.group))
        super()._boot(service, name, relay, projections)

    async def havoc(self, seconds: float) -> None:
        rolling = asyncio.ensure_future(self._roll(seconds))
        await super().havoc(seconds)
        await rolling

    async def _roll(self, seconds: float) -> None:
        """Now and then a process of insights is replaced by one of the other build, or one more
        is started."""
        deadline = self.loop.time() + seconds
        while self.loop.time() < deadline:
            await asyncio.sleep(self.chance.random() * 10)
            ours = sorted(name for name in self.running if name.startswith("insights"))
            if len(ours) < 4 and self.chance.random() < 0.4:
                name = f"insights-{len(ours)}"
                self._set(name, self.chance.random() < 0.6)
                self._boot("insights", name, False, self.running[STAYS].projectors)
                continue
            name = self.chance.choice(ours)
            self._set(name, name not in self.newer)
            self.running[name].process.die()

    def _set(self, name: str, newer: bool) -> None:
        self.net.note(f"{name} is to be the {'newer' if newer else 'older'} build")
        (self.newer.add if newer else self.newer.discard)(name)

    def calm(self) -> None:
        super().calm()
        self._set(STAYS, True)  # also where it is dead, and soon started again
        if NEWER not in self.running[STAYS].projectors:
            self.running[STAYS].process.die()

    async def settled(self) -> bool:
        if f"insights/{NEWER.consumers}" not in self.groups:
            return False
        older = self.groups.pop(f"insights/{OLDER.consumers}", None)
        try:
            return await super().settled()
        finally:
            if older is not None:
                self.groups[f"insights/{OLDER.consumers}"] = older

    def claims(self) -> int:
        return sum(one.counts.claims for runs in self.running.values() for one in runs.members)

    def aside(self) -> int:
        return sum(one.counts.aside for runs in self.running.values() for one in runs.members)


async def rolled(simulation: Rolling) -> None:
    await whole_life(simulation, People(simulation))
    before = simulation.claims()
    await asyncio.sleep(LIVELOCK_SECONDS)
    grown = simulation.claims() - before
    assert grown <= WARM_UP * len(simulation.running), f"claimed {grown} times, and all is quiet"


def roll_seed(seed: int, met: Met | None = None) -> list[str]:
    """As `simulation_people.run_seed`; `met` also tells how often a member stood aside at the
    end, and how often builds were side by side."""
    with virtual(seed) as loop:
        simulation = Rolling(seed, loop)
        loop.run_until_complete(rolled(simulation))
        if met is not None:
            met.update(simulation.net.met)
            met["roll", "aside"] += simulation.aside()
            ours = {name for name in simulation.running if name.startswith("insights")}
            met["roll", "side by side"] += bool(ours - simulation.newer)
        return simulation.net.trace
