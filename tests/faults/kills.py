"""Cells in which processes die by kill -9: at the named points, at random, by role."""

from __future__ import annotations

import asyncio
import signal
from collections import deque

from services.assembly.registry import SERVICES
from tests.faults.erased import Leaver
from tests.support.faults import Faulty
from tests.support.load_kept import CANARY
from tests.support.waiting import eventually

COMMAND_POINTS = ("W1", "W2", "W3")
RELAY_POINTS = ("R1", "R2", "R3", "R4", "R5")
PROJECTOR_POINTS = ("C1", "C2", "C3")
WRITERS = ("goals", "surveys", "observations")
MEMBER = {"ROLES": "projector.cards,projector.timeline"}


async def crash_points(f: Faulty, times: int) -> str:
    """kill -9 by the process itself, so often at each named point. Three write services
    (whose access projectors die at a projector's points, too) and two members of insights go
    from one point to the next side by side, since a start takes longer than a crash."""
    writing = deque([*(COMMAND_POINTS + RELAY_POINTS) * times, *PROJECTOR_POINTS])
    projecting = deque(PROJECTOR_POINTS * times)
    async with f.load() as load:
        await f.stack.end("insights")
        f.stack.start("insights", ROLES="api")
        for member in ("insights-1", "insights-2"):
            f.stack.start("insights", member, **MEMBER)
        async with asyncio.TaskGroup() as lanes:
            for service in WRITERS:
                lanes.create_task(_lane(f, service, service, writing))
            for member in ("insights-1", "insights-2"):
                lanes.create_task(_lane(f, "insights", member, projecting))
        for member in ("insights", "insights-1", "insights-2"):
            await f.stack.kill(member)
        await _again(f, "insights", *WRITERS)
        await f.progress(load, 20)
    return f"{len(f.happened)} crashes, {load.acknowledged} writes"


async def _lane(f: Faulty, service: str, name: str, points: deque[str]) -> None:
    """One process after the other, each armed with the next point that is left."""
    beside = "" if name == service else name
    more = MEMBER if beside else {}
    while points:
        point = points.popleft()
        await f.stack.kill(name)
        count = f.chance.randint(1, 4)
        f.stack.start(service, beside, TANDEM_CRASH_AT=f"{point}:{count}", **more)
        code = await f.died(name, point)
        assert code == -signal.SIGKILL, f"{name}, armed at {point}, ended with {code}"
        f.happened.append(f"{name} {point}")
    if not beside:
        await f.stack.kill(name)
        f.stack.start(service)


async def _again(f: Faulty, *services: str) -> None:
    """Start whatever of them does not run, and wait for all."""
    for service in services:
        if service not in f.stack.running:
            f.stack.start(service)
    for service in services:
        await f.stack.ready(service)


async def random_kills(f: Faulty, kills: int) -> str:
    """kill -9 of any service, every 2 s on average, under 20 writes/s, while all of somebody is
    erased."""
    leaver = await Leaver.began(f, CANARY)
    async with f.load() as load:
        await leaver.is_to_be_erased()
        for _ in range(kills):
            service = f.chance.choice(list(SERVICES))
            await f.stack.kill(service)
            f.stack.start(service)
            f.happened.append(service)
            await asyncio.sleep(f.chance.uniform(0.5, 3.5))
        await _again(f, *SERVICES)
        await f.progress(load, 20)
        await eventually(leaver.is_erased, timeout=60)
    return f"{kills} kills, {load.acknowledged} writes"


async def roles_apart(f: Faulty, times: int) -> str:
    """API, relay and projector in processes of their own, as a district may run them, and
    each of them killed alone; of relays there are two at once, without any lease."""
    parts = {
        "goals": ("goals", "", "api,projector"),
        "goals-relay": ("goals", "goals-relay", "relay"),
        "goals-relay-2": ("goals", "goals-relay-2", "relay"),
        "insights": ("insights", "", "api"),
        "insights-projector": ("insights", "insights-projector", "projector"),
    }
    async with f.load() as load:
        await asyncio.gather(*(f.stack.end(service) for service in ("goals", "insights")))
        for service, name, roles in parts.values():
            f.stack.start(service, name, ROLES=roles)
        for part in parts:
            await f.stack.ready(part)
        for part in list(parts) * times:
            service, name, roles = parts[part]
            await f.progress(load, 10)
            await f.stack.kill(part)
            f.stack.start(service, name, ROLES=roles)
            f.happened.append(part)
            await f.stack.ready(part)
        await f.progress(load, 10)
        await asyncio.gather(*(f.stack.end(part) for part in parts))
        await _again(f, "goals", "insights")
    return f"{times} kills of each of {', '.join(parts)}; {load.acknowledged} writes"
