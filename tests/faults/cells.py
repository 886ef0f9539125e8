"""Cells of the engines' outages, and of the ways to them. Like every cell they break something
under load for as long or as often as they are told, and end with the oracles (`Faulty.load`
checks them).

What a cell returns is shown in the summary of `make soak`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from services.assembly.registry import SERVICES
from services.chassis.kernel import Fault
from tests.support.faults import LONGEST_SECONDS, Faulty
from tests.support.load import Load
from tests.support.waiting import Stopwatch, eventually

BACK_SECONDS = 10.0  # within which all is well again after slowness, resets, silence
PUBLISHED_SECONDS = 15.0  # within which publishing goes on after an outage of the broker
STOPPED_SECONDS = 12.0
LOADED = ("goals", "surveys", "observations", "programs")  # the services that the load writes to


async def _published(f: Faulty, timeout: float = PUBLISHED_SECONDS) -> float:
    """Wait until every loaded service has published all that waits now. The seconds that
    this took."""
    began, now = time.monotonic(), datetime.now(UTC)

    async def newer() -> bool:
        try:
            backlogs = [await f.stack._backing(each).store.backlog() for each in LOADED]
        except Fault:  # our own connections to MongoDB were reset, too
            return False
        return all(since is None or since > now for _, since in backlogs)

    await eventually(newer, timeout=timeout)
    return time.monotonic() - began


async def _waiting(f: Faulty) -> None:
    """Wait until every loaded service has something to publish."""

    async def some() -> bool:
        backlogs = [await f.stack._backing(each).store.backlog() for each in LOADED]
        return all(waiting for waiting, _ in backlogs)

    await eventually(some, timeout=BACK_SECONDS)


def _ended_in_time(load: Load) -> None:
    """To be asked when the load is over: a request that hangs is not counted before it ends."""
    assert load.longest < LONGEST_SECONDS, f"a request took {load.longest:.1f} s"


@contextmanager
def _refused(f: Faulty) -> Iterator[None]:
    """No connection to the broker, and none to be had."""
    f.engines.kafka_proxy.down()
    try:
        yield
    finally:
        f.engines.kafka_proxy.calm()


async def broker_stopped(f: Faulty, seconds: float) -> str:
    """SIGSTOP of the broker for longer than the producer's request timeout, then for half as
    long a broker that refuses; writes go on all the time, and every service lives."""
    resumed, written = 0.0, 0
    async with f.load() as load:
        for gone, lasts in ((f.engines.broker_stopped(), seconds), (_refused(f), seconds / 2)):
            await f.progress(load, 10)
            before = load.acknowledged
            with gone:
                deadline = time.monotonic() + lasts
                while time.monotonic() < deadline:
                    await f.progress(load, 20, timeout=BACK_SECONDS)
                    assert await f.alive(), "/livez"
                written += load.acknowledged - before
            resumed = max(resumed, await _published(f))
    assert not load.statuses[503], "a write was refused for want of the broker"
    _ended_in_time(load)
    return (
        f"{seconds:.0f} s stopped, {seconds / 2:.0f} s refused, {written} writes meanwhile, "
        f"longest request {load.longest:.1f} s, published again within {resumed:.1f} s"
    )


async def broker_killed(f: Faulty, times: int) -> str:
    """kill -9 of the broker, and a restart."""
    slowest = 0.0
    async with f.load() as load:
        for _ in range(times):
            await f.progress(load, 10)
            await f.engines.kill_broker()
            await f.progress(load, 20)
            assert await f.alive(), "/livez"
            await f.engines.start_broker()
            slowest = max(slowest, await _published(f))
    assert not load.statuses[503], "a write was refused for want of the broker"
    _ended_in_time(load)
    return f"{times} kills, published again within {slowest:.1f} s, {load.acknowledged} writes"


async def mongod_killed(f: Faulty, times: int) -> str:
    """kill -9 of mongod, and a restart: writes are refused meanwhile, never half done."""
    slowest = 0.0
    async with f.load() as load:
        for _ in range(times):
            await f.progress(load, 10)
            await f.engines.kill_mongod()
            await asyncio.sleep(f.chance.uniform(0.5, 3))
            assert await f.alive(), "/livez"
            await f.engines.start_mongod()
            began = time.monotonic()
            await f.progress(load, 4, timeout=BACK_SECONDS)
            slowest = max(slowest, time.monotonic() - began)
    _ended_in_time(load)
    return (
        f"{times} kills, writing again within {slowest:.1f} s, longest request "
        f"{load.longest:.1f} s, {load.statuses[503]} times 503"
    )


async def _wrong_way(
    f: Faulty, seconds: float, begin: Callable[[], None], calm: Callable[[], None]
) -> tuple[Load, float, float]:
    """Something is wrong with the way to an engine for a while: requests end in time, the
    services live, and all is well soon after: they take writes and publish them."""
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
        published = asyncio.create_task(_published(f, BACK_SECONDS))
        try:
            await f.progress(load, 10, timeout=BACK_SECONDS)
            back = time.monotonic() - began
            resumed = await published
        finally:
            published.cancel()
    _ended_in_time(load)
    return load, back, resumed


def _told(load: Load, back: float, resumed: float) -> str:
    return (
        f"longest request {load.longest:.1f} s, {load.statuses[503]} times 503, writing again "
        f"after {back:.1f} s, publishing after {resumed:.1f} s"
    )


async def _wrong_kafka(f: Faulty, seconds: float, begin: Callable[[], None]) -> str:
    """A write never waits for Kafka, whatever is wrong with the way to it."""
    load, back, resumed = await _wrong_way(f, seconds, begin, f.engines.kafka_proxy.calm)
    assert not load.statuses[503], "a write was refused for want of the broker"
    return _told(load, back, resumed)


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
    """Every answer of Kafka takes 5 s."""
    return await _wrong_kafka(f, seconds, lambda: f.engines.kafka_proxy.slow(2.5))


async def kafka_silent(f: Faulty, seconds: float) -> str:
    """Half-open: connections to Kafka stay, nothing comes through."""
    return await _wrong_kafka(f, seconds, f.engines.kafka_proxy.silent)


async def kafka_resets(f: Faulty, seconds: float) -> str:
    """Every second all connections to Kafka are reset."""
    return await _wrong_kafka(f, seconds, f.engines.kafka_proxy.reset)


async def ends_in_time(f: Faulty, times: int) -> str:
    """SIGTERM with the broker down, of all five at once, while writers write and there is
    something to publish in each of the services that they write to."""
    slowest = 0.0

    async def end(service: str) -> None:
        nonlocal slowest
        watch = Stopwatch()
        code = await f.stack.end(service)
        took = watch.seconds()
        slowest = max(slowest, took)
        assert code == 0, (service, code)
        assert took < STOPPED_SECONDS, f"{service} took {took:.1f} s to end"

    async with f.load() as load:
        for turn in range(times):
            await f.progress(load, 10)
            if turn % 2:
                f.engines.kafka_proxy.silent()
            else:
                f.engines.kafka_proxy.down()
            await f.progress(load, 10)
            await _waiting(f)
            await asyncio.gather(*(end(service) for service in SERVICES))
            f.engines.kafka_proxy.calm()
            for service in SERVICES:
                f.stack.start(service)
            for service in SERVICES:
                await f.stack.ready(service)
        await f.progress(load, 10)
    return f"{times} times 5 processes, the slowest in {slowest:.1f} s, {load.acknowledged} writes"
