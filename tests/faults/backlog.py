"""A week of backlog: many events wait in the outboxes, then in the topic. Memory stays
bounded, and all of it arrives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.chassis.log.envelope import PendingEvent
from services.chassis.log.topics import PARTITIONS
from services.chassis.write.stored_events import to_stored
from services.goals.goal.codec import GOALS
from services.goals.goal.domain import Goal
from services.goals.goal.outline import Progress
from services.goals.goal.progress import ProgressEvent
from services.goals.measure.domain import Direction
from services.insights.caseload.fold import GROUP
from tests.support.clocks import START
from tests.support.faults import Faulty
from tests.support.waiting import eventually

RELAY_MIB, INSIGHTS_MIB = 256, 512
EVENTS = 50  # a goal
TEACHERS = 5_000
AT_ONCE = 200
DISTRICT = "south"  # apart from what the other cells write


def documents(events: int) -> Iterator[dict[str, Any]]:
    """Goals with all their events still in the outbox."""
    for number in range(events // EVENTS):
        goal = Goal(
            id=f"backlog-{number}",
            district=DISTRICT,
            teacher=f"backlog-{number % TEACHERS}",
            school_year=2027,
            statement="x" * 200,
            focus_skill="questioning",
            measure="talk-share",
            unit="percent",
            direction=Direction.INCREASE,
            target=1e6,
            baseline=0.0,
            drafted_at=START,
        )
        goal.version = EVENTS
        outbox = []
        for version in range(1, EVENTS + 1):
            at = START + timedelta(seconds=version)
            goal.progress.append(Progress(float(version), at, goal.teacher, ""))
            told = GOALS.encode(goal, ProgressEvent.RECORDED)
            event = PendingEvent(
                version, f"{goal.id}:{version}", told.type, told.keys, told.data, at, 2027
            )
            outbox.append(to_stored(event))
        yield {
            "_id": goal.id,
            "kind": "goal",
            "district": DISTRICT,
            "version": EVENTS,
            "state": GOALS.to_state(goal),
            "outbox": outbox,
            "outbox_since": START,
        }


def _resident(pid: int) -> tuple[float, float]:
    """MiB now, and at most so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    said = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if "kB" in line}
    return int(said["VmRSS"]) / 1024, int(said["VmHWM"]) / 1024


async def backlog(f: Faulty, events: int) -> str:
    """So many events wait in the outboxes of goals, then in its topic."""
    await asyncio.gather(*(f.stack.end(each) for each in ("goals", "insights")))
    goals, insights = f.stack._backing("goals").database, f.stack._backing("insights").database
    assert goals is not None
    assert insights is not None
    made: list[dict[str, Any]] = []
    for document in documents(events):
        made.append(document)
        if len(made) == AT_ONCE:
            await goals["aggregates"].insert_many(made, ordered=False)
            made = []
    if made:
        await goals["aggregates"].insert_many(made, ordered=False)
    relay = await _drained(f, goals, events)
    f.stack.start("goals")
    projecting = await _projected(f, insights, events)
    await asyncio.gather(f.stack.ready("goals"), f.stack.ready("insights"))
    return f"{events} events; {relay}; {projecting}"


async def _drained(f: Faulty, goals: Any, events: int) -> str:
    began = time.monotonic()
    f.stack.start("goals", "backlog-relay", ROLES="relay")
    await f.stack.ready("backlog-relay")
    pid = f.stack._children["backlog-relay"].pid

    async def empty() -> bool:
        await asyncio.sleep(0.5)
        return await goals["aggregates"].find_one({"outbox_since": {"$exists": True}}) is None

    await eventually(empty, timeout=60 + events / 500)
    took, (_, most) = time.monotonic() - began, _resident(pid)
    await f.stack.end("backlog-relay")
    kept = await goals["journal"].count_documents({"district": DISTRICT})
    assert kept >= events, f"the journal has {kept} of {events}"
    assert most <= RELAY_MIB, f"the relay grew to {most:.0f} MiB"
    return f"relay {events / took:.0f}/s, {most:.0f} MiB at most"


async def _projected(f: Faulty, insights: Any, events: int) -> str:
    began = time.monotonic()
    f.stack.start("insights")
    await f.stack.ready("insights")
    pid = f.stack._children["insights"].pid
    generation = await f.stack._backing("insights").views.generation(GROUP)
    cards = insights[generation.collection("cards")]
    wanted = events // EVENTS

    async def done() -> bool:
        await asyncio.sleep(0.5)
        fences = insights["view_fences"].find({"_id": {"$regex": f"^{GROUP}\\.\\d+:"}})
        positions = [each async for each in fences]
        reached = sum(p["next"] for each in positions for p in each.get("positions", []))
        return len(positions) >= PARTITIONS and reached >= events

    await eventually(done, timeout=60 + events / 500)
    took = time.monotonic() - began

    async def right() -> bool:
        found = cards.find({"district": DISTRICT, "_id": {"$regex": "backlog"}}, {"facts.goals": 1})
        facts = [fact async for row in found for fact in row["facts"]["goals"].values()]
        return len(facts) == wanted and all(fact["v"] == EVENTS for fact in facts)

    await eventually(right, timeout=60)
    _, most = _resident(pid)
    assert most <= INSIGHTS_MIB, f"insights grew to {most:.0f} MiB"
    return f"projector {events / took:.0f}/s, insights {most:.0f} MiB at most"
