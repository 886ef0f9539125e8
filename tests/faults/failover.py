"""Cells on three mongod nodes: no acknowledged write is lost, and nothing is published that
was rolled back (`Faulty.check_journals` compares each record with what was committed)."""

from __future__ import annotations

import asyncio

from tests.support.faults import Faulty
from tests.support.replica_set import ThreeNodes

BACK_SECONDS = 20.0  # after an election


async def primary_killed(f: Faulty, times: int) -> str:
    """kill -9 of the primary under load."""
    return await _failover(f, times, kill=True)


async def stepped_down(f: Faulty, times: int) -> str:
    """The primary steps down under load."""
    return await _failover(f, times, kill=False)


async def _failover(f: Faulty, times: int, *, kill: bool) -> str:
    nodes = f.engines
    assert isinstance(nodes, ThreeNodes)
    slowest = 0.0
    async with f.load() as load:
        for _ in range(times):
            await f.progress(load, 20)
            took = await (nodes.kill_primary() if kill else nodes.step_down())
            slowest = max(slowest, took)
            await f.progress(load, 4, timeout=BACK_SECONDS)
            await asyncio.sleep(2)  # for the one that was killed to catch up
    return (
        f"{times} times, a new primary within {slowest:.1f} s, longest request "
        f"{load.longest:.1f} s, {load.statuses[503]} times 503, {load.acknowledged} writes"
    )
