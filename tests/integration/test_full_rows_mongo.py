"""Rows filled by hand to what MongoDB takes: proposals and goals without end, as if for years.
What would grow them is parked, what they hold is updated, nobody else notices."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import bson
import pymongo
import pytest

from services.access.projection import access_projection
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.mongo import Database
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.projection import Projection
from services.chassis.views.projector import Projector, Timing
from services.insights.caseload.fold import insights_projection
from tests.support.insight import DISTRICT, YEAR, Insights
from tests.support.waiting import HANGS

LARGEST = 16 * 1024 * 1024
AT = datetime(2026, 10, 5, tzinfo=UTC)
CASES: dict[str, tuple[Projection, str, str, str]] = {
    "cards": (insights_projection(), "cards", f"{DISTRICT}:t1:{YEAR}", f"{DISTRICT}:t2:{YEAR}"),
    "access": (access_projection("goals"), "access", f"{DISTRICT}:t1", f"{DISTRICT}:t2"),
}


def filled(row: dict[str, Any], room: int) -> dict[str, Any]:
    """With ended relationships until it lacks only `room` bytes of the largest document."""
    ended = {"v": 1, "at": AT, "coach": "coach-9", "active": False, "accepted_at": AT}
    pairs = row["facts"]["relationships"]
    name = uuid.uuid4().hex
    each = len(bson.encode({name: ended})) - 5
    for _ in range((LARGEST - room - len(bson.encode(row))) // each):
        pairs[uuid.uuid4().hex] = ended
    return row


@pytest.mark.parametrize("left", [20_000, 150])
@pytest.mark.parametrize("view", CASES)
async def test_a_row_as_large_as_can_be_ends_nothing(db: Database, view: str, left: int) -> None:
    with pymongo.timeout(HANGS):  # a slow machine writes 16 MB so often in more than a client's 5 s
        await ends_nothing(db, view, left)


async def ends_nothing(db: Database, view: str, left: int) -> None:
    projection, collection, full, other = CASES[view]
    world, views = Insights(), MongoViews(db)
    source = MemorySource(MemoryGroup(world.log, projection.topics), now=world.clock.now)
    one = Projector(source, views, projection, world.clock, timing=Timing(wait=0))

    async def settle() -> None:
        for _ in range(4):
            await one.round()

    async def row(id_: str) -> Any:
        return await db[collection].find_one({"_id": id_})

    for teacher in ("t1", "t2"):
        world.person(teacher)
        world.coached(teacher)
    await settle()
    grown = filled(await row(full), left)
    await db[collection].delete_one({"_id": full})
    await db[collection].insert_one(grown)
    one._batcher.drop()
    before = await row(full)
    for teacher in ("t1", "t2"):
        for number in range(20):
            world.coached(teacher, f"coach-{number + 2}")
    world.coached("t1", active=False)  # what it holds already
    await settle()
    after = await row(full)
    pairs = after["facts"]["relationships"]
    assert len(pairs) == len(before["facts"]["relationships"])
    assert pairs["rel-t1-coach-1"]["v"] == (2 if left > 5_000 else 1)
    parked = await views.open_parked(f"{projection.group}.0", range(12))
    assert {each.reason for each in parked} == {"invalid: the row is full"}
    assert len(parked) == (20 if left > 5_000 else 21)
    assert len((await row(other))["facts"]["relationships"]) == 21
    if left > 5_000:
        assert len(after["incomplete"]) == 20
    assert one.counts.unknown == 0
