"""On real engines a legal hold on one record of a person stops an order about another one."""

from __future__ import annotations

from functools import partial
from typing import Any

from services.chassis.duties.duty import OPEN
from services.chassis.duties.view import duties_view
from tests.support.coaching import Coaching
from tests.support.roster_files import good_files, zipped
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

DISTRICT = "weir"
ADMIN, SIS = f"{DISTRICT}/admin-1", f"{DISTRICT}/sis?roster.write"
ONE, OTHER = "teacher-1", "teacher-2"
WHY = {"reason": "Somebody has asked for it."}


async def test_an_order_waits_for_a_hold_on_a_record_that_was_merged_into_hers(
    stack: RunningStack,
) -> None:
    await stack.import_roster(SIS, zipped(good_files()))
    weir = Coaching(stack, DISTRICT)
    goals = {}
    for each in (ONE, OTHER):
        await weir.may(each, f"/goals/v1/goals?teacher_id={each}")
        goals[each] = await weir.active_goal(each, each)
    await weir.may("admin-1", "/privacy/v1/erasures")
    assert await said(stack, ONE, "hold") == "held"
    asked = {"from_person_id": ONE, "into_person_id": OTHER}
    await weir.may("admin-1", "/roster/v1/matches")
    match = (await stack.ask(ADMIN, "POST", "/roster/v1/matches", asked)).json()["match_id"]
    await stack.ask(ADMIN, "POST", f"/roster/v1/matches/{match}/confirm")
    await eventually(partial(shown, stack, OTHER, goals[ONE]), timeout=60)
    await eventually(partial(merged_in_view, stack), timeout=30)
    assert await said(stack, OTHER, "order") == "pending"
    await eventually(partial(looked_at, stack), timeout=90)
    assert await state(stack, OTHER) == "pending"
    for goal in goals.values():
        assert await shown(stack, OTHER, goal)
    assert await said(stack, ONE, "release") == "clear"
    for goal in goals.values():
        await eventually(partial(gone, stack, goal), timeout=60)
    assert await state(stack, OTHER) in ("under_way", "done")


async def said(stack: RunningStack, person: str, what: str) -> str:
    """Where it stands then."""
    place = f"/privacy/v1/erasures/{person}/{what}"
    return str((await stack.ask(ADMIN, "POST", place, WHY)).json()["state"])


async def state(stack: RunningStack, person: str) -> Any:
    return (await stack.ask(ADMIN, "GET", f"/privacy/v1/erasures/{person}")).json()["state"]


async def shown(stack: RunningStack, person: str, goal: str) -> bool:
    async with stack.client("goals", f"{DISTRICT}/{person}") as client:
        return (await client.get(f"/goals/v1/goals/{goal}")).is_success


async def gone(stack: RunningStack, goal: str) -> bool:
    return not await shown(stack, OTHER, goal)


async def merged_in_view(stack: RunningStack) -> bool:
    """Whether privacy has read that the two are one."""
    own = stack._backing("privacy").database
    assert own is not None
    names = [each for each in await own.list_collection_names() if each.startswith("access")]
    rows = [await own[each].find_one({"_id": f"{DISTRICT}:{OTHER}"}) for each in names]
    return any(row is not None and row["facts"].get("merges") for row in rows)


async def looked_at(stack: RunningStack) -> bool:
    """Whether it was asked whether the order may begin, and it may not yet."""
    todos = stack._backing("privacy").todos(duties_view("privacy"))
    asked = [each for each in await todos.list([OPEN]) if each.duty == "begin_erasure"]
    return any(each.district == DISTRICT and each.looked_at is not None for each in asked)
