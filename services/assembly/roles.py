"""What a process runs, as roles that say whether they are alive."""

from __future__ import annotations

import asyncio
from typing import Protocol

from services.chassis.edge.health import Health
from services.chassis.metrics import Metrics
from services.chassis.observe import observe_projector
from services.chassis.rounds import Beat
from services.chassis.runner import ProcessRole
from services.chassis.views.projector import Projector


def watched(name: str, projector: Projector, health: Health, metrics: Metrics) -> ProcessRole:
    """A projector, whose counts become metrics."""

    def waits() -> str:
        silent = ", ".join(map(str, sorted(projector.silent)))
        return f"partitions that do not answer: {silent}" if silent else ""

    async def run(stop: asyncio.Event) -> None:
        health.watch(f"projector.{name}", projector.beat.moves)
        health.note(f"projector.{name}", waits)
        async with asyncio.TaskGroup() as group:
            group.create_task(observe_projector(projector, metrics, stop))
            await projector.run(stop)

    return run


class Moving(Protocol):
    """What works in rounds."""

    @property
    def beat(self) -> Beat: ...

    async def run(self, stop: asyncio.Event) -> None: ...

    async def round(self) -> int:
        """How much was done."""


def moving(name: str, each: Moving, health: Health) -> ProcessRole:
    async def run(stop: asyncio.Event) -> None:
        health.watch(name, each.beat.moves)
        await each.run(stop)

    return run
