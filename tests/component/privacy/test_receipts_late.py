"""Receipts where something comes late, or is over by then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.component.privacy.test_receipts import (
    DRAFT,
    GOALS,
    PARTNERS,
    TERMS,
    WHY,
    ask,
    confirmed,
    erased,
    of,
    reads,
    receipts,
    with_goal,
)
from tests.support.staff import Staffed
from tests.support.waiting import eventually


async def shared(north: Staffed, goal: str) -> str:
    """Where it is taken back."""
    await ask(north, "teacher", "POST", f"{GOALS}/{goal}/activate")
    until = (north.clock.now() + timedelta(days=90)).isoformat()
    offer = {
        "goal_id": goal,
        "audience": [{"person_id": "peer"}],
        "purpose": "peer_learning",
        "expires_at": until,
    }
    made = (await ask(north, "teacher", "POST", "/goals/v1/shares", offer)).json()
    await north.settle()
    return f"/goals/v1/shares/{made['goal_share_id']}/revoke"


async def test_who_read_before_kafka_was_away_for_long_is_asked_all_the_same() -> None:
    """What was taken back is heard of late, and the looks of before only after it."""
    north, goal = await with_goal()
    revoke = await shared(north, goal)
    others: Any = north.services["privacy"].others
    held = others.pop("relay.looks")
    await reads(north, goal)
    assert (await ask(north, "teacher", "POST", revoke)).status_code == 200
    north.clock.forward(minutes=90)
    await north.settle()
    others["relay.looks"] = held
    await north.settle()
    assert await receipts(north, of("warehouse")) == []
    north.clock.forward(minutes=61)
    await north.settle()
    assert len(await receipts(north, of("warehouse"))) == 1


@pytest.mark.parametrize("step", ["suspend", "revoke"])
async def test_who_is_kept_out_for_good_may_still_say_that_it_has_deleted(step: str) -> None:
    """She would be shown for ever that it has not."""
    north, goal = await with_goal(days=1)
    revoke = await shared(north, goal)
    await reads(north, goal)
    assert (await ask(north, "teacher", "POST", revoke)).status_code == 200
    await north.settle()
    assert (await ask(north, "admin", "POST", f"{PARTNERS}/warehouse/{step}", WHY)).is_success
    await north.settle()
    north.clock.forward(days=3)
    await north.settle()
    (mine,) = await receipts(north, of("warehouse"))
    assert mine["state"] == "overdue"
    kept_out = (await ask(north, "admin", "GET", f"{PARTNERS}/warehouse")).json()
    assert kept_out["overdue_receipt_ids"] == ([mine["receipt_id"]] if step == "suspend" else [])
    assert (await reads(north, goal))[0] == 403
    assert (await confirmed(north, mine["receipt_id"])).status_code == 200
    (hers,) = await receipts(north, "teacher")
    assert (hers["state"], hers["confirmed_by"]) == ("confirmed", "warehouse")


async def test_who_has_read_the_roster_alone_is_not_told_to_delete_it() -> None:
    """Which an erasure does not touch, and the district still gives it."""
    north, _ = await with_goal()
    roster = {
        "partner_id": "sis",
        "title": "Roster",
        "scopes": ["people.read"],
        "contact": "Office",
    }
    assert (await ask(north, "admin", "POST", PARTNERS, roster)).status_code == 201
    await north.settle()
    sis = "sis?people.read+receipts.read"
    for path in ("/roster/v1/people?page_size=50", "/roster/v1/people/teacher"):
        assert (await ask(north, sis, "GET", path)).status_code == 200
    await north.settle()
    await erased(north)
    assert await receipts(north, "admin") == []


async def test_to_look_for_its_receipts_is_to_read_nothing_about_her() -> None:
    north, goal = await with_goal()
    await reads(north, goal)
    await erased(north)
    north.clock.forward(minutes=61)
    await north.settle()
    (receipt,) = await receipts(north, of("warehouse"))
    assert receipt["kinds"] == ["goal"]
    await confirmed(north, receipt["receipt_id"])
    north.clock.forward(days=1)
    assert (await ask(north, "teacher", "POST", GOALS, DRAFT)).status_code == 201
    await north.settle()
    await erased(north)
    newest = (await receipts(north, "admin", "?state=open"))[-1]
    assert newest["kinds"] == ["goal"]


async def test_of_several_artifacts_each_is_confirmed_and_the_last_one_lets_it_in_again() -> None:
    north, goal = await with_goal(days=1)
    another = str((await ask(north, "teacher", "POST", GOALS, DRAFT)).json()["goal_id"])
    await north.settle()
    revokes = [await shared(north, each) for each in (goal, another)]
    await reads(north, goal)
    await reads(north, another)
    for each in revokes:
        assert (await ask(north, "teacher", "POST", each)).status_code == 200
    await north.settle()
    asked = {each["artifact_id"]: each for each in await receipts(north, of("warehouse"))}
    hers = await receipts(north, "teacher", "?person_id=me&state=open")
    assert asked.keys() == {goal, another} == {each["artifact_id"] for each in hers}
    north.clock.forward(days=2)
    await north.settle()
    for each in (another, goal):
        assert await reads(north, goal) == (403, "receipts_overdue")
        assert (await confirmed(north, asked[each]["receipt_id"])).status_code == 200
    assert await reads(north, goal) == (200, "")
    assert {each["state"] for each in await receipts(north, "teacher")} == {"confirmed"}


async def becomes(north: Staffed, goal: str, wanted: tuple[int, str]) -> None:
    """That a partner has no registration is believed for a second."""

    async def is_so() -> bool:
        return await reads(north, goal, "unknown") == wanted

    await eventually(is_so)


async def test_who_is_not_registered_is_kept_out_by_an_overdue_receipt_alike() -> None:
    """By the district's default, which lets in all that its issuers name."""
    north, goal = await with_goal(days=1)
    assert await reads(north, goal, "unknown") == (200, "")
    await erased(north, "teacher")
    draft = {**DRAFT, "teacher_id": "peer"}
    beside = str((await ask(north, "peer", "POST", GOALS, draft)).json()["goal_id"])
    await north.settle()
    assert await reads(north, beside, "unknown") == (200, "")
    north.clock.forward(days=2)
    await north.settle()
    await becomes(north, beside, (403, "receipts_overdue"))
    (mine,) = await receipts(north, of("unknown"))
    place = f"{PARTNERS}/unknown"
    noted = (await ask(north, "admin", "GET", place)).json()
    assert (noted["state"], noted["scopes"], noted["allowed"]) == ("unregistered", [], [])
    for step in ("suspend", "revoke"):
        refused = await ask(north, "admin", "POST", f"{place}/{step}", WHY)
        assert refused.json()["code"] == "not_registered"
    assert (await confirmed(north, mine["receipt_id"], of("unknown"))).status_code == 200
    assert await reads(north, beside, "unknown") == (200, "")
    body = {"partner_id": "unknown", **TERMS}
    for _ in range(2):
        registered = await ask(north, "admin", "POST", PARTNERS, body)
        assert (registered.status_code, registered.json()["state"]) == (201, "active")
    await north.settle()
    assert await reads(north, beside, "unknown") == (200, "")


async def test_who_is_registered_while_it_is_behind_stays_out_until_it_has_confirmed() -> None:
    north, goal = await with_goal(days=1)
    await reads(north, goal, "unknown")
    await erased(north)
    north.clock.forward(days=2)
    await north.settle()
    body = {"partner_id": "unknown", **TERMS}
    assert (await ask(north, "admin", "POST", PARTNERS, body)).status_code == 201
    await north.settle()
    await becomes(north, goal, (403, "receipts_overdue"))
