"""Cells about the members of a projector's group: one that was dead and wakes, and many that
come and go."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from functools import partial

from services.chassis.views.fence import FENCES
from services.insights.caseload.fold import GROUP
from tests.support.faults import Faulty
from tests.support.projector_member import stands_still
from tests.support.waiting import eventually

ASSIGNED = "tandem_consumer_assigned_partitions"
COUNT = "tandem_projector_count"
NUMBERS = 12
MOVED_SECONDS = 15.0  # longer than a dead member's session (6 s), a rebalance and a batch


async def zombie(f: Faulty, times: int) -> str:
    """A projector stands still with a batch in its hands until its session (6 s) is over and
    another member has its numbers; then it wakes and writes. The store refuses that."""
    fenced = 0.0
    async with f.load() as load:
        for _ in range(times):
            await f.stack.end("insights")
            await f.progress(load, 40)  # its first batch is about many teachers
            f.stack.start(
                "insights", "insights-2", ROLES="projector.cards", TANDEM_CRASH_AT="C1:1:STOP"
            )
            pid = f.stack._children["insights-2"].pid
            await eventually(partial(stands_still, pid), timeout=60)
            f.stack.start("insights")
            await f.stack.ready("insights")

            async def taken_over() -> bool:
                return await f.metric("insights", ASSIGNED, group=GROUP) == NUMBERS

            await eventually(taken_over, timeout=30)
            await f.progress(load, 20)
            os.kill(pid, signal.SIGCONT)

            async def refused() -> bool:
                """`unknown` where its try met the other's transaction: nothing either."""
                told = [
                    await f.metric("insights-2", COUNT, group=GROUP, what=what)
                    for what in ("fenced", "unknown")
                ]
                return sum(told) > 0

            await eventually(refused, timeout=30)
            fenced += await f.metric("insights-2", COUNT, group=GROUP, what="fenced")
            await f.progress(load, 20)
            assert f.stack._children["insights-2"].returncode is None
            await f.stack.end("insights-2")
    return f"{times} times, {fenced:.0f} writes fenced, {load.acknowledged} writes"


async def _position(f: Faulty) -> int:
    """How far the caseloads' group has come, over all of its numbers."""
    own = f.stack._backing("insights").database
    assert own is not None
    fences = own[FENCES].find({"_id": {"$regex": f"^{GROUP}\\.\\d+:"}}, {"positions": 1})
    return sum([p["next"] async for each in fences for p in each.get("positions", [])])


async def _moved(f: Faulty) -> float:
    """Wait until the group has come further than it is now. The seconds that this took."""
    began, before = time.monotonic(), await _position(f)

    async def further() -> bool:
        return await _position(f) > before

    await eventually(further, timeout=MOVED_SECONDS)
    return time.monotonic() - began


async def coming_and_going(f: Faulty, seconds: float) -> str:
    """A member joins or leaves every 3 s or so; projecting goes on all the time."""
    joins, slowest = 0, 0.0
    async with f.load() as load:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            f.stack.start("insights", "insights-3", ROLES="projector")
            await f.stack.ready("insights-3")
            await asyncio.sleep(2)
            slowest = max(slowest, await _moved(f))
            joins += 1
            if f.chance.random() < 0.5:
                await f.stack.kill("insights-3")
            else:
                await f.stack.end("insights-3")
            await asyncio.sleep(1)
            slowest = max(slowest, await _moved(f))
        newest = load.measured[-1]
        wanted, goal = newest.acknowledged[-1], newest.path.rpartition("/")[2]

        async def shown() -> bool:
            entry = await f.north.entry("coach-01", newest.teacher)
            goals = {each["goal_id"]: each["current"] for each in entry["open_goals"]}
            return bool((goals.get(goal) or 0) >= wanted)

        await eventually(shown, timeout=30)
    return (
        f"{joins} joins and leaves, projecting again within {slowest:.1f} s of each, "
        f"{load.acknowledged} writes"
    )
