"""The fault matrix: one function a cell. Each breaks something under load for as long or as
often as it is told, and ends with the oracles (`Faulty.load` checks them).

What a cell returns is shown in the summary of `make soak`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from services.ctl.local.stack import SERVICES
from tests.support.faults import LONGEST_SECONDS, Faulty, Load
from tests.support.waiting import eventually

BACK_SECONDS = 10.0  # within which all is well again after slowness, resets, silence
PUBLISHED_SECONDS = 15.0  # within which publishing goes on after an outage of the broker
STOPPED_SECONDS = 12.0
COMMAND_POINTS = ("W1", "W2", "W3")
RELAY_POINTS = ("R1", "R2", "R3", "R4", "R5")
PROJECTOR_POINTS = ("C1", "C2", "C3")


async def crash(f: Faulty, point: str, times: int) -> str:
    """kill -9 by the process itself, at a named point."""
    service = "insights" if point in PROJECTOR_POINTS else "goals"
    async with f.load() as load:
        for _ in range(times):
            await f.stack.kill(service)
            f.stack.start(service, TANDEM_CRASH_AT=f"{point}:{f.chance.randint(1, 6)}")
            code = await f.died(service)
            assert code == -signal.SIGKILL, f"{service} ended with {code}"
        await f.stack.kill(service)
        f.stack.start(service)
        await f.stack.ready(service)
        await f.progress(load, 20)
    return f"{times} crashes, {load.acknowledged} writes"


async def random_kills(f: Faulty, kills: int) -> str:
    """kill -9 of any service, every 2 s on average, under 20 writes/s."""
    async with f.load() as load:
        killed = 0
        while killed < kills:
            service = f.chance.choice(SERVICES)
            await f.stack.kill(service)
            f.stack.start(service)
            killed += 1
            await asyncio.sleep(f.chance.uniform(0.5, 3.5))
        for service in SERVICES:
            await f.stack.ready(service)
        await f.progress(load, 20)
    return f"{killed} kills, {load.acknowledged} writes"


async def two_relays(f: Faulty, seconds: float) -> str:
    """Two relays of one service at once, one of them killed now and then, without any lease."""
    async with f.load() as load:
        f.stack.start("goals", "goals-relay", ROLES="relay")
        await f.stack.ready("goals-relay")
        deadline = time.monotonic() + seconds
        kills = 0
        while time.monotonic() < deadline:
            await f.progress(load, 40)
            await f.stack.kill("goals-relay")
            kills += 1
            f.stack.start("goals", "goals-relay", ROLES="relay")
            await f.stack.ready("goals-relay")
        await f.stack.end("goals-relay")
    return f"{kills} kills of the second relay, {load.acknowledged} writes"


async def _published(f: Faulty) -> None:
    """Publishing has resumed: nothing waits for longer than a moment."""
    store = f.stack._backing("goals").store

    async def young() -> bool:
        _, since = await store.backlog()
        return since is None or (datetime.now(UTC) - since).total_seconds() < 3

    await eventually(young, timeout=PUBLISHED_SECONDS)


async def broker_stopped(f: Faulty, seconds: float) -> str:
    """SIGSTOP of the broker for longer than the producer's request timeout."""
    async with f.load() as load:
        await f.progress(load, 10)
        before = load.statuses[503]
        with f.engines.broker_stopped():
            await asyncio.sleep(seconds)
            assert load.statuses[503] == before, "a write was refused for want of the broker"
        began = time.monotonic()
        await _published(f)
        resumed = time.monotonic() - began
    return f"{seconds:.0f} s without, published again after {resumed:.1f} s"


async def broker_killed(f: Faulty, times: int) -> str:
    """kill -9 of the broker, and a restart."""
    slowest = 0.0
    async with f.load() as load:
        for _ in range(times):
            await f.progress(load, 10)
            await f.engines.kill_broker()
            await f.progress(load, 20)
            await f.engines.start_broker()
            began = time.monotonic()
            await _published(f)
            slowest = max(slowest, time.monotonic() - began)
        assert not load.statuses[503], "a write was refused for want of the broker"
    return f"{times} kills, published again within {slowest:.1f} s, {load.acknowledged} writes"


async def mongod_killed(f: Faulty, times: int) -> str:
    """kill -9 of mongod, and a restart: writes are refused meanwhile, never half done."""
    slowest = 0.0
    async with f.load() as load:
        for _ in range(times):
            await f.progress(load, 10)
            await f.engines.kill_mongod()
            await asyncio.sleep(f.chance.uniform(0.5, 3))
            await f.engines.start_mongod()
            began = time.monotonic()
            await f.progress(load, 4, timeout=BACK_SECONDS)
            slowest = max(slowest, time.monotonic() - began)
    assert load.longest < LONGEST_SECONDS, f"a request took {load.longest:.1f} s"
    return (
        f"{times} kills, writing again within {slowest:.1f} s, longest request "
        f"{load.longest:.1f} s, {load.statuses[503]} times 503"
    )


