"""All that the services keep of one district is deleted from real engines, by somebody who is
stopped in the middle and begins again; others keep theirs."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from services.assembly.registry import SERVICES
from services.chassis.log.connections import Proof
from services.chassis.mongo import Database, raw
from services.chassis.views.erased import COLLECTION
from services.chassis.views.mongo_views import MongoViews
from services.chassis.write.stored_events import to_stored
from services.ctl.district_erasure import DistrictErasure
from services.ctl.erased import reaching
from services.ctl.rebuilding import view_of
from tests.support.coaching import Coaching
from tests.support.erases_district import BATCH
from tests.support.stack import RunningStack
from tests.support.truth import untrue
from tests.support.waiting import eventually

DISTRICT, HER, COACH, ADMIN = "saltmarsh", "teacher-0001", "coach-01", "admin-01"
CANARY = "Canary-of-the-marsh"
NAMED = (DISTRICT.encode(), CANARY.encode())


class Steps:
    """What it waits for."""

    def __init__(self) -> None:
        self.waited: list[timedelta] = []

    async def pause(self, span: timedelta) -> None:
        self.waited.append(span)


async def test_a_district_goes_and_one_record_stays(stack: RunningStack) -> None:
    marsh = Coaching(stack, DISTRICT)
    await work_of_every_kind(marsh)
    databases = dict(owned(stack))
    await eventually(lambda: everywhere(databases), timeout=60)
    await eventually(lambda: quiet(stack), timeout=60)

    late = await relay_that_stood_still(stack, databases["goals"])
    counting = erasure(databases, Steps())
    found = await counting.found()
    assert all(found[service] for service in SERVICES)
    assert await killed_after(4, stack, databases) == -signal.SIGKILL
    left = await counting.found()
    assert 0 < total(left) < total(found)

    steps = Steps()
    report = await erasure(databases, steps).run()
    assert (report["district"], report["left"]) == (DISTRICT, {})
    assert len(steps.waited) >= 2
    stays = {f"{service}/{COLLECTION}" for service in SERVICES}
    assert await naming(databases) == stays
    for database in databases.values():
        record = await database[COLLECTION].find_one({"_id": DISTRICT})
        assert record is not None
        assert record.keys() == {"_id", "erased_at"}
    others = [await database["aggregates"].count_documents({}) for database in databases.values()]
    assert sum(others) > 0
    await eventually(lambda: true(stack), timeout=60)

    await said_late(stack, databases["goals"], late)
    assert await naming(databases) - stays == {"goals/aggregates", "goals/journal"}
    again = await erasure(databases, Steps()).run()
    assert again["deleted"]["goals"] == {"aggregates": 1, "journal": 2}


async def test_nothing_goes_while_a_legal_hold_is_on_somebody(stack: RunningStack) -> None:
    fen = Coaching(stack, "fen")
    await fen.import_roster()
    await fen.known(HER)
    path = f"/privacy/v1/erasures/{HER}"
    await eventually(lambda: done(stack, fen, f"{path}/hold"), timeout=30)
    assert await DistrictErasure(
        dict(owned(stack)), "fen", lambda: datetime.now(UTC), Steps().pause
    ).held() == [HER]


def erasure(databases: Mapping[str, Database], steps: Steps) -> DistrictErasure:
    """In small batches."""
    now = datetime.now(UTC)
    return DistrictErasure(databases, DISTRICT, lambda: now, steps.pause, batch=BATCH)


async def killed_after(batches: int, stack: RunningStack, databases: Mapping[str, Database]) -> int:
    """How a process ends that erases it and dies on the way."""
    named = [f"{service}={database.name}" for service, database in databases.items()]
    asked = (stack.stack.mongodb, DISTRICT, str(batches), *named)
    module = "tests.support.erases_district"
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *asked)
    return await process.wait()


async def done(stack: RunningStack, people: Coaching, path: str) -> bool:
    async with stack.client("privacy", people.who(ADMIN)) as client:
        return (await client.post(path, json={"reason": "A lawsuit."})).is_success


async def work_of_every_kind(marsh: Coaching) -> None:
    await marsh.import_roster()
    await marsh.known(HER)
    await marsh.relate(1)
    await marsh.may(COACH, f"/goals/v1/goals?teacher_id={HER}")
    await marsh.may(COACH, f"/surveys/v1/administrations?teacher_id={HER}")
    await marsh.may(COACH, f"/observations/v1/observations?teacher_id={HER}")
    goal = await marsh.active_goal(COACH, HER, statement=CANARY)
    for value in range(45):  # some of which leave the goal
        await marsh.post(HER, f"/goals/v1/goals/{goal}/progress", {"value": value, "note": CANARY})
    await marsh.shared_observation(COACH, HER, "2026-10-05T15:00:00Z", CANARY)
    measure = await marsh.published_measure(COACH)
    taught = await marsh.asks.ask(marsh.who(HER), "GET", f"/roster/v1/classes?teacher_id={HER}")
    class_id = taught.json()["classes"][0]["class_id"]
    survey, codes = await marsh.open_survey(HER, measure, class_id, 12)
    await marsh.answer(survey, codes[0], 3)


async def relay_that_stood_still(stack: RunningStack, goals: Database) -> dict[str, Any]:
    """A goal as it was before its first two events were published."""
    goal = await goals["aggregates"].find_one({"district": DISTRICT, "kind": "goal"})
    assert goal is not None
    kept = await stack._backing("goals").journal.read(DISTRICT, None, "", 1_000, goal["_id"])
    waits = [to_stored(each.event) for each in kept[:2]]
    return {**goal, "outbox": waits, "outbox_since": datetime.now(UTC)}


async def said_late(stack: RunningStack, goals: Database, late: dict[str, Any]) -> None:
    """It is put back by somebody, published, and read by views that have just begun."""
    await stack.end("insights")
    stack.start("insights")
    await stack.ready("insights")
    await goals["aggregates"].insert_one(late)

    async def published() -> bool:
        found = await goals["aggregates"].find_one({"_id": late["_id"]})
        return found is not None and not found["outbox"]

    await eventually(published, timeout=60)
    reach, views = reaching(stack.stack.kafka, Proof()), stack._backing("insights").views
    for name in ("insights", "timeline"):
        view = view_of(name, "insights")
        assert isinstance(views, MongoViews)
        await reach(view.projection, views, await views.generation(name))


def owned(stack: RunningStack) -> Iterator[tuple[str, Database]]:
    for service in SERVICES:
        own = stack._backing(service).database
        assert own is not None
        yield service, own


async def naming(databases: Mapping[str, Database]) -> set[str]:
    """Where the district or what was said in it stands: `service/collection`."""
    found = set()
    for service, database in databases.items():
        for name in await database.list_collection_names():
            async for each in raw(database[name]).find():
                if any(text in each.raw for text in NAMED):
                    found.add(f"{service}/{name}")
    return found


async def everywhere(databases: Mapping[str, Database]) -> bool:
    """In views, journals, lists of who looked."""
    wanted = {"goals/entries", "goals/journal", "insights/cards", "privacy/looks", "surveys/seats"}
    return wanted <= await naming(databases)


async def quiet(stack: RunningStack) -> bool:
    """Nothing waits to be published."""
    waiting = [
        await stack._backing(each).store.pending(1) for each in SERVICES if each != "insights"
    ]
    return not any(waiting) and await true(stack)


def total(found: Mapping[str, Mapping[str, int]]) -> int:
    return sum(count for counts in found.values() for count in counts.values())


async def true(stack: RunningStack) -> bool:
    return not await untrue(stack.backings)
