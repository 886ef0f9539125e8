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


async def test_what_her_coach_has_said_the_coach_takes_away_by_her_other_record() -> None:
    twice = await Twice().begin()
    await twice.north.coached("other", NEW)
    goal = await twice.goal(NEW)
    planned = {"teacher_id": NEW, "goal_id": goal, "words": "Wait five seconds"}
    trial = (await twice.post("coach", "/goals/v1/trials", planned))["trial_id"]
    places = [f"{GOALS}/{goal}/comments", f"/goals/v1/trials/{trial}/comments"]
    for place in places:
        for _ in range(2):
            await twice.post("coach", place, SAID)
    await twice.north.settle()

    async def refused(who: str, path: str, status: int) -> None:
        await twice.north.ask(f"north/{who}", "POST", path, status=status)

    for place in places:
        await refused("other", f"{place}/1/void", 403)
    match = await twice.merged("coach", "other")
    for place in places:
        await refused(NEW, f"{place}/1/void", 403)
        await refused("other", f"{place}/3/void", 404)
        await twice.post("other", f"{place}/1/void")
        await refused("other", f"{place}/1/void", 409)
    await twice.separate(match)
    await twice.north.settle()
    for place in places:
        await refused("other", f"{place}/2/void", 403)
    told = (await twice.get(NEW, places[0]))["comments"]
    assert [bool(each["text"]) for each in told] == [False, True]


async def test_the_timeline_tells_her_and_her_coach_when_and_no_peer_to_whom_goals_are_shown() -> (
    None
):
    north = await staffed(None, colleague=PEOPLE["peer"])
    people = await Celebrating(north).begin()
    goal = await people.active_goal("teacher", "teacher")
    await north.settle()

    async def item(who: str) -> Any:
        path = "/insights/v1/timeline?teacher_id=teacher"
        page: Any = (await people.asks.ask(f"north/{who}", "GET", path)).json()
        (shown,) = (each for each in page["items"] if each["item_id"] == goal)
        assert SAID["text"] not in str(page)
        return shown

    async def steps(who: str) -> list[str]:
        return [each["step"] for each in (await item(who))["steps"]]

    before = await item("peer")
    north.clock.forward(days=1)
    await people.post("coach", f"{GOALS}/{goal}/comments", SAID)
    await north.settle()
    assert await item("peer") == before, "nor when it has changed"
    assert (await item("teacher"))["changed_at"] > before["changed_at"]
    for who in ("teacher", "coach", "other"):
        assert "commented" in await steps(who), who
    assert "commented" not in await steps("peer")
    assert await north.status("peer", f"{GOALS}/{goal}") == 200
    assert await north.status("peer", f"{GOALS}/{goal}/comments") == 404
    await people.post("coach", f"{GOALS}/{goal}/comments/1/void")
    await north.settle()
    assert "commented" not in await steps("teacher")
