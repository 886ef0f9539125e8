"""Engines for one benchmark, a backlog on them, and sides as processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from bench.events import Said
from services.assembly.registry import SERVICES, TOPICS
from services.chassis.log.envelope import headers_of
from services.chassis.log.topics import ensure_topics
from services.ctl.engines import Engines, start_engines

FOLDER = Path(".local/bench").resolve()
ROOT = Path(__file__).resolve().parent.parent


@asynccontextmanager
async def engines(name: str) -> AsyncIterator[Engines]:
    """Kafka with the topics and mongod, both empty; gone at the end."""
    folder = FOLDER / f"{name}-{os.getpid()}"
    started = await start_engines(folder, None, None, env={"PATH": os.environ["PATH"]})
    try:
        await ensure_topics(started.kafka_bootstrap_servers, TOPICS)
        yield started
    finally:
        await started.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def publish(bootstrap: str, said: Iterable[Said], *, hours_ago: int = 0) -> int:
    """Put events on their services' topics, as a relay does but without waiting for each."""
    at = int(time.time() * 1000) - hours_ago * 3_600_000
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", linger_ms=20, max_batch_size=256 * 1024
    )
    await producer.start()
    count = 0
    try:
        sent = []
        for each in said:
            entry = each.entry
            key = entry.event.keys[0]
            headers = headers_of(
                entry.event,
                source=f"/tandem/{each.service}",
                district=entry.district,
                aggregate_id=entry.aggregate_id,
                key=key,
            )
            topic = SERVICES[each.service].topic
            sent.append(
                await producer.send(
                    topic, entry.event.data, key=key.encode(), headers=headers, timestamp_ms=at
                )
            )
            count += 1
            if len(sent) == 5_000:
                await asyncio.gather(*sent)
                sent = []
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
    return count


async def side(
    module: str, given: Mapping[str, Any], cores: str = "", env: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Run `python -m bench.sides.MODULE` to its end; the last line that it prints is JSON."""
    pinned = ["taskset", "-c", cores] if cores else []
    process = await asyncio.create_subprocess_exec(
        *pinned, sys.executable, "-m", f"bench.sides.{module}", json.dumps(given),
        stdout=asyncio.subprocess.PIPE, env={**os.environ, **(env or {})}, cwd=ROOT,
    )  # fmt: skip
    out, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"bench.sides.{module} ended with status {process.returncode}")
    result: dict[str, Any] = json.loads(out.decode().strip().splitlines()[-1])
    return result
