"""Decision trees over the public API, and on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.filled import Filled
from tests.support.filling import ADMIN, COACH, TEACHER
from tests.support.goals_callers import TREE_STEPS
from tests.support.twice import TEACHES, Twice

TREES = "/goals/v1/trees"


@pytest.fixture
async def platform() -> Filled:
    platform = Filled()
    await platform.fill("north")
    return platform


async def drafted(platform: Filled, steps: Any, **more: Any) -> str:
    body = {"title": "A tree", "about": "For all", "steps": steps, **more}
    made = await platform.ask(f"north/{COACH}", "POST", TREES, body)
    return str(made.json()["tree_id"])


def with_first(**more: Any) -> list[dict[str, Any]]:
    return [{**TREE_STEPS[0], **more}, TREE_STEPS[1]]


def wrong() -> Iterator[Any]:
    """What is drafted and not published, by code and place."""
    answers = [{"answer_id": "on", "text": "On", "leads_to": "nowhere"}]
    yield with_first(answers=answers), "leads_nowhere", "/steps/0/answers/0/leads_to"
    yield with_first(measure_ids=["lost"]), "unknown_measure", "/steps/0/measure_ids/0"
    yield with_first(strategy_ids=["lost"]), "unknown_strategy", "/steps/0/strategy_ids/0"
    yield TREE_STEPS[:1], "leads_nowhere", "/steps/0/answers/0/leads_to"
    yield [], "step_count", "/steps"


@pytest.mark.parametrize(("steps", "code", "place"), list(wrong()))
async def test_what_is_wrong_is_told_when_it_is_published(
    platform: Filled, steps: Any, code: str, place: str
) -> None:
    path = f"{TREES}/{await drafted(platform, steps)}/publish"
    refused = (await platform.ask(f"north/{COACH}", "POST", path, status=422)).json()
    (error,) = refused["errors"]
    assert (error["code"], error["pointer"]) == (code, place)


async def test_what_is_offered_is_for_all(platform: Filled) -> None:
    ids = platform.ids["north"]
    for name, refused in (("strategy_id", None), ("private_strategy", "unknown_strategy")):
        steps = with_first(strategy_ids=[ids[name]])
        path = f"{TREES}/{await drafted(platform, steps)}/publish"
        status = 422 if refused else 200
        answer = (await platform.ask(f"north/{COACH}", "POST", path, status=status)).json()
        assert (answer["errors"][0]["code"] if refused else None) == refused


async def test_a_thousand_steps_are_refused_at_their_place(platform: Filled) -> None:
    steps = [{"step_id": f"s{number}", "title": "T", "question": "Q"} for number in range(1_000)]
    body: dict[str, Any] = {"title": "A tree", "about": "For all", "steps": steps}
    refused = (await platform.ask(f"north/{COACH}", "POST", TREES, body, status=422)).json()
    assert [each["pointer"] for each in refused["errors"]] == ["/steps"]
    body["steps"] *= 10  # a body of 10,000 is not read at all
    refused = (await platform.ask(f"north/{COACH}", "POST", TREES, body, status=413)).json()
    assert refused["code"] == "too_large"


async def test_a_newer_one_follows_it_and_a_published_one_stays(platform: Filled) -> None:
    tree = platform.ids["north"]["tree_id"]
    edited = await platform.ask(
        f"north/{COACH}",
        "POST",
        f"{TREES}/{tree}/edit",
        {"title": "Another", "about": "For all", "steps": TREE_STEPS},
        status=409,
        headers={"If-Match": '"2"'},
    )
    assert edited.json()["code"] == "not_draft"
    newer = await drafted(platform, TREE_STEPS, follows=tree)
    found = (await platform.ask(f"north/{TEACHER}", "GET", f"{TREES}/{newer}")).json()
    assert (found["number"], found["follows"], found["allowed"]) == (2, tree, [])
    draft = {"title": "A", "about": "B", "follows": platform.ids["north"]["unwanted_tree"]}
    refused = await platform.ask(f"north/{COACH}", "POST", TREES, draft, status=422)
    assert refused.json()["errors"][0]["code"] == "unknown_tree"


async def test_teachers_see_trees_and_draft_none(platform: Filled) -> None:
    body = {"title": "A tree", "about": "For all"}
    await platform.ask(f"north/{TEACHER}", "POST", TREES, body, status=403)
    await platform.ask(f"north/{ADMIN}", "POST", TREES, body)
    path = f"{TREES}/{platform.ids['north']['tree_id']}"
    await platform.ask(f"north/{TEACHER}", "GET", path)
    await platform.ask(f"north/{ADMIN}", "POST", f"{path}/retire", status=403)


async def test_they_follow_their_author_and_go_back_when_the_two_are_parted() -> None:
    twice = await Twice().begin()
    await twice.north.roster(old=TEACHES, coach2=[("ext:coach", "", "")])
    body = {"title": "A tree", "about": "For all", "steps": TREE_STEPS}
    draft = (await twice.post("coach2", TREES, body))["tree_id"]
    await twice.north.settle()
    match = await twice.merged("coach2", "coach")
    seen = await twice.get("coach", f"{TREES}/{draft}")
    assert seen["drafted_by"] == "coach"
    assert {"edit_tree", "withdraw_tree"} <= set(seen["allowed"])
    await twice.separate(match)
    await twice.north.settle()
    seen = await twice.get("coach", f"{TREES}/{draft}")
    assert (seen["drafted_by"], seen["allowed"]) == ("coach2", [])
