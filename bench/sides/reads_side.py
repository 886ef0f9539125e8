"""A caseload's query against one find_one, in turn, one at a time: medians in ms."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop

from bench.events import DISTRICT, YEAR, coach_of, teacher_id
from bench.sides.meter import given
from services.chassis.mongo import connect, database
from services.chassis.views.mongo_views import MongoViews
from services.insights.adapters.mongo_cards import MongoCards
from services.insights.application.projections.reading import CARDS

READS = 300


async def main(asked: dict[str, Any]) -> None:
    own = database(connect(asked["mongodb"], "bench"), asked["database"])
    cards, raw = MongoCards(own, MongoViews(own)), own[CARDS]
    chance = random.Random(asked["seed"])

    async def caseload() -> int:
        coach = coach_of(chance.randrange(asked["teachers"]))
        return len(await cards.caseload(DISTRICT, coach, YEAR))

    async def one() -> int:
        teacher = teacher_id(chance.randrange(asked["teachers"]))
        return len(await raw.find_one({"_id": f"{DISTRICT}:{teacher}:{YEAR}"}) or {})

    async def median(read: Callable[[], Awaitable[int]]) -> float:
        times = []
        for _ in range(READS):
            began = time.perf_counter()
            assert await read()
            times.append(time.perf_counter() - began)
        return round(statistics.median(times) * 1000, 3)

    await median(one)
    said = {"caseload": await median(caseload), "find_one": await median(one)}
    print(json.dumps({**said, "ratio": round(said["caseload"] / said["find_one"], 2)}))
    await asyncio.sleep(0)


uvloop.run(main(given()))
