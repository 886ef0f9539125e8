"""The import of a roster by the service as it ships, a process for each role: a first import, then
the same file again. ROSTER_SIZE is `small`, `district` (5,000 staff, 80,000 students) or `city`
(77,000 staff, 900,000 students, 4.1 M enrollments)."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import AsyncExitStack
from typing import Any

from pymongo import MongoClient

from bench.events import DISTRICT, YEAR
from bench.machine import cpu_seconds, load, peak_rss_mb
from bench.measure import report
from bench.rosters import SIZES, write_roster
from bench.service import Server, ensure_indexes, partner_token, service
from bench.stage import FOLDER, engines
from services.assembly.registry import SERVICES
from services.ctl.client import open_api
from services.ctl.client_tokens import always
from services.ctl.importing import import_file

ROLES = ("api", "relay", "duties")


async def run() -> None:
    name = os.environ.get("ROSTER_SIZE", "small")
    file = FOLDER / f"roster-{os.getpid()}.zip"
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_roster(file, SIZES[name], YEAR)
    try:
        async with engines("roster") as started, AsyncExitStack() as stack:
            await ensure_indexes("roster", started)
            up = {
                role: await stack.enter_async_context(
                    service("roster", started, label=f"roster-{role}", ROLES=role)
                )
                for role in ROLES
            }
            client: MongoClient[dict[str, Any]] = MongoClient(started.mongodb_uri)
            stack.callback(client.close)
            stored = client[SERVICES["roster"].database]
            samples = {
                which: [await _import(which, file.read_bytes(), up, stored)]
                for which in ("first", "unchanged")
            }
    finally:
        file.unlink(missing_ok=True)
    lines = [f"{which}: {_line(each)}" for which, (each,) in samples.items()]
    report(f"roster-{name}", samples, lines)


async def _import(which: str, content: bytes, up: dict[str, Server], stored: Any) -> dict[str, Any]:
    """`seconds` until the import is done, `published_seconds` until all of its events are."""
    importing = up["duties"].pid
    events, cpu, began = stored["journal"].estimated_document_count(), _cpu(up), time.monotonic()
    async with open_api({"roster": f"http://127.0.0.1:{up['api'].ports.rest}"}) as api:
        tokens = always(partner_token("roster.write"))
        job = await import_file(api, tokens, DISTRICT, content, {}, _said)
    took = time.monotonic() - began
    after = _cpu(up)
    await asyncio.to_thread(_wait_until_published, stored)
    report = job["report"]
    return {
        "seconds": round(took, 1),
        "published_seconds": round(time.monotonic() - began, 1),
        "events": stored["journal"].estimated_document_count() - events,
        "peak_mb": peak_rss_mb(importing),
        "cpu_seconds": {role: round(after[role] - cpu[role], 1) for role in up},
        "counts": report["counts"],
        "problems": report["problem_count"],
        "load": load(),
    }


def _wait_until_published(stored: Any) -> None:
    while stored["aggregates"].find_one({"outbox.0": {"$exists": True}}, {"_id": 1}):
        time.sleep(0.5)


def _said(job: Any) -> None:
    if int(time.monotonic()) % 30 == 0:
        print(f"  {job['state']} {job.get('phase')} {job['done']} of {job['total']}", flush=True)


def _cpu(up: dict[str, Server]) -> dict[str, float]:
    return {role: cpu_seconds(each.pid) for role, each in up.items()}


def _line(sample: dict[str, Any]) -> str:
    return (
        f"{sample['seconds']} s, all events out after {sample['published_seconds']} s;"
        f" {sample['events']} events; at most {sample['peak_mb']} MB resident in the process that"
        f" imports; CPU seconds {sample['cpu_seconds']}; load {sample['load']}"
    )
