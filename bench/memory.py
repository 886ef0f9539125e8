"""What processes hold after minutes of steady load, and after a backlog on top of it, by role.
LOAD_MINUTES sets how long.

RSS counts the pages of shared libraries in every process; PSS divides them by those who share
them, so PSS adds up over the processes of a machine."""

from __future__ import annotations

import asyncio
import os
import urllib.request
from contextlib import AsyncExitStack
from typing import Any

from pymongo import MongoClient

from bench.events import history
from bench.machine import memory_mb
from bench.measure import report
from bench.service import access_rows, ensure_indexes, service
from bench.stage import engines, publish, side
from bench.writes import CONNECTIONS, creates, requests_file
from services.assembly.registry import SERVICES
from services.chassis.metrics import CONSUMER_LAG

RATE = 100
TEACHERS = 10_000  # 12 goals each in 10 minutes: cards stay cards
BACKLOG = 20_000
CAUGHT_UP_SECONDS = 15.0  # many times what a backlog of that size takes
STAGES: tuple[dict[str, tuple[str, str]], ...] = (  # engines of their own: one group, one process
    {"goals, all roles": ("goals", ""), "insights, all roles": ("insights", "")},
    {
        "goals, api and relay": ("goals", "api,relay"),
        "goals, projector alone": ("goals", "projector"),
        "insights, projectors alone": ("insights", "projector"),
    },
)


async def run() -> None:
    minutes = float(os.environ.get("LOAD_MINUTES", "10"))
    kept: dict[str, Any] = {}
    lines: list[str] = []
    for processes in STAGES:
        async with engines("memory") as started, AsyncExitStack() as stack:
            for name in ("goals", "insights"):
                await ensure_indexes(name, started)
            client: MongoClient[dict[str, Any]] = MongoClient(started.mongodb_uri, tz_aware=True)
            client[SERVICES["goals"].database]["access"].insert_many(access_rows(TEACHERS))
            client.close()
            up = {
                label: await stack.enter_async_context(
                    service(name, started, label=label.replace(" ", "-"), ROLES=roles)
                )
                for label, (name, roles) in processes.items()
            }
            before = {label: memory_mb(each.pid) for label, each in up.items()}
            serving = up[next(iter(processes))]
            file = str(requests_file("memory", creates("/goals/v1/goals", TEACHERS)))
            asked = {"port": serving.ports.rest, "requests": file, "rate": RATE,
                     "connections": CONNECTIONS, "seconds": minutes * 60}  # fmt: skip
            load = await side("load", asked)
            loaded = {label: memory_mb(each.pid) for label, each in up.items()}
            await publish(started.kafka_bootstrap_servers, history(500, BACKLOG))
            await asyncio.sleep(CAUGHT_UP_SECONDS)
            for label, each in up.items():
                if _lag(each.ports.internal):
                    raise SystemExit(f"{label} is still behind: too busy a machine")
                last = memory_mb(each.pid)
                kept[label] = {
                    "started": before[label], "loaded": loaded[label], "load": load,
                    "backlog": last,
                }  # fmt: skip
                lines.append(
                    f"{label}: started {_said(before[label])}; after {load['count']} writes in"
                    f" {minutes:g} min {_said(loaded[label])}; after a backlog of {BACKLOG} on top"
                    f" {_said(last)}"
                )
    report("memory", kept, lines)


def _lag(internal: int) -> float:
    """Records that the projectors of a process have yet to read; 0 without projectors."""
    with urllib.request.urlopen(f"http://127.0.0.1:{internal}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(CONSUMER_LAG.name))


def _said(memory: dict[str, float]) -> str:
    return f"RSS {memory['rss']} PSS {memory['pss']} MB"
