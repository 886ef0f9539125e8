"""What people's acts cost by role, event and byte, on the real services with a process for each
role; then a city's peak hour, beside what these figures foretell. SIZING_SECONDS is for all of it.

The services stand still, then people do one kind of act at a time at about the rate at which 77,000
teachers do everything; what a process took meanwhile, without what it takes in any case, is divided
by the acts. SIZING_TEACHERS live in the district. Written to `bench/sizing.json`, from which the
table of docs/installing.md is made."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from bench.city import Act, City, Usage, acts_of, watch
from bench.machine import described, memory_mb
from bench.measure import report
from bench.service import Server, server
from bench.sizes import ENGINES, MEASURED, PEAK, SCHOOL_DAYS, SIZES, YEAR, measured, need
from bench.stage import FOLDER, engines
from services.assembly.registry import SERVICES
from services.chassis.kernel import SystemClock
from services.ctl.chart import registry
from services.ctl.client import ApiClient, open_api
from services.ctl.client_tokens import always
from services.ctl.demo.actor import Actor
from services.ctl.demo.district import build_district
from services.ctl.demo.district_now import DemoDistrict, look
from services.ctl.demo.seed import Seeding, seed
from services.ctl.demo.simulate import Pace, Simulation
from services.ctl.exits import Refused
from services.ctl.importing import import_file
from services.ctl.local import keys
from services.ctl.local.districts import DEMO, days_of, write_districts
from services.ctl.local.ensure import ensure_indexes
from services.ctl.local.stack import DISTRICT

HOME = FOLDER / "sizing"
ROLES = ("api", "relay", "projector", "duties")
SETTLE = 3.0  # seconds in which what was begun is done
CITY = SIZES[-1]
RATE = CITY * PEAK / SCHOOL_DAYS / 3600 * sum(YEAR.values())  # acts a second


async def run() -> None:
    seconds = float(os.environ.get("SIZING_SECONDS", "240"))
    teachers = int(os.environ.get("SIZING_TEACHERS", "100"))
    async with engines("sizing") as started, AsyncExitStack() as stack:
        HOME.mkdir(parents=True, exist_ok=True)
        await ensure_indexes(started.mongodb_uri, {n: e.database for n, e in SERVICES.items()})
        districts = write_districts(HOME, DEMO)
        env = {
            "ENVIRONMENT": "development",
            "BACKDATING": "true",
            "HOST": "127.0.0.1",
            "DISTRICTS_FILE": str(districts),
            **started.environment(),
        }
        up = await _started(stack, env)
        pids = {name: each.pid for name, each in up.items()}
        pids |= dict(zip(ENGINES, (each.process.pid for each in started.running), strict=True))
        addresses = {name: f"http://127.0.0.1:{up[f'{name}/api'].ports.rest}" for name in SERVICES}
        api = await stack.enter_async_context(open_api(addresses))
        city = City(api, pids, started)
        bare, disk = city.mongodb(), city.on_disk()
        district, plan, actor = await _seeded(api, teachers)
        base = (city.mongodb() - bare) / teachers
        live = [
            asyncio.create_task(watch(actor, coach)) for coach in district.coaches
        ]  # each coach's caseload is open
        await asyncio.sleep(SETTLE)
        simulation = Simulation(actor, district, 1000)
        acts = acts_of(city, simulation, actor, district)
        part = seconds / (len(acts) + 4)
        idle = await _idle(city, part * 2)
        found: dict[str, Any] = {
            "idle": idle, "acts": {}, "records": {}, "kafka_bytes": {}, "mongodb_bytes": {},
            "base": base,
        }  # fmt: skip
        for name, act in acts.items():
            cost = await _phase(city, idle, {name: 1.0}, {name: act}, part)
            for what, value in cost.items():
                found[what][name] = value
            print(f"  {name}: {_line(cost)}", flush=True)
        found["acts"]["import"] = await _imports(city, idle, plan)
        found["memory"] = {name: memory_mb(pid)["rss"] for name, pid in pids.items()}
        found["on_disk"] = (city.on_disk() - disk) / (city.mongodb() - bare)
        replayed = await _phase(city, idle, YEAR, acts, part * 2)
        for task in live:
            task.cancel()
        await asyncio.gather(*live, return_exceptions=True)
        _keep(found, replayed, seconds, teachers)


async def _started(stack: AsyncExitStack, env: Mapping[str, str]) -> dict[str, Server]:
    """A process for each role and view of each service, by `service/role`."""
    wanted = []
    for name, each in registry()["services"].items():
        views = [f"projector.{part}" for part in each["projectors"]]
        roles = [role for role in each["roles"] if role != "projector"]
        wanted += [(name, role) for role in (*roles, *views)]

    async def one(name: str, role: str) -> tuple[str, Server]:
        told = {**env, "ROLES": role, "MONGODB_DATABASE": SERVICES[name].database}
        made = server(f"{name}-{role}", f"services.{name}", told, ready="/readyz")
        return f"{name}/{role}", await stack.enter_async_context(made)

    return dict([await one(*each) for each in wanted])


async def _seeded(api: ApiClient, teachers: int) -> tuple[DemoDistrict, Seeding, Actor]:
    days = days_of(HOME)
    plan = Seeding(days.day_of(DISTRICT, SystemClock().now()), teachers)
    sign = partial(keys.sign, HOME / "keys")

    def partner(district: str, *scopes: str) -> str:
        return sign(district, "bench", scopes)

    await seed(api, plan, days, sign, lambda district: partner(district, "roster.write"))
    actor = Actor(api, partial(sign, DISTRICT), DISTRICT)
    return await look(actor, partner(DISTRICT, "roster.read"), 1_000), plan, actor


async def _idle(city: City, seconds: float) -> Usage:
    before, began = city.cpu(), time.monotonic()
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    return {name: (now - before[name]) / took for name, now in city.cpu().items()}


async def _phase(
    city: City, idle: Usage, weights: Mapping[str, float], acts: Mapping[str, Act], seconds: float
) -> dict[str, Any]:
    """What one act costs; with several acts what each second does."""
    names, done = list(acts), Counter[str]()
    cpu, (kafka, records), mongodb = city.cpu(), city.kafka(), city.mongodb()
    began = time.monotonic()
    pace = Pace(RATE)

    async def work() -> None:
        while time.monotonic() < began + seconds:
            (name,) = city.chance.choices(names, [weights[each] for each in names])
            await pace.turn()
            try:
                await acts[name]()
            except Refused as refused:
                done[f"refused {refused.problem}"] += 1
            else:
                done[name] += 1

    await asyncio.gather(*(work() for _ in range(16)))
    await asyncio.sleep(SETTLE)
    took = time.monotonic() - began
    after = city.cpu()
    by_act = len(names) == 1
    number = done[names[0]] if by_act else took
    now, told = city.kafka()
    cost = {
        "acts": {n: (after[n] - cpu[n] - idle[n] * took) / number for n in city.pids},
        "records": (told - records) / number,
        "kafka_bytes": (now - kafka) / number,
        "mongodb_bytes": (city.mongodb() - mongodb) / number,
    }
    return cost if by_act else {**cost, "done": dict(done), "seconds": took}


async def _imports(city: City, idle: Usage, plan: Seeding) -> Usage:
    """The same roster again, for each teacher of it."""
    content = build_district(plan.districts[DISTRICT], plan.school_year)
    tokens = always(keys.sign(HOME / "keys", DISTRICT, "bench", ("roster.write",)))
    times = 3
    before, began = city.cpu(), time.monotonic()
    for _ in range(times):
        await import_file(city.api, tokens, DISTRICT, content, {})
    took = time.monotonic() - began
    return {
        name: (now - before[name] - idle[name] * took) / times / plan.teachers
        for name, now in city.cpu().items()
    }


def _line(cost: Mapping[str, Any]) -> str:
    cpu = sum(each for name, each in cost["acts"].items() if name not in ENGINES)
    return (
        f"{cpu * 1000:.1f} ms of CPU, {cost['records']:.2f} events, {cost['kafka_bytes']:.0f}"
        f" bytes in Kafka, {cost['mongodb_bytes']:.0f} in MongoDB"
    )


def _keep(
    found: dict[str, Any], replayed: Mapping[str, Any], seconds: float, teachers: int
) -> None:
    """The file of figures, and the replay beside what they foretell."""
    machine = described()
    told = {
        "at": machine["at"][:10],
        "machine": {name: machine[name] for name in ("cores", "cpu", "python", "kafka", "mongodb")},
        "teachers": teachers,
        "seconds": seconds,
        **found,
    }
    MEASURED.write_text(json.dumps(_short(told), indent=1, sort_keys=True) + "\n")
    foretold = need(measured(), CITY)
    done = sum(number for name, number in replayed["done"].items() if name in YEAR)
    share = done / replayed["seconds"] / RATE
    lines = [
        f"a city's peak hour at {share:.2f} of its rate, {replayed['seconds']:.0f} s:"
        f" {replayed['done']}",
        *(
            f"{what}: {seen:.3f} cores, foretold {share * told:.3f}"
            for what, seen, told in _beside(replayed["acts"], foretold.cores)
        ),
        f"events/s: {replayed['records']:.1f}, foretold {share * foretold.events:.1f}",
    ]
    report("sizing", {"figures": told, "replayed": replayed}, lines)


def _beside(seen: Usage, foretold: Usage) -> Iterator[tuple[str, float, float]]:
    """By role, and each engine."""
    for role in (*ROLES, *ENGINES):
        mine = [name for name in seen if name.rpartition("/")[2].partition(".")[0] == role]
        yield role, sum(seen[name] for name in mine), sum(foretold[name] for name in mine)


def _short(found: Any) -> Any:
    """With three digits that matter."""
    if isinstance(found, dict):
        return {name: _short(each) for name, each in found.items()}
    return float(f"{found:.3g}") if isinstance(found, float) else found
