"""Lists without a filter are what is the caller's own; filters narrow them; what is neither a
filter nor a body that is taken is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.support.clocks import START
from tests.support.filled import Filled
from tests.support.filling import COACH, TEACHER
from tests.support.operations import example_body

NORTH = "north"
Item = Mapping[str, Any]
OF_A_TEACHER = {
    "/goals/v1/goals": ("goals", "drafted_at"),
    "/observations/v1/observations": ("observations", "scheduled_for"),
    "/surveys/v1/administrations": ("administrations", "scheduled_at"),
}
EACH = pytest.mark.parametrize("path", OF_A_TEACHER)


@pytest.fixture(scope="module")
async def platform() -> Filled:
    """Shared. One more of each a day, on three days."""
    made = Filled()
    await made.fill(NORTH)
    ids = made.ids[NORTH]
    for day in range(1, 4):
        made.clock.set(START + timedelta(days=day))
        at = {"scheduled_for": (START + timedelta(days=10 + day)).isoformat()}
        for who, path, operation, more in (
            (TEACHER, "/goals/v1/goals", "draft_goal", {}),
            (COACH, "/observations/v1/observations", "schedule_observation", at),
            (TEACHER, "/surveys/v1/administrations", "schedule_administration", {}),
        ):
            body = {**example_body(made, operation, ids), **more}
            await made.ask(f"{NORTH}/{who}", "POST", path, body)
    await made.settle()
    return made


async def listed(platform: Filled, who: str, path: str, many: str, **asked: Any) -> list[Item]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = await platform.ask(f"{NORTH}/{who}", "GET", f"{path}?{query}")
    items: list[Item] = answer.json()[many]
    return items


@EACH
async def test_without_a_filter_a_list_is_of_whoever_asks(platform: Filled, path: str) -> None:
    many, date = OF_A_TEACHER[path]
    mine = await listed(platform, TEACHER, path, many)
    assert mine == await listed(platform, TEACHER, path, many, teacher_id=TEACHER)
    assert len(mine) > 3
    assert [each[date] for each in mine] == sorted((each[date] for each in mine), reverse=True)
    assert await listed(platform, "teacher-0002", path, many) == []
    partner = await platform.ask(f"{NORTH}/sis?roster.read", "GET", path, status=403)
    assert partner.json()["code"] == "scope_missing"


@EACH
async def test_of_days_of_a_class_and_in_a_state(platform: Filled, path: str) -> None:
    many, date = OF_A_TEACHER[path]
    mine = await listed(platform, TEACHER, path, many)
    days = sorted({each[date][:10] for each in mine})
    first, last = days[1], days[-2]
    wanted = [each for each in mine if first <= each[date][:10] <= last]
    assert [] != wanted != mine
    found = await listed(platform, TEACHER, path, many, from_date=first, to_date=last)
    assert found == wanted
    turned = await listed(
        platform, TEACHER, path, many, from_date=first, to_date=last, order="oldest"
    )
    assert turned == wanted[::-1]
    of_class = await listed(platform, TEACHER, path, many, class_id="class-0001")
    assert of_class == [each for each in mine if each["class_id"] == "class-0001"]
    assert await listed(platform, TEACHER, path, many, class_id="class-9999") == []
    for state in {each["state"] for each in mine}:
        in_state = await listed(platform, TEACHER, path, many, state=state)
        assert in_state == [each for each in mine if each["state"] == state]


@EACH
@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ("from_date=2026-13-01", "/from_date"),
        ("from_date=9999-12-31", "/from_date"),
        ("to_date=0001-01-01", "/to_date"),
        ("from_date=2026-10-06&to_date=2026-10-05", "/to_date"),
        ("class_id=%20", "/class_id"),
        ("state=happy", "/state"),
    ],
)
async def test_what_is_no_filter_is_refused(
    platform: Filled, path: str, asked: str, pointer: str
) -> None:
    refused = await platform.ask(f"{NORTH}/{TEACHER}", "GET", f"{path}?{asked}", status=422)
    assert [each["pointer"] for each in refused.json()["errors"]] == [pointer]


async def test_an_observers_own_of_all_teachers_who_let_her_in() -> None:
    platform = Filled()
    await platform.fill(NORTH)
    path, many = "/observations/v1/observations", "observations"
    hers = await listed(platform, COACH, path, many, observer_id="me")
    assert {each["teacher_id"] for each in hers} == {TEACHER}
    assert hers == await listed(platform, COACH, path, many, teacher_id=TEACHER, observer_id=COACH)
    ended = platform.ids[NORTH]["relationship_id"]
    v1 = f"/programs/v1/relationships/{ended}/end"
    await platform.ask(f"{NORTH}/{TEACHER}", "POST", v1)
    await platform.settle()
    assert await listed(platform, COACH, path, many, observer_id="me") == []
    other = await platform.ask(
        f"{NORTH}/{TEACHER}", "GET", f"{path}?observer_id={COACH}", status=404
    )
    assert other.json()["code"] == "not_found"


async def test_relationships_of_a_year_and_in_a_state(platform: Filled) -> None:
    path, many = "/programs/v1/relationships", "relationships"
    mine = await listed(platform, COACH, path, many)
    for name in ("school_year", "state"):
        for value in {each[name] for each in mine}:
            found = await listed(platform, COACH, path, many, **{name: value})
            assert found == [each for each in mine if each[name] == value]
    assert len({each["state"] for each in mine}) > 1


@pytest.mark.parametrize(
    ("who", "path", "many"),
    [
        (COACH, "/observations/v1/tools", "tools"),
        ("admin-01", "/privacy/v1/statements", "statements"),
    ],
)
async def test_what_is_the_districts_newest_first_and_in_a_state(
    platform: Filled, who: str, path: str, many: str
) -> None:
    items = await listed(platform, who, path, many)
    assert items == sorted(items, key=lambda each: each["drafted_at"], reverse=True)
    assert items[::-1] == await listed(platform, who, path, many, order="oldest")
    drafts = await listed(platform, who, path, many, state="draft")
    assert drafts == [each for each in items if each["state"] == "draft"] != []


async def test_a_teachers_classes_are_hers_and_the_districts_are_all(platform: Filled) -> None:
    path, many = "/roster/v1/classes", "classes"
    hers = await listed(platform, TEACHER, path, many)
    assert hers
    assert all(TEACHER in each["teacher_ids"] for each in hers)
    assert len(await listed(platform, "admin-01", path, many)) > len(hers)


async def test_a_body_where_none_is_taken_is_refused(platform: Filled) -> None:
    goal = f"/goals/v1/goals/{platform.ids[NORTH]['goal_id']}"
    for method, path in (("POST", f"{goal}/abandon"), ("GET", goal)):
        refused = await platform.ask(
            f"{NORTH}/{TEACHER}", method, path, {"reason": "lost"}, status=422
        )
        assert refused.json()["code"] == "body_not_taken"
    left = await platform.ask(f"{NORTH}/{TEACHER}", "GET", goal)
    assert left.json()["state"] == "active"
    await platform.ask(f"{NORTH}/{TEACHER}", "GET", goal, {})