async def zombie(f: Faulty, times: int) -> str:
    """A projector stopped past its session timeout, its numbers taken over, and woken."""
    async with f.load() as load:
        f.stack.start("insights", "insights-2", ROLES="projector")
        await f.stack.ready("insights-2")
        for _ in range(times):
            await f.progress(load, 20)
            pid = f.stack._children["insights-2"].pid
            os.kill(pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(9)  # its session lasts 6 s
            finally:
                os.kill(pid, signal.SIGCONT)
            await f.progress(load, 20)
        assert f.stack._children["insights-2"].returncode is None
        await f.stack.end("insights-2")
    return f"{times} stops of 9 s, {load.acknowledged} writes"


async def coming_and_going(f: Faulty, seconds: float) -> str:
    """A member joins or leaves every 3 s or so; projecting goes on."""
    joins = 0
    async with f.load() as load:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            f.stack.start("insights", "insights-3", ROLES="projector")
            await f.stack.ready("insights-3")
            await asyncio.sleep(2)
            joins += 1
            if f.chance.random() < 0.5:
                await f.stack.kill("insights-3")
            else:
                await f.stack.end("insights-3")
            await asyncio.sleep(1)
        newest = load.goals[-1]
        wanted = newest.acknowledged[-1]

        async def shown() -> bool:
            entry = await f.north.entry("coach-01", newest.teacher)
            goals = {each["goal_id"]: each["current"] for each in entry["open_goals"]}
            return bool((goals.get(newest.id) or 0) >= wanted)

        await eventually(shown, timeout=30)
    return f"{joins} joins and leaves, {load.acknowledged} writes"


async def _wrong_way(
    f: Faulty, seconds: float, begin: Callable[[], None], calm: Callable[[], None]
) -> tuple[Load, float]:
    """Something is wrong with the way to an engine for a while: requests end in time, the
    services live, and all is well soon after."""
    async with f.load() as load:
        await f.progress(load, 10)
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                begin()
                assert await f.alive(), "/livez"
                await asyncio.sleep(1)
        finally:
            calm()
        began = time.monotonic()
        await f.progress(load, 10, timeout=BACK_SECONDS)
        back = time.monotonic() - began
        assert load.longest < LONGEST_SECONDS, f"a request took {load.longest:.1f} s"
    return load, back


def _told(load: Load, back: float) -> str:
    return (
        f"longest request {load.longest:.1f} s, {load.statuses[503]} times 503, writing again "
        f"after {back:.1f} s"
    )


async def mongod_slow(f: Faulty, seconds: float) -> str:
    """Every answer of MongoDB takes 2 s."""
    way = f.engines.mongod_proxy
    return _told(*await _wrong_way(f, seconds, lambda: way.slow(1.0), way.calm))


async def mongod_silent(f: Faulty, seconds: float) -> str:
    """Half-open: connections to MongoDB stay, nothing comes through."""
    way = f.engines.mongod_proxy
    return _told(*await _wrong_way(f, seconds, way.silent, way.calm))


async def mongod_resets(f: Faulty, seconds: float) -> str:
    """Every second all connections to MongoDB are reset."""
    way = f.engines.mongod_proxy
    return _told(*await _wrong_way(f, seconds, way.reset, way.calm))


async def kafka_slow(f: Faulty, seconds: float) -> str:
    """Every answer of Kafka takes 5 s; a write never waits for it."""
    way = f.engines.kafka_proxy
    load, back = await _wrong_way(f, seconds, lambda: way.slow(2.5), way.calm)
    assert not load.statuses[503]
    return _told(load, back)


async def kafka_silent(f: Faulty, seconds: float) -> str:
    """Half-open: connections to Kafka stay, nothing comes through."""
    way = f.engines.kafka_proxy
    load, back = await _wrong_way(f, seconds, way.silent, way.calm)
    assert not load.statuses[503]
    return _told(load, back)


async def kafka_resets(f: Faulty, seconds: float) -> str:
    """Every second all connections to Kafka are reset."""
    way = f.engines.kafka_proxy
    load, back = await _wrong_way(f, seconds, way.reset, way.calm)
    assert not load.statuses[503]
    return _told(load, back)


async def ends_in_time(f: Faulty, times: int) -> str:
    """SIGTERM with the broker down, of all five at once."""
    slowest = 0.0

    async def end(service: str) -> None:
        nonlocal slowest
        began = time.monotonic()
        code = await f.stack.end(service)
        took = time.monotonic() - began
        slowest = max(slowest, took)
        assert code == 0, (service, code)
        assert took < STOPPED_SECONDS, f"{service} took {took:.1f} s to end"

    for turn in range(times):
        async with f.load() as load:
            await f.progress(load, 10)
        if turn % 2:
            f.engines.kafka_proxy.silent()
        else:
            f.engines.kafka_proxy.down()
        await asyncio.sleep(1)
        await asyncio.gather(*(end(service) for service in SERVICES))
        f.engines.kafka_proxy.calm()
        for service in SERVICES:
            f.stack.start(service)
        for service in SERVICES:
            await f.stack.ready(service)
    return f"{times} times 5 processes, the slowest in {slowest:.1f} s"


Cell = Callable[[Faulty], Awaitable[str]]
