"""`tandem views rebuild` from the services' journals, against FastStream reading the topics."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from bench.events import history
from bench.measure import alternate, median, ratio, repetitions, report
from bench.service import partner_token, service
from bench.stage import ROOT, engines, publish, side
from services.assembly.registry import SERVICES, WRITE_SERVICES
from services.chassis.mongo import connect, database
from services.chassis.write.mongo_journal import MongoJournal, _stored
from services.ctl.engines import Engines

TEACHERS = 5_000
EVENTS = 1_000_000
PEER_EVENTS = 100_000


def fill_journals(mongodb: str, events: int) -> None:
    """What the relays would have journaled. Blocks for a minute or two."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongodb, tz_aware=True)
    waiting: dict[str, list[dict[str, Any]]] = {name: [] for name in WRITE_SERVICES}
    for said in history(TEACHERS, events):
        entries = waiting[said.service]
        entries.append(_stored(said.entry))
        if len(entries) == 5_000:
            client[SERVICES[said.service].database]["journal"].insert_many(entries, ordered=False)
            entries.clear()
    for name, entries in waiting.items():
        if entries:
            client[SERVICES[name].database]["journal"].insert_many(entries, ordered=False)


async def rebuilt(
    started: Engines, journals: dict[str, str], token: str, events: int
) -> dict[str, Any]:
    """One run of the command, from its start to its end: seconds, events of the journals a
    second, CPU an event, peak memory. `folded`: the records that the journals had to give."""
    command = [sys.executable, "-m", "services.ctl", "views", "rebuild", "--json"]
    for name, address in journals.items():
        command += ["--journal", f"{name}={address}"]
    command += ["--token", token, "--mongodb-database", SERVICES["insights"].database]
    env = {**os.environ, **started.environment()}

    def run() -> dict[str, Any]:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        # not ru_maxrss: that of a child is at least what its parent had when it started it
        peak = ended = 0
        while not ended:
            peak = max(peak, _peak_kb(process.pid))
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            time.sleep(0.05)
        seconds = time.perf_counter() - began
        said = process.stdout.read()
        if status:
            raise SystemExit(f"tandem views rebuild ended with status {status}")
        records = json.loads(said)[0]["records"]
        return {
            "seconds": round(seconds, 1),
            "rate": round(events / seconds),
            "cpu_us": round((used.ru_utime + used.ru_stime) / events * 1e6, 1),
            "rss_mb": round(peak / 1024),
            "folded": records,
        }

    return await asyncio.to_thread(run)


def _peak_kb(pid: int) -> int:
    """0 once it is over."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


async def run() -> None:
    events = int(os.environ.get("JOURNAL", EVENTS))
    async with engines("rebuild") as started, AsyncExitStack() as stack:
        for name in WRITE_SERVICES:
            own = database(connect(started.mongodb_uri, "bench"), SERVICES[name].database)
            await MongoJournal(own).ensure_indexes()
        await asyncio.to_thread(fill_journals, started.mongodb_uri, events)
        # a rebuild reads what was published in the last ten minutes again
        backlog = history(TEACHERS, PEER_EVENTS)
        await publish(started.kafka_bootstrap_servers, backlog, hours_ago=1)
        print(f"{events} events are in the journals", flush=True)
        journals = {}
        for name in WRITE_SERVICES:
            up = await stack.enter_async_context(service(name, started, ROLES="api"))
            journals[name] = f"127.0.0.1:{up.ports.grpc}"
        token = partner_token("journal.read")

        async def one(label: str) -> dict[str, Any]:
            if label == "tandem views rebuild":
                return await rebuilt(started, journals, token, events)
            fresh = f"bench_{uuid.uuid4().hex[:8]}"
            asked = {"kafka": started.kafka_bootstrap_servers, "mongodb": started.mongodb_uri,
                     "database": fresh, "group": fresh, "events": PEER_EVENTS,
                     "mode": "batch"}  # fmt: skip
            return await side("faststream_side", asked)

        samples = await alternate(["tandem views rebuild", "FastStream batch"], one, repetitions(3))
    ours, theirs = samples["tandem views rebuild"], samples["FastStream batch"]
    lines = [
        f"tandem views rebuild of {events}: {median([s['seconds'] for s in ours])} s,"
        f" {median([s['rate'] for s in ours])} events/s"
        f" ({median([s['folded'] for s in ours])} folded),"
        f" {median([s['rss_mb'] for s in ours])} MB at most, CPU"
        f" {median([s['cpu_us'] for s in ours])} us an event;"
        f" {ratio(ours, theirs, 'rate')}x FastStream batch on {PEER_EVENTS}"
    ]
    report("rebuild", samples, lines)
