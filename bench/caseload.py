"""Reading a caseload of 25 teachers, and what 100 times the teachers change."""

from __future__ import annotations

import asyncio
import statistics
from contextlib import AsyncExitStack
from itertools import count, islice
from typing import Any

from pymongo import MongoClient

from bench.events import CASELOAD, DISTRICT, YEAR, coach_of, history, teacher_id
from bench.measure import alternate, median, ratio, repetitions, report
from bench.service import access_rows, ensure_indexes, pin, server, service, token
from bench.stage import engines, publish, side
from bench.writes import REST, SERVER, loaded, requests_file
from services.assembly.registry import SERVICES
from services.ctl.engines import Engines

MEASURED = 100_000
DATABASE = SERVICES["insights"].database
SCALES = (1_000, 100_000)
CHANGES = 20  # cards of each caseload a second, about as often as it is read
LOADED_SECONDS = 5.0  # covers a measurement and its warming up


async def projected(started: Engines, teachers: int) -> dict[str, Any]:
    """The projector over events of so many teachers whose cards are there, by a process that
    has read none of them yet: as it ships, and `held` to 500 events a batch. A burst folds many
    events of few teachers into one row, which is a gain of bursts rather than a cost of growth;
    held to 500 there is less of it."""
    ships = {"kafka": started.kafka_bootstrap_servers, "mongodb": started.mongodb_uri,
             "database": DATABASE, "group": "insights"}  # fmt: skip
    held = {**ships, "database": f"{DATABASE}_held", "group": "insights-held", "limit": 500}
    before = 3 * teachers
    events = history(teachers, before + MEASURED)
    await publish(started.kafka_bootstrap_servers, islice(events, before))
    for each in (ships, held):
        await side("ours", {**each, "limit": None, "events": before})
    await publish(started.kafka_bootstrap_servers, events)
    said = await side("ours", {**ships, "events": MEASURED})
    said["held"] = await side("ours", {**held, "events": MEASURED})
    print(f"  {teachers} teachers: {said}", flush=True)
    return said


async def reads(started: Engines, teachers: int) -> list[Any]:
    client: MongoClient[dict[str, Any]] = MongoClient(started.mongodb_uri, tz_aware=True)
    client[DATABASE]["access"].insert_many(access_rows(teachers))
    seeds = count()

    async def one(_: str) -> dict[str, Any]:
        asked = {"mongodb": started.mongodb_uri, "database": DATABASE, "teachers": teachers,
                 "seed": next(seeds)}  # fmt: skip
        return await side("reads_side", asked)

    label = f"{teachers} teachers"
    return (await alternate([label], one, repetitions()))[label]


async def over_http(started: Engines, teachers: int) -> dict[str, Any]:
    """The API against Starlette + find_one, each on the same core; and the API while, between
    two reads of a caseload, about one of its cards changes."""
    client: MongoClient[dict[str, Any]] = MongoClient(started.mongodb_uri, tz_aware=True)
    await ensure_indexes("insights", started)
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
        changing = {"mongodb": started.mongodb_uri, "database": DATABASE, "teachers": teachers,
                    "seconds": LOADED_SECONDS, "rate": CHANGES}  # fmt: skip

        async def one(name: str) -> dict[str, Any]:
            if name != "changing":
                return await loaded(at[name], files[name])
            said, changed = await asyncio.gather(
                loaded(at["tandem"], files["tandem"]), side("changes_side", changing, REST)
            )
            return {**said, **changed}

        return await alternate([*at, "changing"], one, repetitions())


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
    held = [kept[f"projector {each}"]["held"] for each in SCALES]
    cpu, rss = [each["cpu_us"] for each in held], [each["rss_mb"] for each in held]
    lines.append(
        f"... held to 500 events a batch: {cpu[0]} -> {cpu[1]} us, {cpu[1] / cpu[0]:.2f}x;"
        f" memory {rss[0]} -> {rss[1]} MB"
    )
    p50 = {}
    for teachers in SCALES:
        those = kept[f"reads {teachers}"]
        p50[teachers] = statistics.median(each["known"] for each in those)
        of = {name: median([s[name] for s in those]) for name in those[0] if name != "load"}
        lines += [
            f"{teachers} teachers, database, p50: find_one {of['find_one']} ms; a caseload whose"
            f" cards are known {of['known']} ms, {of['known_ratio']}x",
            f"... one card of 25 changed {of['one_changed']} ms, {of['one_changed_ratio']}x; none"
            f" known {of['unknown']} ms, {of['unknown_ratio']}x",
            f"... to the entries' bytes, all kept: {of['entries']} ms, client CPU"
            f" {of['entries_cpu_us']} us; {of['kept_kb']} KB a kept entry",
        ]
    lines.append(f"caseload read p50, {small} -> {large}: {p50[large] / p50[small]:.2f}x")
    http = kept["http"]
    for name, what in (("tandem", "nothing changes"), ("changing", "cards change")):
        lines.append(
            f"HTTP, {what}: {median([s['rate'] for s in http[name]])}/s, CPU"
            f" {median([s['cpu_us'] for s in http[name]])} us; of Starlette + find_one"
            f" {ratio(http[name], http['floor'], 'rate')}x"
        )
    share = [s["changes"] / s["rate"] for s in http["changing"]]
    lines += [
        f"... where cards change: {median(share)} changed cards a read",
        f"Starlette + find_one: {median([s['rate'] for s in http['floor']])}/s, CPU"
        f" {median([s['cpu_us'] for s in http['floor']])} us",
        "A read sends the marks of the cards whose entries it keeps (as JSON, while card, calendar"
        " and time are the same) and gets whole cards only where the mark is another one.",
    ]
    report("caseload", kept, lines)
