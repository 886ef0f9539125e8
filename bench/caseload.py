"""Reading a caseload of 25 teachers, and what 100 times the teachers change."""

from __future__ import annotations

from contextlib import AsyncExitStack
from itertools import count
from typing import Any

from pymongo import MongoClient

from bench.events import CASELOAD, DISTRICT, YEAR, coach_of, history, teacher_id
from bench.measure import alternate, median, ratio, repetitions, report
from bench.service import access_rows, ensure_indexes, pin, server, service, token
from bench.stage import engines, publish, side
from bench.writes import REST, SERVER, loaded, requests_file
from services.ctl.engines import Engines

MEASURED = 100_000
DATABASE = "tandem_insights"
SCALES = (1_000, 100_000)


async def projected(started: Engines, teachers: int) -> dict[str, Any]:
    """The projector over events of so many teachers, measured when the cards are there."""
    skip = 3 * teachers
    events = history(teachers, skip + MEASURED)
    await publish(started.kafka_bootstrap_servers, events)
    asked = {"kafka": started.kafka_bootstrap_servers, "mongodb": started.mongodb_uri,
             "database": DATABASE, "group": "insights", "skip": skip,
             "events": MEASURED}  # fmt: skip
    said = await side("ours", asked)
    print(f"  {teachers} teachers: {said}", flush=True)
    return said


async def reads(started: Engines, teachers: int) -> list[Any]:
    seeds = count()

    async def one(_: str) -> dict[str, Any]:
        asked = {"mongodb": started.mongodb_uri, "database": DATABASE, "teachers": teachers,
                 "seed": next(seeds)}  # fmt: skip
        return await side("reads_side", asked)

    label = f"{teachers} teachers"
    return (await alternate([label], one, repetitions()))[label]


async def over_http(started: Engines, teachers: int) -> dict[str, Any]:
    """The API against Starlette + find_one, each on the same core."""
    client: MongoClient[dict[str, Any]] = MongoClient(started.mongodb_uri, tz_aware=True)
    await ensure_indexes("insights", started)
    coaches = [row for row in access_rows(teachers) if ":coach-" in row["_id"]]
    client[DATABASE]["access"].insert_many(coaches)
    ids = [f"{DISTRICT}:{teacher_id(number)}:{YEAR}" for number in range(100)]
    client["bench_floor"]["cards"].insert_many(
        client[DATABASE]["cards"].find({"_id": {"$in": ids}})
    )
    async with AsyncExitStack() as stack:
        env = {"MONGODB_URI": started.mongodb_uri}
        at = {
            "floor": await stack.enter_async_context(
                server("floor", "bench.sides.floor", env, SERVER)
            ),
            "tandem": await stack.enter_async_context(
                service("insights", started, cores=SERVER, ROLES="api")
            ),
        }
        pin(started, REST)
        get = {"method": "GET", "body": ""}
        files = {
            "floor": requests_file("cards", [{**get, "path": f"/cards/{id_}"} for id_ in ids]),
            "tandem": requests_file(
                "caseloads",
                [
                    {**get, "path": "/insights/v1/caseload", "token": token(coach_of(number))}
                    for number in range(0, teachers, CASELOAD)
                ],
            ),
        }
        return await alternate(list(at), lambda name: loaded(at[name], files[name]), repetitions())


async def run() -> None:
    kept: dict[str, Any] = {}
    for teachers in SCALES:
        async with engines("caseload") as started:
            kept[f"projector {teachers}"] = await projected(started, teachers)
            kept[f"reads {teachers}"] = await reads(started, teachers)
            if teachers == SCALES[0]:
                kept["http"] = await over_http(started, teachers)
    small, large = SCALES
    cpu = [kept[f"projector {each}"]["cpu_us"] for each in SCALES]
    rss = [kept[f"projector {each}"]["rss_mb"] for each in SCALES]
    lines = [f"projector CPU an event, {small} -> {large} teachers: {cpu[0]} -> {cpu[1]} us,"
             f" {cpu[1] / cpu[0]:.2f}x; memory {rss[0]} -> {rss[1]} MB"]  # fmt: skip
    p50 = {}
    for teachers in SCALES:
        those = kept[f"reads {teachers}"]
        p50[teachers] = sorted(each["caseload"] for each in those)[len(those) // 2]
        lines.append(
            f"{teachers} teachers, database: caseload {median([s['caseload'] for s in those])} ms,"
            f" find_one {median([s['find_one'] for s in those])} ms,"
            f" {median([s['ratio'] for s in those])}x"
        )
    lines.append(f"caseload read p50, {small} -> {large}: {p50[large] / p50[small]:.2f}x")
    http = kept["http"]
    lines.append(
        f"HTTP: caseload {median([s['rate'] for s in http['tandem']])}/s, CPU"
        f" {median([s['cpu_us'] for s in http['tandem']])} us; Starlette + find_one"
        f" {median([s['rate'] for s in http['floor']])}/s;"
        f" {ratio(http['tandem'], http['floor'], 'rate')}x"
    )
    report("caseload", kept, lines)
