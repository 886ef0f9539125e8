"""Classes and goals that a request names are those of the teacher whom it is about."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.filled import Filled
from tests.support.filling import COACH, TEACHER
from tests.support.operations import example_body

OTHER = "teacher-0002"
GOALS, SURVEYS = "/goals/v1/goals", "/surveys/v1/administrations"
OBSERVATIONS = "/observations/v1/observations"
REQUESTS = {
    "draft_goal": ("POST", GOALS, TEACHER, 201),
    "edit_goal": ("PATCH", GOALS + "/{unwanted_goal}", TEACHER, 200),
    "schedule_administration": ("POST", SURVEYS, TEACHER, 201),
    "schedule_observation": ("POST", OBSERVATIONS, COACH, 201),
}
WRONG = {
    "class_id": ("unknown_class", "/class_id"),
    "goal_id": ("unknown_goal", "/goal_id"),
}


@pytest.fixture(scope="module")
async def north() -> Filled:
    """Where the other teacher has a class and a goal, too."""
    platform = Filled()
    await platform.fill("north")
    body = {**_body(platform, "draft_goal"), "teacher_id": OTHER, "class_id": "class-0003"}
    made = (await platform.ask(f"north/{OTHER}", "POST", GOALS, body)).json()
    platform.ids["north"]["goal_of_another"] = made["goal_id"]
    await platform.settle()
    return platform


def _body(platform: Filled, operation: str) -> dict[str, Any]:
    return dict(example_body(platform, operation, platform.ids["north"], ""))


@pytest.mark.parametrize("which", ["of another", "of nobody"])
@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ("draft_goal", "class_id"),
        ("edit_goal", "class_id"),
        ("schedule_administration", "class_id"),
        ("schedule_administration", "goal_id"),
        ("schedule_observation", "class_id"),
        ("schedule_observation", "goal_id"),
    ],
)
async def test_what_is_not_hers_is_refused_at_its_place(
    north: Filled, operation: str, field: str, which: str
) -> None:
    method, path, by, done = REQUESTS[operation]
    path = path.format(**north.ids["north"])
    body = _body(north, operation)
    theirs = {"class_id": "class-0003", "goal_id": north.ids["north"]["goal_of_another"]}
    wrong = {**body, field: theirs[field] if which == "of another" else "nothing"}
    refused = (await north.ask(f"north/{by}", method, path, wrong, status=422)).json()
    assert [(each["code"], each["pointer"]) for each in refused["errors"]] == [WRONG[field]]
    await north.ask(f"north/{by}", method, path, body, status=done)


async def test_who_is_not_shown_goals_cannot_ask_whether_there_is_one() -> None:
    platform = Filled()
    await platform.fill("north")
    ids = platform.ids["north"]
    agreed = f"/programs/v1/relationships/{ids['relationship_id']}/accept"
    shown = {"coach_sees": ["observations", "surveys"]}
    await platform.ask(f"north/{TEACHER}", "POST", agreed, shown)
    await platform.settle()
    await platform.ask(f"north/{COACH}", "GET", f"{GOALS}/{ids['goal_id']}", status=404)
    for operation, path in (
        ("schedule_observation", OBSERVATIONS),
        ("schedule_administration", SURVEYS),
    ):
        body = dict(example_body(platform, operation, ids, ""))
        told = []
        for goal in (ids["goal_id"], "nothing"):
            asked = {**body, "goal_id": goal}
            refused = await platform.ask(f"north/{COACH}", "POST", path, asked, status=422)
            told.append(refused.json()["errors"])
        assert told[0] == told[1]
        assert [each["code"] for each in told[0]] == ["unknown_goal"]
        await platform.ask(f"north/{COACH}", "POST", path, {**body, "goal_id": None}, status=201)
