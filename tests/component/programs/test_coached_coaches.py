"""A coach who is coached herself is the learner of that relationship: what she does as one is hers
and her own coach's, and who coaches her sees nothing of the teachers whom she coaches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.staff import Staffed, staffed

EVERYTHING = {"goals", "surveys", "observations", "insights"}
GOAL: dict[str, Any] = {
    "teacher_id": "coach",
    "statement": "I ask before I tell",
    "focus_skill": "listening",
    "measure_id": "questions",
    "unit": "percent",
    "direction": "increase",
    "baseline": 40,
    "target": 60,
}


@pytest.fixture
async def north() -> Staffed:
    """`other` coaches `coach`, who coaches `teacher`."""
    platform = await staffed()
    await platform.coached("coach", "teacher")
    await platform.coached("other", "coach")
    return platform


async def test_a_coach_without_a_class_is_coached(north: Staffed) -> None:
    assert await north.sees("other", "coach") == EVERYTHING
    (entry,) = await north.caseload("other")
    assert entry["teacher_id"] == "coach"


async def test_her_goal_as_a_learner_is_hers_and_her_own_coachs(north: Staffed) -> None:
    made = await north.ask("north/coach", "POST", "/goals/v1/goals", GOAL)
    path = f"/goals/v1/goals/{made.json()['goal_id']}"
    await north.ask("north/coach", "POST", f"{path}/activate")
    await north.settle()
    for who, status in (
        ("coach", 200), ("other", 200), ("teacher", 404), ("peer", 404), ("leader", 404),
        ("admin", 404), ("aide", 404),
    ):  # fmt: skip
        assert await north.status(who, path) == status, who
    for who in ("teacher", "leader", "admin"):
        assert await north.sees(who, "coach") == set(), who


async def test_who_coaches_her_sees_nothing_of_the_teachers_whom_she_coaches(
    north: Staffed,
) -> None:
    made = await north.ask(
        "north/teacher", "POST", "/goals/v1/goals", GOAL | {"teacher_id": "teacher"}
    )
    assert await north.status("coach", f"/goals/v1/goals/{made.json()['goal_id']}") == 200
    assert await north.status("other", f"/goals/v1/goals/{made.json()['goal_id']}") == 404
    assert await north.sees("other", "teacher") == set()
    for path in (
        "/insights/v1/caseloads/coach",
        "/programs/v1/relationships?coach_id=coach",
        "/programs/v1/relationships?teacher_id=teacher",
        "/programs/v1/coaching-sessions?teacher_id=teacher",
    ):
        assert await north.status("other", path) in (403, 404), path


async def test_what_she_does_not_show_her_coach_stays_hers(north: Staffed) -> None:
    found = await north.ask("north/coach", "GET", "/programs/v1/relationships?teacher_id=me")
    (mine,) = found.json()["relationships"]
    said = await north.answer("coach", mine["relationship_id"], coach_sees=["observations"])
    assert said.status_code == 200
    await north.settle()
    assert "goals" not in await north.sees("other", "coach")


@pytest.mark.parametrize("who", ["leader", "aide", "admin"])
async def test_who_neither_teaches_nor_coaches_is_not_coached(north: Staffed, who: str) -> None:
    refused = await north.propose("coach", "coach", who)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_teacher")


async def test_it_is_carried_over_as_any_other(north: Staffed) -> None:
    years = {"from_school_year": 2027, "to_school_year": 2028}
    done = await north.ask("north/admin", "POST", "/programs/v1/relationships/carry-over", years)
    taken = {each["teacher_id"] for each in done.json()["carried_over"]}
    assert taken == {"teacher", "coach"}
