"""A real Kafka broker and a real mongod as child processes on one machine."""

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.ctl.engines.engine import Engine
from services.ctl.engines.errors import EngineError
from services.ctl.engines.kafka import start_kafka
from services.ctl.engines.mongod import Told, start_mongod

__all__ = ["Engine", "EngineError", "Engines", "start_engines", "start_kafka", "start_mongod"]

KAFKA_VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
MONGODB_VARIABLE = "MONGODB_URI"
LEAST_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Engines:
    """Where Kafka and MongoDB answer, and those of the two that were started here."""

    kafka_bootstrap_servers: str
    mongodb_uri: str
    running: tuple[Engine, ...]

    def environment(self) -> dict[str, str]:
        """The variables that tell a service process where the engines are."""
        return {KAFKA_VARIABLE: self.kafka_bootstrap_servers, MONGODB_VARIABLE: self.mongodb_uri}

    async def stop(self) -> None:
        """Ends what was started here, within about 15 s. Safe to call again."""
        await asyncio.gather(*(engine.stop() for engine in self.running))


async def start_engines(
    folder: Path,
    kafka_port: int | None = 9092,
    mongodb_port: int | None = 27017,
    env: Mapping[str, str] = os.environ,
    *,
    mongodb_cache_gb: float = 0.5,
    mongodb_switches: Sequence[str] = (),
) -> Engines:
    """Both engines, started together, with their data under `folder`.

    An address in `env` wins: that engine is not started. A port that is taken, or None, becomes a
    free one. EngineError when one cannot be had; then, as on cancellation, none is left running.
    Call it on a thread that lives as long as the engines shall (see `child.Child`).
    """
    addresses = {name: env.get(name, "") for name in (KAFKA_VARIABLE, MONGODB_VARIABLE)}
    starts = {
        KAFKA_VARIABLE: lambda: start_kafka(folder / "kafka", kafka_port, env=env),
        MONGODB_VARIABLE: lambda: start_mongod(
            folder / "mongodb",
            mongodb_port,
            cache_gb=mongodb_cache_gb,
            told=Told(mongodb_switches),
        ),
    }
    missing = [name for name, address in addresses.items() if not address]
    if missing:
        _check_disk(folder)
    tasks = {name: asyncio.ensure_future(starts[name]()) for name in missing}
    try:
        await asyncio.gather(*tasks.values())
    except BaseException:
        for task in tasks.values():
            task.cancel()
        for outcome in await asyncio.gather(*tasks.values(), return_exceptions=True):
            if isinstance(outcome, Engine):
                await outcome.stop()
        raise
    addresses |= {name: task.result().address for name, task in tasks.items()}
    running = tuple(task.result() for task in tasks.values())
    return Engines(addresses[KAFKA_VARIABLE], addresses[MONGODB_VARIABLE], running)


def _check_disk(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise EngineError(f"only {free // 1_000_000} MB are free in {folder}: 1 GB is needed")
