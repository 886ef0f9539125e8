"""Cards that change: in turns, one of each caseload is given another mark, so that whoever
keeps its entry must fetch it again. Reports how many changes a second it made."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import uvloop

from bench.events import CASELOAD, DISTRICT, YEAR, teacher_id
from bench.sides.meter import given
from services.chassis.mongo import connect, database
from services.insights.caseload.fold import CARDS


async def main(asked: dict[str, Any]) -> None:
    raw = database(connect(asked["mongodb"], "bench"), asked["database"])[CARDS]
    began, turns, cards = time.perf_counter(), 0, 0
    while (spent := time.perf_counter() - began) < asked["seconds"]:
        numbers = range(turns % CASELOAD, asked["teachers"], CASELOAD)
        ids = [f"{DISTRICT}:{teacher_id(number)}:{YEAR}" for number in numbers]
        await raw.update_many({"_id": {"$in": ids}}, {"$set": {"rev": f"{turns}.{time.time_ns()}"}})
        turns, cards = turns + 1, cards + len(ids)
        await asyncio.sleep(max(0.0, turns / asked["rate"] - spent))
    print(json.dumps({"changes": round(cards / spent)}))


uvloop.run(main(given()))
