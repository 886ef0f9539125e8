"""A projector dies by SIGKILL inside a transaction: how long until every partition's cards
change again, with a second member of its group beside it."""

from __future__ import annotations

import asyncio
import os
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from itertools import islice
from typing import Any

from pymongo import MongoClient

from bench.events import Said, history
from bench.measure import alternate, median, repetitions, report
from bench.service import Server, ensure_indexes, service
from bench.stage import engines, publish
from services.assembly.registry import SERVICES
from services.chassis.log.topics import PARTITIONS
from services.chassis.settings import ChassisSettings
from services.ctl.engines import Engines

TEACHERS = 500
EVENTS = 250  # published at a time
AT = "C2:5"  # written inside the fifth transaction, not yet committed
PATIENCE_SECONDS = 300
DATABASE = SERVICES["insights"].database


def session_seconds() -> float:
    default = ChassisSettings.model_fields["consumer_session_seconds"].default
    return float(os.environ.get("CONSUMER_SESSION_SECONDS", default))


async def run() -> None:
    async with engines("takeover") as started:
        await ensure_indexes("insights", started)
        events = history(TEACHERS, 10_000_000)
        samples = await alternate(
            ["kill -9 in C2"], lambda _: _once(started, events), repetitions(3)
        )
    took = median([each["seconds"] for those in samples.values() for each in those])
    limit = session_seconds() + 5
    line = (
        f"cards of all partitions change again after {took} s; session timeout"
        f" {session_seconds():g} s, target {limit:g} s"
    )
    report("takeover", samples, [line])


async def _once(started: Engines, events: Iterator[Said]) -> dict[str, Any]:
    told = {"ROLES": "projector.cards", "ENVIRONMENT": "test"}
    client: MongoClient[dict[str, Any]] = MongoClient(started.mongodb_uri)
    fences = client[DATABASE]["view_fences"]
    async with AsyncExitStack() as stack:
        doomed = await stack.enter_async_context(
            service("insights", started, label="doomed", TANDEM_CRASH_AT=AT, **told)
        )
        other = await stack.enter_async_context(service("insights", started, label="other", **told))
        await _until(lambda: [held(doomed), held(other)] == [PARTITIONS // 2] * 2, 0.2)
        speaking = asyncio.create_task(_speak(started, events))
        await _until(lambda: doomed.process.poll() is not None, 0.01)
        died, before = time.monotonic(), _positions(fences)

        def changed() -> bool:
            now = _positions(fences)
            moved = [number for number in now if now[number] != before.get(number)]
            return len(moved) == PARTITIONS

        await _until(changed, 0.05)
        took = time.monotonic() - died
        speaking.cancel()
    return {"seconds": round(took, 2), "session": session_seconds()}


async def _until(true: Callable[[], bool], every: float) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        if time.monotonic() > end:
            raise SystemExit(f"nothing came of it in {PATIENCE_SECONDS} s")
        await asyncio.sleep(every)


async def _speak(started: Engines, events: Iterator[Said]) -> None:
    while True:
        await publish(started.kafka_bootstrap_servers, islice(events, EVENTS))
        await asyncio.sleep(0.2)


def held(member: Server) -> int:
    """The partition numbers of one topic that a member holds, from its metrics."""
    url = f"http://127.0.0.1:{member.ports.internal}/metrics"
    with urllib.request.urlopen(url, timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    named = 'tandem_consumer_assigned_partitions{group="insights"}'
    return next((int(float(line.split()[-1])) for line in lines if line.startswith(named)), 0)


def _positions(fences: Any) -> dict[str, Any]:
    return {
        each["_id"]: each.get("positions")
        for each in fences.find({"_id": {"$regex": r"^insights\.\d+:"}})
    }
