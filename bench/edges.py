"""The same write over gRPC and over HTTP; and what one trace in a hundred costs. Each server on
the same core, alone with its load."""

from __future__ import annotations

import itertools
from contextlib import AsyncExitStack
from typing import Any

from pymongo import MongoClient

from bench.events import teacher_id
from bench.machine import cpu_seconds
from bench.measure import alternate, median, ratio, repetitions, report
from bench.service import access_rows, ensure_indexes, pin, service, token
from bench.stage import engines, side
from bench.writes import BODY, CONNECTIONS, REST, SECONDS, SERVER, creates, loaded
from bench.writes import requests_file as written

# Each has a bound to her goals: those of RPCs are others than those of HTTP.
TEACHERS, OF_RPCS = 1024, 1024
SENT = 64  # teachers of the RPCs of one measurement: all fit into one command line
UNOBSERVED = "nothing observed"
DATABASES: dict[str, dict[str, str]] = {
    "tandem": {},
    "no traces": {"TRACE_RATIO": "0"},
    "every trace": {"TRACE_RATIO": "1"},
    UNOBSERVED: {"module": "bench.sides.unobserved"},
}


def messages(first: int) -> list[dict[str, Any]]:
    rows = []
    for number in range(first, first + SENT):
        teacher = teacher_id(number)
        message = {**BODY, "direction": 1, "teacher_id": teacher}
        rows.append({"token": token(teacher), "message": message})
    return rows


async def run() -> None:
    async with engines("edges") as started, AsyncExitStack() as stack:
        client: MongoClient[dict[str, Any]] = MongoClient(started.mongodb_uri, tz_aware=True)
        at = {}
        for name, told in DATABASES.items():
            database = f"goals_{name.replace(' ', '_')}"
            await ensure_indexes("goals", started, database)
            client[database]["access"].insert_many(access_rows(TEACHERS + OF_RPCS))
            label = f"goals-{name.replace(' ', '-')}"
            at[name] = await stack.enter_async_context(
                service("goals", started, cores=SERVER, label=label, ROLES="api",
                        MONGODB_DATABASE=database, **told)
            )  # fmt: skip
        pin(started, REST)
        file = written("edges", creates("/goals/v1/goals", TEACHERS))
        firsts = itertools.cycle(range(TEACHERS, TEACHERS + OF_RPCS, SENT))

        async def one(label: str) -> dict[str, Any]:
            if label != "gRPC":
                return await loaded(at["tandem" if label == "HTTP" else label], file)
            up = at["tandem"]
            before = cpu_seconds(up.pid)
            said = await side(
                "load_grpc",
                {"port": up.ports.grpc, "calls": messages(next(firsts)), "connections": CONNECTIONS,
                 "seconds": SECONDS},
                REST,
            )  # fmt: skip
            spent = cpu_seconds(up.pid) - before
            return {**said, "cpu_us": round(spent / said["count"] * 1e6)}

        samples = await alternate(
            ["HTTP", "gRPC", "no traces", "every trace", UNOBSERVED], one, repetitions()
        )
    lines = [
        "HTTP as it ships, of the rate with nothing observed:"
        f" {ratio(samples['HTTP'], samples[UNOBSERVED], 'rate')}x"
    ]
    for label, those in samples.items():
        lines.append(
            f"draft a goal, {label}: {median([s['rate'] for s in those])}/s, CPU"
            f" {median([s['cpu_us'] for s in those])} us,"
            f" {ratio(those, samples['HTTP'], 'cpu_us')}x the CPU of HTTP with 1 % traces,"
            f" {ratio(those, samples['HTTP'], 'rate')}x its rate"
        )
    report("edges", samples, lines)
