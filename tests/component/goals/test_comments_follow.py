"""What is said of a goal follows its owner, goes with what is hers, and is told to the two."""

from __future__ import annotations

from typing import Any

from tests.component.goals.test_celebrations import Celebrating
from tests.component.test_artifact_erasures import Site
from tests.component.test_erasures import ADMIN, COACH, HER, ORDER, WHY, Erased
from tests.support.staff import PEOPLE, staffed
from tests.support.twice import GOAL, NEW, OLD, Twice

GOALS = "/goals/v1/goals"
SAID = {"text": "Canary-of-a-comment"}


async def test_with_an_order_go_her_goals_and_what_was_said_of_them() -> None:
    erased = await Erased().begin()
    comments = f"{GOALS}/{erased.work['goals']}/comments"
    for who in (COACH, HER):
        (await erased.send(who, comments, SAID)).raise_for_status()
    await erased.platform.settle()
    assert erased.holds(SAID["text"])
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    assert (await erased.carry_out())["state"] == "done"
    assert await erased.status(HER, comments) == 404
    assert erased.holds(SAID["text"]) == set()


async def test_a_draft_of_her_own_is_not_hers_alone_once_her_coach_has_spoken_of_it() -> None:
    site = await Site().begin()
    drafts = []
    for who in (HER, COACH):
        made = (await site.send(HER, GOALS, {"teacher_id": HER, **GOAL})).json()["goal_id"]
        (await site.send(who, f"{GOALS}/{made}/comments", SAID)).raise_for_status()
        drafts.append(made)
    await site.platform.settle()
    orders = [await site.order("goal", each, HER) for each in drafts]
    await site.done(orders[0], HER)
    assert [(await site.seen(each, HER))["state"] for each in orders] == ["done", "not_found"]


async def test_what_she_has_said_is_hers_also_by_her_other_record() -> None:
    twice = await Twice().begin()
    comments = f"{GOALS}/{await twice.goal()}/comments"
    for who in (OLD, "coach"):
        await twice.post(who, comments, SAID)
    await twice.north.settle()
    match = await twice.merged()
    told = (await twice.get(NEW, comments))["comments"]
    assert [each["commented_by"] for each in told] == [NEW, "coach"]
    await twice.post(NEW, f"{comments}/1/void")
    await twice.separate(match)
    await twice.north.settle()
    told = (await twice.get(OLD, comments))["comments"]
    assert [(each["commented_by"], bool(each["text"])) for each in told] == [
        (OLD, False),
        ("coach", True),
    ]


async def test_the_timeline_tells_her_and_her_coach_when_and_no_peer_to_whom_goals_are_shown() -> (
    None
):
    north = await staffed(None, colleague=PEOPLE["peer"])
    people = await Celebrating(north).begin()
    goal = await people.active_goal("teacher", "teacher")
    await people.post("coach", f"{GOALS}/{goal}/comments", SAID)
    await north.settle()

    async def steps(who: str) -> list[str]:
        path = "/insights/v1/timeline?teacher_id=teacher"
        page: Any = (await people.asks.ask(f"north/{who}", "GET", path)).json()
        (shown,) = (each for each in page["items"] if each["item_id"] == goal)
        assert SAID["text"] not in str(page)
        return [each["step"] for each in shown["steps"]]

    for who in ("teacher", "coach", "other"):
        assert "commented" in await steps(who), who
    assert "commented" not in await steps("peer")
    assert await north.status("peer", f"{GOALS}/{goal}") == 200
    assert await north.status("peer", f"{GOALS}/{goal}/comments") == 404
    await people.post("coach", f"{GOALS}/{goal}/comments/1/void")
    await north.settle()
    assert "commented" not in await steps("teacher")
