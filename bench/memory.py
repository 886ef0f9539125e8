"""What processes hold after minutes of steady load, by role. LOAD_MINUTES sets how long.

RSS counts the pages of shared libraries in every process; PSS divides them by those who share
them, so PSS adds up over the processes of a machine."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from typing import Any

from pymongo import MongoClient

from bench.events import history
from bench.machine import memory_mb
from bench.measure import report
from bench.service import access_rows, ensure_indexes, service
from bench.stage import engines, publish, side
from bench.writes import CONNECTIONS, creates, requests_file

RATE = 100
TEACHERS = 10_000  # 12 goals each in 10 minutes: cards stay cards
BACKLOG = 20_000
PROCESSES = {
    "goals, all roles": ("goals", "tandem_goals", ""),
    "goals, api and relay": ("goals", "goals_apart", "api,relay"),
    "goals, projector alone": ("goals", "goals_apart", "projector"),
    "insights, projectors alone": ("insights", "tandem_insights", "projector"),
}


async def run() -> None:
    minutes = float(os.environ.get("LOAD_MINUTES", "10"))
    async with engines("memory") as started, AsyncExitStack() as stack:
        client: MongoClient[dict[str, Any]] = MongoClient(started.mongodb_uri, tz_aware=True)
        for name, database, _ in PROCESSES.values():
            await ensure_indexes(name, started, database)
        for database in ("tandem_goals", "goals_apart"):
            client[database]["access"].insert_many(access_rows(TEACHERS))
        client.close()
        up, held = {}, {}
        for label, (name, database, roles) in PROCESSES.items():
            up[label] = await stack.enter_async_context(
                service(name, started, label=label.replace(" ", "-"), ROLES=roles,
                        MONGODB_DATABASE=database)
            )  # fmt: skip
        held["started"] = {label: memory_mb(each.pid) for label, each in up.items()}
        await publish(started.kafka_bootstrap_servers, history(500, BACKLOG))
        file = str(requests_file("memory", creates("/goals/v1/goals", TEACHERS)))
        said = {}
        for label in ("goals, all roles", "goals, api and relay"):
            asked = {"port": up[label].ports.rest, "requests": file, "rate": RATE,
                     "connections": CONNECTIONS, "seconds": minutes * 60}  # fmt: skip
            said[label] = await side("load", asked)
        held["loaded"] = {label: memory_mb(each.pid) for label, each in up.items()}
    lines = [f"{label}: {each['count']} requests in all" for label, each in said.items()]
    for label in up:
        before, after = held["started"][label], held["loaded"][label]
        lines.append(
            f"{label}: started RSS {before['rss']}, PSS {before['pss']} MB; after a backlog of"
            f" {BACKLOG} and {minutes:g} min at {RATE}/s RSS {after['rss']}, PSS {after['pss']} MB"
        )
    report("memory", {**held, "load": said}, lines)
