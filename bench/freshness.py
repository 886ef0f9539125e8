"""From a write sent to its value in the caseload, the whole platform on two cores; then what
each process holds in memory, and what it costs when nobody asks for anything."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient

from bench.events import CASELOAD, DISTRICT, YEAR, coach_of, history, teacher_id
from bench.machine import cpu_seconds, memory_mb
from bench.measure import alternate, median, repetitions, report
from bench.service import Server, access_rows, ensure_indexes, service, token
from bench.stage import FOLDER, engines, publish, side
from services.assembly.registry import SERVICES
from services.ctl.engines import Engines

TEACHERS = 500
GOALS_EACH = 4
SECONDS = 60
IDLE_SECONDS = 20
RATES = (10, 100, 300)


def prepare(mongodb: str) -> dict[str, Any]:
    """Active goals in the goals service's database, and who may record their progress."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongodb, tz_aware=True)
    now = datetime.now(UTC)
    documents, goals = [], []
    for number in range(TEACHERS):
        signed = token(teacher_id(number))
        for _ in range(GOALS_EACH):
            id_ = str(uuid.uuid4())
            state = {
                "teacher": teacher_id(number), "school_year": YEAR, "statement": "They explain",
                "focus_skill": "questioning", "measure": "talk", "unit": "percent",
                "direction": "increase", "target": 1e9, "baseline": 0.0, "due": "",
                "class_id": "", "state": "active", "drafted_at": now, "activated_at": now,
            }  # fmt: skip
            documents.append({"_id": id_, "kind": "goal", "district": DISTRICT, "version": 2,
                              "state": state, "outbox": []})  # fmt: skip
            goals.append({"id": id_, "token": signed, "coach": coach_of(number)})
    client[SERVICES["goals"].database]["aggregates"].insert_many(documents)
    for name in ("goals", "insights"):  # coaches are not in the made-up roster
        coaches = [row for row in access_rows(TEACHERS) if ":coach-" in row["_id"]]
        client[SERVICES[name].database]["access"].insert_many(coaches)
    goals = goals[::GOALS_EACH] + [goal for i, goal in enumerate(goals) if i % GOALS_EACH]
    tokens = {coach_of(n): token(coach_of(n)) for n in range(0, TEACHERS, CASELOAD)}
    return {"goals": goals, "coaches": tokens}


async def idle(up: dict[str, Server], started: Engines) -> dict[str, float]:
    """Share of a core, in percent, of each process while nothing is asked of it."""
    pids = {name: each.pid for name, each in up.items()}
    pids |= {engine.process.name: engine.process.pid for engine in started.running}
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    await asyncio.sleep(IDLE_SECONDS)
    return {
        name: round((cpu_seconds(pid) - before[name]) / IDLE_SECONDS * 100, 2)
        for name, pid in pids.items()
    }


async def run() -> None:
    rates = [int(each) for each in os.environ.get("RATES", "").split()] or list(RATES)
    async with engines("freshness") as started, AsyncExitStack() as stack:
        await asyncio.sleep(IDLE_SECONDS / 3)
        alone = await idle({}, started)
        for name in ("goals", "insights"):
            await ensure_indexes(name, started)
        plan = FOLDER / "freshness.json"
        plan.write_text(json.dumps(prepare(started.mongodb_uri)))
        past = history(TEACHERS, 20_000)
        # whose surveys are stored nowhere: a duty would look for each of them while all are to idle
        known = (each for each in past if each.service != "surveys")
        await publish(started.kafka_bootstrap_servers, known)
        up = {}
        for name in SERVICES:
            up[name] = await stack.enter_async_context(service(name, started))
        await asyncio.sleep(15)
        resting = await idle(up, started)
        written = 0

        async def one(label: str) -> dict[str, Any]:
            nonlocal written
            rate = int(label.partition("/")[0])
            asked = {"rate": rate, "seconds": SECONDS, "plan": str(plan), "from": written + 1,
                     "goals_port": up["goals"].ports.rest,
                     "insights_port": up["insights"].ports.rest}  # fmt: skip
            said = await side("freshness_side", asked)
            written += said["writes"] + said["refused"]
            return said

        samples = await alternate([f"{rate}/s" for rate in rates], one, repetitions(3))
        memory = {name: memory_mb(each.pid) for name, each in up.items()}
    lines = [
        f"{label}: p50 {median([s['p50'] for s in those])} ms,"
        f" p99 {median([s['p99'] for s in those])} ms,"
        f" the write's own answer p50 {median([s['write_p50'] for s in those])} ms,"
        f" p99 {median([s['write_p99'] for s in those])} ms;"
        f" {sum(s['refused'] for s in those)} refused"
        for label, those in samples.items()
    ]
    lines.append(f"memory after {written} writes, MB: {memory}")
    lines.append(f"idle CPU, % of a core: {resting}; engines alone: {alone}")
    report("freshness", {**samples, "memory": memory, "idle": resting, "alone": alone}, lines)
