"""What a teacher is to look at again, by the days that she has set: she alone is reminded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.filled import Filled
from tests.support.filling import COACH, TEACHER

PATH, TRIALS = "/goals/v1/check-ins", "/goals/v1/trials"


@pytest.fixture
async def north() -> Filled:
    platform = Filled()
    await platform.fill("north")
    return platform


async def plan(north: Filled, check_back_in: int) -> dict[str, Any]:
    asked = {
        "teacher_id": TEACHER,
        "goal_id": north.ids["north"]["goal_id"],
        "words": "Wait five seconds",
        "check_back_in": check_back_in,
    }
    made: dict[str, Any] = (await north.ask(f"north/{TEACHER}", "POST", TRIALS, asked)).json()
    return made


async def check_ins(north: Filled, who: str = TEACHER) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await north.ask(f"north/{who}", "GET", PATH)).json()["check_ins"]
    return found


async def test_her_trials_and_goals_come_by_their_days_until_she_has_seen_to_them(
    north: Filled,
) -> None:
    made = await plan(north, 3)
    (first,) = [each for each in await check_ins(north) if each["trial_id"] == made["trial_id"]]
    assert first == {
        "trial_id": made["trial_id"],
        "goal_id": north.ids["north"]["goal_id"],
        "check_in_date": made["check_back_date"],
        "overdue": False,
    }
    days = [each["check_in_date"] for each in await check_ins(north)]
    assert days == sorted(days)
    north.clock.forward(days=10)
    (late,) = [each for each in await check_ins(north) if each["trial_id"] == made["trial_id"]]
    assert late["overdue"] is True
    await north.ask(f"north/{TEACHER}", "POST", f"{TRIALS}/{made['trial_id']}/try-out")
    body = {"text": "All have spoken"}
    await north.ask(f"north/{TEACHER}", "PUT", f"{TRIALS}/{made['trial_id']}/reflection", body)
    assert made["trial_id"] not in {each["trial_id"] for each in await check_ins(north)}


async def test_nobody_else_is_reminded_of_hers(north: Filled) -> None:
    assert await check_ins(north)
    for who in (COACH, "leader-01", "admin-01"):
        assert await check_ins(north, who) == []


async def test_a_day_that_is_far_ahead_is_not_told_yet(north: Filled) -> None:
    made = await plan(north, 30)
    assert made["trial_id"] not in {each["trial_id"] for each in await check_ins(north)}


async def test_the_day_of_a_trial_is_counted_by_what_the_district_has_stated(north: Filled) -> None:
    """It is Monday the fifth of October."""
    before = await plan(north, 3)
    assert before["check_back_date"] == "2026-10-08"
    days = {"first_date": "2026-10-06", "last_date": "2026-10-09", "title": "Fall break"}
    path = "/roster/v1/calendars/2027"
    await north.ask("north/admin-01", "PUT", path, {"days_without_school": [days]})
    await north.settle()
    assert (await plan(north, 3))["check_back_date"] == "2026-10-14"
    path = f"{TRIALS}/{before['trial_id']}"
    again = await north.ask(f"north/{TEACHER}", "PATCH", path, {"check_back_in": 1})
    assert again.json()["check_back_date"] == "2026-10-12"
