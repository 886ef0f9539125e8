"""More writes than can be done, the whole platform on two cores: what is still done, how soon it
is answered, how much is refused, and how soon a caseload shows what was accepted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from bench.events import history
from bench.freshness import TEACHERS, prepare
from bench.measure import median, repetitions, report
from bench.service import Server, ensure_indexes, service
from bench.stage import FOLDER, engines, publish, side
from services.ctl.local.stack import SERVICES

FACTORS = (0.5, 1.0, 1.5, 2.0, 3.0)
CLOSED_SECONDS = 10
SECONDS = 15
SETTLING_SECONDS = 5  # after the overload, until all must be as before
MOST = "3.0x"


class Stage:
    def __init__(self, up: dict[str, Server], plan: str) -> None:
        self._up, self._plan = up, plan
        self._number = 0

    async def phases(self, *phases: tuple[str, float, float]) -> list[dict[str, Any]]:
        """Name, seconds and rate of each; one follows the other."""
        asked = {
            "goals_port": self._up["goals"].ports.rest,
            "insights_port": self._up["insights"].ports.rest,
            "plan": self._plan,
            "from": self._number,
            "phases": [
                dict(zip(("name", "seconds", "rate"), each, strict=True)) for each in phases
            ],
        }
        said = await side("overload_side", asked)
        self._number = said["number"]
        done: list[dict[str, Any]] = said["phases"]
        for each in done:
            print("  " + ", ".join(f"{key} {value}" for key, value in each.items()), flush=True)
        return done


async def once(stage: Stage) -> tuple[float, dict[str, dict[str, Any]]]:
    """The capacity, and what came of each multiple of it and after the greatest."""
    await stage.phases(("warm", 3, 0))
    (closed,) = await stage.phases(("closed loop", CLOSED_SECONDS, 0))
    capacity = closed["goodput"]
    found = {}
    for factor in FACTORS:
        name = f"{factor}x"
        phases = [(name, SECONDS, capacity * factor)]
        if name == MOST:
            phases.append(("settling", SETTLING_SECONDS, capacity / 2))
            phases.append(("after", SECONDS, capacity / 2))
        for each in await stage.phases(*phases):
            found[each["phase"]] = {**each, "share": round(each["goodput"] / capacity, 3)}
        await asyncio.sleep(2)
    return capacity, found


def lines(capacities: Sequence[float], samples: dict[str, list[dict[str, Any]]]) -> list[str]:
    told = [f"capacity, closed loop of 32: {median(capacities)} writes/s"]
    for name, those in samples.items():

        def of(key: str, those: Sequence[dict[str, Any]] = those) -> str:
            values = [each[key] for each in those if each[key] is not None]
            return median(values) if values else "-"

        told.append(
            f"{name}: goodput {of('goodput')}/s, {of('share')} of capacity; accepted p50"
            f" {of('p50')} ms, p99 {of('p99')} ms; refused {of('refused_share')}, p99"
            f" {of('refused_p99')} ms; seen p50 {of('seen_p50')} ms, p99 {of('seen_p99')} ms;"
            f" unanswered {of('unanswered')}; the load's own CPU {of('load_cpu')} cores"
        )
    return told


async def run() -> None:
    async with engines("overload") as started, AsyncExitStack() as stack:
        for name in ("goals", "insights"):
            await ensure_indexes(name, started)
        plan = FOLDER / "overload.json"
        plan.write_text(json.dumps(prepare(started.mongodb_uri)))
        await publish(started.kafka_bootstrap_servers, history(TEACHERS, 20_000))
        up = {}
        for name in SERVICES:
            up[name] = await stack.enter_async_context(service(name, started))
        await asyncio.sleep(10)
        stage = Stage(up, str(plan))
        capacities, samples = [], {}
        for _ in range(repetitions(3)):
            capacity, found = await once(stage)
            capacities.append(capacity)
            for name, each in found.items():
                samples.setdefault(name, []).append(each)
    report("overload", {"capacity": capacities, **samples}, lines(capacities, samples))
