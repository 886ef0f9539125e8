"""What becomes of shares when records become one, are parted, and are erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.ctl.demo.district import teacher_id
from tests.component.test_erasures import ADMIN, HER, ORDER, WHY, Erased
from tests.support.twice import NEW, OLD, Twice

SHARES = "/goals/v1/shares"


@pytest.fixture
async def twice() -> Twice:
    return await Twice().begin()


async def shared(twice: Twice, goal: str, owner: str, *readers: str, **more: Any) -> str:
    end = twice.north.clock.now() + timedelta(days=30)
    body = {
        "goal_id": goal,
        "audience": [{"person_id": each} for each in readers],
        "purpose": "coaching",
        "expires_at": end.isoformat().replace("+00:00", "Z"),
        **more,
    }
    made = await twice.post(owner, SHARES, body)
    return str(made["goal_share_id"])


async def read(twice: Twice, goal: str, who: str) -> int:
    return await twice.north.status(who, f"/goals/v1/goals/{goal}")


async def test_it_follows_its_owner_and_goes_back_with_her(twice: Twice) -> None:
    goal = await twice.goal()
    share = await shared(twice, goal, OLD, "peer", NEW)
    match = await twice.merged()
    assert await read(twice, goal, "peer") == 200
    seen = await twice.get(NEW, f"{SHARES}/{share}")
    assert (seen["teacher_id"], [each["person_id"] for each in seen["audience"]]) == (NEW, ["peer"])
    await twice.separate(match)
    await twice.later()
    assert (await twice.get(OLD, f"{SHARES}/{share}"))["teacher_id"] == OLD
    assert await twice.north.status(NEW, f"{SHARES}/{share}") == 404


async def test_it_follows_who_may_read_and_goes_back_with_her(twice: Twice) -> None:
    goal = await twice.goal("peer")
    await shared(twice, goal, "peer", OLD, "leader")
    assert [await read(twice, goal, who) for who in (OLD, NEW)] == [200, 404]
    match = await twice.merged()
    assert await read(twice, goal, NEW) == 200
    await twice.separate(match)
    await twice.later()
    assert [await read(twice, goal, who) for who in (OLD, NEW, "leader")] == [200, 404, 200]


async def test_what_both_might_read_is_read_by_both_when_they_are_two_again(twice: Twice) -> None:
    goal = await twice.goal("peer")
    await shared(twice, goal, "peer", NEW)
    match = await twice.merged()
    await twice.separate(match)
    await twice.later()
    assert [await read(twice, goal, who) for who in (OLD, NEW)] == [404, 200]


async def test_what_she_has_read_once_she_does_not_read_again_by_her_other_id(
    twice: Twice,
) -> None:
    goal = await twice.goal("peer")
    await shared(twice, goal, "peer", OLD, once=True)
    assert await read(twice, goal, OLD) == 200
    await twice.merged()
    assert await read(twice, goal, NEW) == 404


async def test_it_is_erased_with_what_it_shares() -> None:
    erased = await Erased().begin()
    end = erased.platform.clock.now() + timedelta(days=30)
    body = {
        "goal_id": erased.work["goals"],
        "audience": [{"person_id": teacher_id(2)}],
        "purpose": "coaching",
        "expires_at": end.isoformat().replace("+00:00", "Z"),
    }
    made = (await erased.send(HER, SHARES, body)).json()["goal_share_id"]
    beside = {**body, "goal_id": erased.beside, "audience": [{"person_id": HER}]}
    others = (await erased.send(teacher_id(2), SHARES, beside)).json()["goal_share_id"]
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    done = await erased.carry_out()
    counts = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counts["goals"]) == ("done", 2)
    assert await erased.status(HER, f"{SHARES}/{made}") == 404
    backing = erased.platform.services["goals"].backing
    (last,) = await backing.journal.read("north", None, "", 100, made)
    assert (last.event.erases, HER.encode() in last.event.data) == (True, False)
    assert await erased.status(teacher_id(2), f"{SHARES}/{others}") == 200
    erased.platform.clock.forward(days=31)  # the to-do of the one that is gone is done, too
    await erased.platform.settle()
    todos = backing.todos("goals-duties")
    assert {each.error for each in await todos.list(("open", "given_up"))} <= {""}
