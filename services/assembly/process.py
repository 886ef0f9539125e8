"""The body of every service's `__main__`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from services.assembly.registry import SERVICES
from services.assembly.service import VERSION
from services.chassis import logs
from services.chassis.backing import Backing, kafka_mongo
from services.chassis.edge.health import Health
from services.chassis.runner import ProcessRole, main, run, spare_collector
from services.chassis.settings import ChassisSettings, load
from services.chassis.tracing import Tracer
from services.chassis.write.find_indexes import FindIndex

SPANS_SECONDS = 1.0  # for the last spans

S = TypeVar("S", bound=ChassisSettings)


class Runnable(Protocol):
    @property
    def roles(self) -> Mapping[str, ProcessRole]: ...
    @property
    def internal(self) -> ProcessRole: ...
    @property
    def health(self) -> Health: ...
    @property
    def tracer(self) -> Tracer: ...
    @property
    def last(self) -> Mapping[str, ProcessRole]: ...


def run_service(
    service: str,
    settings_type: type[S],
    build: Callable[[S, Backing], Runnable],
    indexes: Sequence[FindIndex],
) -> None:
    """Read the settings, build the service on its engines and run its roles; ends the
    process with exit code 0 after a signal, 1 after a failure, 2 for a bad setting."""

    async def start() -> int:
        settings = load(settings_type)
        logs.setup(service, VERSION, settings.log_level)
        backing = kafka_mongo(service, settings, SERVICES[service].database, indexes)
        built = build(settings, backing)
        spare_collector()
        code = await run(
            service,
            settings,
            built.roles,
            always={"internal": built.internal, **built.last},
            leaving=built.health.leaving,
        )
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(built.tracer.stop), SPANS_SECONDS)
        return code

    main(service, start)
