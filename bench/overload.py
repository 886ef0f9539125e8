"""More writes than can be done, the whole platform on two cores: what is still done, how soon it
is answered, how much is refused, and how soon a caseload shows what was accepted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

from bench.events import history
from bench.freshness import TEACHERS, prepare
from bench.measure import median, repetitions, report
from bench.service import Server, ensure_indexes, service
from bench.stage import FOLDER, engines, publish, side
from services.assembly.registry import SERVICES
from services.ctl.engines import Engines

TIMES = (0.5, 1.0, 1.5, 2.0, 3.0)
ROUNDS = 4
CAPACITY = "closed loop of 16"
CLOSED_SECONDS = 3
SECONDS = 5
LONG_SECONDS = 15
SETTLING_SECONDS = 5  # after the overload, until all must be as before
Phase = tuple[str, float, float]  # name, seconds, times the capacity; 0: what that is


def phases() -> list[Phase]:
    """Before and after each load the capacity, all of them short: a machine is not as fast at
    all times. At the end the greatest load for longer, and what follows it. What is measured
    for a short time leaves more of its events to be published after it, so the capacity beside
    a long load is measured for as long."""
    made: list[Phase] = [("warm", 3, 0)]
    for times in TIMES * ROUNDS:
        made += [(CAPACITY, CLOSED_SECONDS, 0), (f"{times}x", SECONDS, times)]
    longer: Phase = (CAPACITY, LONG_SECONDS, 0)
    made += [longer, (f"{TIMES[-1]}x for longer", LONG_SECONDS, TIMES[-1])]
    return [*made, ("settling", SETTLING_SECONDS, 0.5), ("0.5x after it", SECONDS, 0.5), longer]


async def once(up: Mapping[str, Server], started: Engines, plan: str, number: int) -> Any:
    """What came of each phase; progress is told by numbers that rise, from `number` on."""
    pids = {name: each.pid for name, each in up.items()}
    pids |= {each.process.name: each.process.pid for each in started.running}
    asked = {
        "goals_port": up["goals"].ports.rest,
        "insights_port": up["insights"].ports.rest,
        "plan": plan,
        "pids": pids,
        "from": number,
        "phases": phases(),
    }
    return (await side("overload_side", asked))["phases"]


def shares(said: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The phases by name, each with its share of the capacity measured around it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for at, each in enumerate(said):
        before = next((p for p in said[at::-1] if p["phase"] == CAPACITY), each)
        after = next((p for p in said[at:] if p["phase"] == CAPACITY), each)
        share = 2 * each["goodput"] / (before["goodput"] + after["goodput"])
        found.setdefault(each["phase"], []).append({**each, "share": round(share, 3)})
    return found


def line(name: str, those: Sequence[dict[str, Any]]) -> str:
    def of(key: str) -> str:
        values = [each[key] for each in those if each[key] is not None]
        return median(values) if values else "-"

    told = f"{name}: goodput {of('goodput')}/s, {of('share')} of capacity"
    told += f"; accepted p50 {of('p50')} ms, p99 {of('p99')} ms"
    told += f"; refused {of('refused_share')}, late {of('late_share')}, p99 {of('refused_p99')} ms"
    told += (
        f"; unanswered {of('unanswered')}; seen p50 {of('seen_p50')} ms, p99 {of('seen_p99')} ms"
    )
    return told + f"; CPU an accepted one {of('cpu_ms')} ms, the writer's {of('writer_cpu_ms')}"


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
        samples: dict[str, list[dict[str, Any]]] = {}
        for repetition in range(repetitions(3)):
            said = await once(up, started, str(plan), repetition * 1_000_000)
            for name, those in shares(said).items():
                samples.setdefault(name, []).extend(those)
    report("overload", samples, [line(name, those) for name, those in samples.items()])
