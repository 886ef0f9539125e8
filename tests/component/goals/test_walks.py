"""Walks over the public API: from the first question to a goal, and who is shown them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.goals.test_trials import COACH, OTHER, TEACHER, Trying
from tests.component.test_erasures import ADMIN, HER, ORDER, WHY, Erased
from tests.support.goals_callers import TREE_STEPS
from tests.support.twice import MATCHES, NEW, OLD, Twice

WALKS, TREES = "/goals/v1/walks", "/goals/v1/trees"
SAYS = {"title": "A tree", "about": "For all", "steps": TREE_STEPS}
WAIT = {"step_id": "listen", "answer_id": "wait", "reason": "They look at me"}


@pytest.fixture
async def people() -> Trying:
    return await Trying().begin()


async def tree(people: Any, by: str = COACH, admin: str = "admin-01") -> str:
    """Published; its measure is the catalogue's."""
    measure = {"title": "Talk", "unit": "percent", "direction": "increase"}
    path = "/goals/v1/measures/talk-share"
    await people.asks.ask(people.who(admin), "PUT", path, measure)
    made = await people.post(by, TREES, SAYS)
    await people.post(by, f"{TREES}/{made['tree_id']}/publish")
    return str(made["tree_id"])


async def test_a_walk_leads_from_a_question_to_a_goal(people: Trying) -> None:
    body = {"teacher_id": TEACHER, "tree_id": await tree(people)}
    begun = await people.post(COACH, WALKS, body)
    path = f"{WALKS}/{begun['walk_id']}"
    assert (begun["at_step_id"], begun["measure_ids"]) == ("listen", ["talk-share"])
    assert begun["question"] == TREE_STEPS[0]["question"]
    chosen = {"step_id": "listen", "kind": "measure", "offered_id": "talk-share"}
    await people.post(TEACHER, f"{path}/choices", chosen)
    await people.post(TEACHER, f"{path}/answers", WAIT)
    assert await people.refused(COACH, f"{path}/answers", WAIT, 409) == "another_step"
    back = await people.post(TEACHER, f"{path}/step-back")
    assert (back["at_step_id"], len(back["answers_taken_back"])) == ("listen", 1)
    await people.post(TEACHER, f"{path}/answers", WAIT)
    goal = await people.active_goal(TEACHER, TEACHER)
    done = await people.post(TEACHER, f"{path}/complete", {"goal_id": goal})
    assert (done["state"], done["goal_id"], done["allowed"]) == ("completed", goal, [])
    assert [each["offered_id"] for each in done["choices"]] == ["talk-share"]


async def test_it_ends_in_a_goal_of_hers(people: Trying) -> None:
    body = {"teacher_id": OTHER, "tree_id": await tree(people)}
    path = f"{WALKS}/{(await people.post(OTHER, WALKS, body))['walk_id']}"
    wrong = {"goal_id": people.goal}
    assert await people.refused(OTHER, f"{path}/complete", wrong, 409) == "not_at_an_end"
    await people.post(OTHER, f"{path}/answers", WAIT)
    assert await people.refused(OTHER, f"{path}/complete", wrong) == "unknown_goal"


async def test_only_a_published_tree_is_begun_and_who_is_on_the_way_goes_on(
    people: Trying,
) -> None:
    walked = await tree(people)
    body = {"teacher_id": TEACHER, "tree_id": walked}
    begun = await people.post(TEACHER, WALKS, body, key="once")
    await people.post(COACH, f"{TREES}/{walked}/retire")
    assert (await people.post(TEACHER, WALKS, body, key="once"))["walk_id"] == begun["walk_id"]
    draft = (await people.post(COACH, TREES, SAYS))["tree_id"]
    for other in (walked, draft, "nothing"):
        asked = {"teacher_id": TEACHER, "tree_id": other}
        assert await people.refused(TEACHER, WALKS, asked) == "unknown_tree"
    await people.post(TEACHER, f"{WALKS}/{begun['walk_id']}/answers", WAIT)


async def test_who_is_not_shown_her_goals_is_shown_no_walk(people: Trying) -> None:
    body = {"teacher_id": TEACHER, "tree_id": await tree(people)}
    path = f"{WALKS}/{(await people.post(TEACHER, WALKS, body))['walk_id']}"
    assert await people.status(COACH, path) == 200
    for stranger in (OTHER, "coach-02", "admin-01"):
        assert await people.status(stranger, path) == 404
    ties = await people.get(TEACHER, f"/programs/v1/relationships?teacher_id={TEACHER}")
    agreed = f"/programs/v1/relationships/{ties['relationships'][0]['relationship_id']}/accept"
    await people.post(TEACHER, agreed, {"coach_sees": ["observations"]})
    await people.platform.settle()
    assert await people.status(COACH, path) == 404


async def test_a_walk_goes_with_an_order_and_with_its_goal() -> None:
    erased = await Erased().begin()
    body = {"teacher_id": HER, "tree_id": await tree(erased.people)}
    path = f"{WALKS}/{(await erased.send(HER, WALKS, body)).json()['walk_id']}"
    await erased.send(HER, f"{path}/answers", WAIT)
    await erased.send(HER, f"{path}/complete", {"goal_id": erased.work["goals"]})
    await erased.platform.settle()
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    done = await erased.carry_out()
    counts = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counts["goals"]) == ("done", 2)
    assert await erased.status(HER, path) == 404


async def test_a_walk_follows_her_and_goes_back_when_the_two_are_parted() -> None:
    twice = await Twice().begin()
    body = {"teacher_id": OLD, "tree_id": await tree(twice.people, "coach", "admin")}
    path = f"{WALKS}/{(await twice.post(OLD, WALKS, body))['walk_id']}"
    await twice.north.settle()
    match = await twice.merged()
    assert (await twice.get(NEW, path))["teacher_id"] == NEW
    await twice.post("admin", f"{MATCHES}/{match}/separate")
    await twice.north.settle()
    assert (await twice.get(OLD, path))["teacher_id"] == OLD
    assert await twice.north.status(NEW, path) == 404
