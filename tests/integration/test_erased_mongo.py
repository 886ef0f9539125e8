"""`tandem privacy verify-erasure` on MongoDB: whatever says more of what was erased than that it is
gone is found, wherever it is put in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.assembly.registry import SERVICES
from services.chassis.mongo import Database
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.projection import Projection
from services.chassis.views.rows import Generation, Terms
from services.ctl.erased import ErasureCheck
from services.ctl.erasure_orders import order_of
from services.ctl.exits import Exit, Stop

AT = datetime(2027, 2, 3, 12, tzinfo=UTC)
HER, OTHER, GOAL = "teacher-1", "teacher-2", "5f0c9a4e-0000-4000-8000-00000000000a"
CAUSE, WORDS = "order-event", "What she wrote"
GONE = {"v": 3, "at": AT, "gone": True}
TOMBSTONE = {
    "_id": GOAL, "kind": "tombstone", "was": "goal", "district": "north", "version": 3,
    "erased_at": AT, "because": CAUSE, "outbox": [],
}  # fmt: skip
ROW = {
    "_id": f"north:{HER}",
    "district": "north",
    "facts": {"goals": {GOAL: GONE}, "person": {HER: {"v": 1, "at": AT, "name": "Ana"}}},
    "incomplete": {},
}


async def erased(db: Database, state: str = "done") -> None:
    """As it is when all is done: of all services, in one database."""
    said = {"person": HER, "state": state, "ordered_at": AT}
    order = {"_id": "order", "kind": "erasure", "district": "north", "state": said}
    await db["aggregates"].insert_many([order, TOMBSTONE])
    entry = {"_id": "order:1", "aggregate_id": "order", "event_id": CAUSE}
    kind = "coaching.privacy.v1.ErasureOrdered"
    sealed = {"aggregate_id": GOAL, "district": "north", "erased": True}
    last = {"_id": f"{GOAL}:3", "aggregate_id": GOAL, "erases": True, "type": "GoalErased"}
    places = [{"_id": f"{GOAL}:{number}", **sealed} for number in (1, 2)]
    await db["journal"].insert_many([{**entry, "type": kind}, *places, last])
    left = {"_id": f"{GOAL}:progress:1", "of": GOAL, "state": {}, "erased": True}
    await db["entries"].insert_one(left)
    await db["drafts"].insert_one({"_id": f"north:{HER}:d", "district": "north", "begun_at": AT})
    await db["seats"].insert_one({"_id": "s", "administration": GOAL, "answers": None})
    await db["cards"].insert_one(ROW)


async def read(projection: Projection, views: MongoViews, generation: Generation) -> None:
    """Nothing was published."""


async def look(db: Database) -> dict[str, Any]:
    order = await order_of(db, "north", HER)
    return await ErasureCheck(dict.fromkeys(SERVICES, db), order, read).run()


async def live(db: Database) -> None:
    state = {"teacher": HER, "drafted_at": AT - timedelta(days=1)}
    await db["aggregates"].insert_one(
        {"_id": "another", "kind": "goal", "district": "north", "state": state}
    )


async def begun_again(db: Database) -> None:
    """After the order, and before it for the first time: as two builds have stored that."""
    later = AT + timedelta(days=1)
    times = {"proposed_at": later, "enrolled_at": later, "teacher": HER, "people": [HER]}
    for kind, first in (
        ("relationship", {"earlier": [{"proposed_at": AT}]}),
        ("circle", {"first_proposed_at": AT}),
        ("enrollment", {"first_enrolled_at": AT}),
    ):
        new = {"_id": kind, "kind": kind, "district": "north", "state": times | first}
        await db["aggregates"].insert_one(new)


def strategy(state: str) -> dict[str, Any]:
    said = {"author": HER, "state": state, "written_at": AT}
    return {"_id": state, "kind": "strategy", "district": "north", "state": said}


async def hers_alone(db: Database) -> None:
    await db["aggregates"].insert_many([strategy("private"), strategy("retired")])


async def waiting(db: Database) -> None:
    await db["aggregates"].update_one({"_id": GOAL}, {"$set": {"outbox": [{"version": 3}]}})


async def with_state(db: Database) -> None:
    await db["aggregates"].update_one({"_id": GOAL}, {"$set": {"state": {"teacher": HER}}})


async def journaled(db: Database) -> None:
    place = {"_id": f"{GOAL}:2"}
    await db["journal"].replace_one(place, {**place, "type": "GoalActivated", "data": b"x"})


async def left_behind(db: Database) -> None:
    entry = {"_id": f"{GOAL}:progress:1"}
    await db["entries"].replace_one(entry, {**entry, "of": GOAL, "state": {"note": WORDS}})


async def typed(db: Database) -> None:
    draft = {"_id": "d", "district": "north", "author": OTHER, "about": GOAL, "texts": []}
    await db["drafts"].insert_one(draft)


async def typed_by_her(db: Database) -> None:
    draft = {"_id": "d", "district": "north", "author": HER, "begun_at": AT}
    await db["drafts"].insert_one({**draft, "texts": []})


async def answered(db: Database) -> None:
    await db["seats"].insert_one(
        {"_id": "a", "district": "north", "administration": GOAL, "answers": [{"item": "i"}]}
    )


async def in_a_fact(db: Database) -> None:
    await db["cards"].update_one(
        {"_id": ROW["_id"]}, {"$set": {f"facts.goals.{GOAL}.focus": WORDS}}
    )


async def of_another(db: Database) -> None:
    """In a row that is not hers."""
    facts = {"ties": {GOAL: {"v": 2, "at": AT, "coach": HER}}}
    await db["access"].insert_one({**ROW, "_id": f"north:{OTHER}", "facts": facts})


async def derived(db: Database) -> None:
    await db["cards"].update_one({"_id": ROW["_id"]}, {"$set": {"open_goals": [{"id": GOAL}]}})


async def incomplete(db: Database) -> None:
    await db["timeline"].insert_one({**ROW, "incomplete": {GOAL: 2}})


async def in_a_kept_build(db: Database) -> None:
    views = MongoViews(db)
    await views.claim("insights.0", [0], Terms(1))
    one = await views.next_generation("insights")
    await views.claim(one.group, [0], Terms(1))
    fact = {"v": 2, "at": AT, "focus": WORDS}
    await db[one.collection("cards")].insert_one({**ROW, "facts": {"goals": {GOAL: fact}}})
    await views.flip(await views.generation("insights"))


async def parked(db: Database) -> None:
    said = {"_id": "p", "group": "insights.0", "aggregate": GOAL, "value": b"x", "reason": "why"}
    await db["view_parked"].insert_one(said)


async def unreadable(db: Database) -> None:
    said = {"_id": "p", "group": "goals-access.0", "aggregate": "", "value": b"x", "reason": "why"}
    await db["view_parked"].insert_one({**said, "key": f"north:{HER}".encode()})


DEFECTS: dict[Callable[[Database], Awaitable[None]], str] = {
    live: "aggregates", begun_again: "aggregates", hers_alone: "aggregates",
    waiting: "aggregates",
    with_state: "aggregates", journaled: "journal",
    left_behind: "entries", typed: "drafts", typed_by_her: "drafts", answered: "seats",
    in_a_fact: "cards", of_another: "access", derived: "cards", incomplete: "timeline",
    in_a_kept_build: "cards_1", parked: "view_parked", unreadable: "view_parked",
}  # fmt: skip


async def test_where_all_is_gone_nothing_is_found(db: Database) -> None:
    await erased(db)
    report = await look(db)
    assert (report["state"], report["left"], report["told"]) == ("done", 0, [])
    assert report["erased"]["goals"] == 1
    assert report["looked"]["rows"] > 0


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda each: each.__name__)
async def test_whatever_says_more_is_found_in_its_place(
    db: Database, defect: Callable[[Database], Awaitable[None]]
) -> None:
    await erased(db)
    await defect(db)
    report = await look(db)
    assert report["left"] >= (3 if defect is begun_again else 1)
    assert {each["place"] for each in report["told"]} == {DEFECTS[defect]}
    assert WORDS not in repr(report)


async def test_what_was_begun_after_the_order_and_what_is_anothers_is_not_found_fault_with(
    db: Database,
) -> None:
    await erased(db)
    later = {"teacher": HER, "drafted_at": AT + timedelta(days=1)}
    for id_, state, district in (
        ("later", later, "north"),
        ("others", {**later, "teacher": OTHER, "drafted_at": AT}, "north"),
        ("elsewhere", {**later, "drafted_at": AT}, "south"),
    ):
        new = {"_id": id_, "kind": "goal", "district": district, "state": state}
        await db["aggregates"].insert_one(new)
    await db["aggregates"].insert_one(strategy("published"))  # the district's by then
    fact = {"v": 1, "at": AT, "goal": GOAL, "focus": WORDS}  # names it, and is not it
    facts = {"surveys": {"later-survey": fact}}
    await db["cards"].insert_one({**ROW, "_id": f"north:{HER}:2028", "facts": facts})
    assert (await look(db))["told"] == []


async def test_of_whom_nothing_was_ordered_there_is_nothing_to_look_at(db: Database) -> None:
    await erased(db)
    with pytest.raises(Stop) as caught:
        await order_of(db, "south", HER)
    assert caught.value.code is Exit.NOT_FOUND
