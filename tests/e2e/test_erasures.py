"""What is about a teacher is erased from real engines by processes that die on the way."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import uuid4

from services.assembly.registry import SERVICES
from services.chassis.mongo import raw
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.truth import untrue
from tests.support.waiting import eventually

HER, COACH, ADMIN = "teacher-0009", "coach-03", "admin-01"
ORDER = f"/privacy/v1/erasures/{HER}"
WHY = {"reason": "She has asked for it."}
CANARY = "Canary-of-hers"  # of nobody else: others' tests write to the same stack
DYING = {"goals": "E1", "surveys": "D2", "observations": "W2", "programs": "R4"}
COUNTS = {"goals": 3, "observations": 1, "programs": 1, "surveys": 1}
PAGES = {f"/goals/v1/drafts/{uuid4()}": who for who in (COACH, COACH, HER)}
TYPED = {"kind": "goal", "texts": [{"name": "note", "text": CANARY}]}
WORK = {
    "goals": "/goals/v1/goals/{}",
    "observations": "/observations/v1/observations/{}",
    "surveys": "/surveys/v1/administrations/{}",
    "programs": "/programs/v1/relationships/{}",
}


async def test_a_held_order_waits_and_then_leaves_nothing_of_hers_but_tombstones(
    north: Coaching, stack: RunningStack
) -> None:
    work = await work_of_every_kind(north)
    held = await north.post(ADMIN, f"{ORDER}/hold", {"reason": "A lawsuit."})
    assert held["state"] == "held"
    assert (await north.post(ADMIN, f"{ORDER}/order", WHY))["state"] == "held"
    assert await there(stack, north, work) == set(WORK)
    await eventually(lambda: kept(stack), timeout=30)  # what leaves a goal does so by the relay
    for service, point in DYING.items():
        await stack.end(service)
        stack.start(service, TANDEM_CRASH_AT=point)
        await stack.ready(service)
    assert (await north.post(ADMIN, f"{ORDER}/release", WHY))["state"] == "under_way"
    for service in DYING:
        await eventually(partial(dead, stack, service), timeout=60)
        await stack.kill(service)
        stack.start(service)
        await stack.ready(service)
    done = await carried_out(stack, north)
    assert {each["service"]: each["erased"] for each in done["carried_out"]} == COUNTS
    assert len(done["proof"]) == 64
    await nothing_of_hers(stack, north, work)
    for place, who in PAGES.items():  # which somebody has open still
        async with stack.client("goals", north.who(who)) as client:
            assert (await client.put(place, json=TYPED)).json()["code"] == "draft_erased"


async def work_of_every_kind(north: Coaching) -> Mapping[str, str]:
    goal = await north.active_goal(COACH, HER, statement=CANARY)
    tried = {"teacher_id": HER, "goal_id": goal, "words": CANARY}
    await north.post(HER, "/goals/v1/trials", tried)
    private = {"title": CANARY, "about": CANARY, "license": CANARY}
    await north.post(HER, "/goals/v1/strategies", private)
    for value in range(45):  # some of which leave the goal
        noted = {"value": value, "note": CANARY}
        await north.post(HER, f"/goals/v1/goals/{goal}/progress", noted)
    said: list[dict[str, str]] = [{"about_id": goal}, {"teacher_id": HER}, {}]
    for (place, who), more in zip(PAGES.items(), said, strict=True):
        await north.asks.ask(north.who(who), "PUT", place, {**TYPED, **more})
    observation = await north.shared_observation(COACH, HER, "2026-10-05T15:00:00Z", CANARY)
    measure = await north.published_measure(COACH)
    own = await north.asks.ask(north.who(HER), "GET", f"/roster/v1/classes?teacher_id={HER}")
    class_id = own.json()["classes"][0]["class_id"]
    survey, codes = await north.open_survey(HER, measure, class_id, 12)
    await north.answer(survey, codes[0], 3)
    path = f"/programs/v1/relationships?teacher_id={HER}"
    (made,) = (await north.asks.ask(north.who(HER), "GET", path)).json()["relationships"]
    return {
        "goals": goal, "observations": observation, "surveys": survey,
        "programs": made["relationship_id"],
    }  # fmt: skip


async def there(stack: RunningStack, north: Coaching, work: Mapping[str, str]) -> set[str]:
    """The services that show her what is hers."""
    found = set()
    for service, path in WORK.items():
        async with stack.client(service, north.who(HER)) as client:
            if (await client.get(path.format(work[service]))).is_success:
                found.add(service)
    return found


async def dead(stack: RunningStack, service: str) -> bool:
    return stack._children[service].returncode is not None


async def carried_out(stack: RunningStack, north: Coaching) -> Any:
    told: dict[str, Any] = {}

    async def done() -> bool:
        told.update((await stack.ask(north.who(ADMIN), "GET", ORDER)).json())
        return str(told["state"]) == "done"

    await eventually(done, timeout=150)
    return told


async def kept(stack: RunningStack) -> bool:
    where = {"goals/aggregates", "goals/entries", "goals/drafts", "observations/aggregates"}
    return await holding(stack) >= where


async def holding(stack: RunningStack) -> set[str]:
    """Where her canary stands: `service/collection`."""
    found = set()
    for service in SERVICES:
        own = stack._backing(service).database
        assert own is not None
        for name in await own.list_collection_names():
            async for each in raw(own[name]).find():
                if CANARY.encode() in each.raw:
                    found.add(f"{service}/{name}")
    return found


async def nothing_of_hers(stack: RunningStack, north: Coaching, work: Mapping[str, str]) -> None:
    assert await there(stack, north, work) == set()
    assert await holding(stack) == set()
    await eventually(lambda: no_fact(stack, list(work.values())), timeout=30)
    await eventually(lambda: true(stack), timeout=30)
    for service, id_ in work.items():
        backing = stack._backing(service)
        assert backing.database is not None
        left = await backing.database["aggregates"].find_one({"_id": id_})
        assert left is not None
        assert left.keys() == {
            "_id", "kind", "was", "district", "version", "erased_at", "because", "outbox",
        }  # fmt: skip
        (entry,) = await backing.journal.read("north", None, "", 1_000, id_)
        assert entry.event.erases
    seats = stack._backing("surveys").database
    assert seats is not None
    sheets = await seats["seats"].find({"administration": work["surveys"]}).to_list(None)
    assert not [each for each in sheets if each["answers"]]


async def no_fact(stack: RunningStack, ids: list[str]) -> bool:
    """Whether no view says more of these than that they are gone."""
    for service in SERVICES:
        own = stack._backing(service).database
        assert own is not None
        for name in await own.list_collection_names():
            if name.startswith(("access", "cards", "timeline")):
                async for row in own[name].find():
                    for facts in row["facts"].values():
                        said = [facts[each] for each in ids if each in facts]
                        if any(fact.keys() != {"v", "at", "gone"} for fact in said):
                            return False
    return True


async def true(stack: RunningStack) -> bool:
    return not await untrue(stack.backings)
