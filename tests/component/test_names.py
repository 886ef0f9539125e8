"""Names beside ids: of whom the reader is shown anyway, from what each service keeps itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.filled import Filled
from tests.support.filling import COACH, TEACHER
from tests.support.operations import caller_of, routes

NORTH = "north"
_FIELD = re.compile(r"(?:_name|_title)$")


@pytest.fixture(scope="module")
async def platform() -> Filled:
    """Shared: nothing here changes anything."""
    made = Filled()
    await made.fill(NORTH)
    return made


async def called(platform: Filled, who: str) -> str:
    me = (await platform.ask(f"{NORTH}/{who}", "GET", "/roster/v1/me")).json()
    return f"{me['given_name']} {me['family_name']}"


async def test_people_classes_and_tools_are_named_to_whoever_is_shown_them(
    platform: Filled,
) -> None:
    ids = platform.ids[NORTH]
    coach, teacher = [await called(platform, who) for who in (COACH, TEACHER)]
    classes = (
        await platform.ask(f"{NORTH}/{TEACHER}", "GET", "/roster/v1/classes?teacher_id=me")
    ).json()["classes"]
    titles = {each["class_id"]: each["title"] for each in classes}

    async def read(path: str, who: str = TEACHER) -> Any:
        return (await platform.ask(f"{NORTH}/{who}", "GET", path)).json()

    goal = await read(f"/goals/v1/goals/{ids['goal_id']}")
    assert (goal["teacher_name"], goal["drafted_by_name"]) == (teacher, coach)
    assert goal["progress"][0]["recorded_by_name"] == teacher
    assert goal["class_title"] == titles[goal["class_id"]]
    seen = await read(f"/observations/v1/observations/{ids['shared_observation']}")
    tool = await read(f"/observations/v1/tools/{ids['tool_id']}")
    assert (seen["observer_name"], seen["tool_title"]) == (coach, tool["title"])
    survey = await read(f"/surveys/v1/administrations/{ids['closed_administration']}", COACH)
    instrument = await read(f"/surveys/v1/instruments/{ids['instrument_id']}")
    assert survey["instrument_title"] == instrument["title"]
    assert survey["history"][0]["by_name"] == teacher
    pair = (await read("/programs/v1/relationships"))["relationships"][0]
    assert (pair["coach_name"], pair["teacher_name"]) == (coach, teacher)
    listed = (await read("/goals/v1/goals?teacher_id=me"))["goals"]
    assert {each["drafted_by_name"] for each in listed} == {coach}


async def test_whoever_is_not_in_the_roster_has_no_name(platform: Filled) -> None:
    """A name is there or null, and never somebody else's."""
    for route in routes(platform):
        if route.method != "GET" or "{" in route.template or route.operation == "read_journal":
            continue
        needed = [
            each["name"]
            for each in route.parameters
            if each["in"] == "query" and each.get("required")
        ]
        query = "&".join(f"{name}={platform.ids[NORTH][name]}" for name in needed)
        token = caller_of(route.operation, NORTH)
        answer = await platform.ask(token, "GET", f"{route.template}?{query}")
        for name in _named(answer.json()):
            assert name is None or (name and name == name.strip())


def _named(node: Any) -> list[Any]:
    if isinstance(node, dict):
        own = [value for key, value in node.items() if _FIELD.search(key)]
        return own + [name for each in node.values() for name in _named(each)]
    if isinstance(node, list):
        return [name for each in node for name in _named(each)]
    return []


async def test_another_districts_people_are_never_named() -> None:
    """Both have the same ids; only the texts of one hold the canary."""
    platform = Filled()
    await platform.fill(NORTH)
    await platform.fill("south", canary="Zanzibar77")
    for path in ("/goals/v1/goals?teacher_id=me", "/programs/v1/relationships"):
        told = (await platform.ask(f"{NORTH}/{TEACHER}", "GET", path)).json()
        assert "Zanzibar77" not in json.dumps(told)
        theirs = (await platform.ask(f"south/{TEACHER}", "GET", path)).json()
        assert "Zanzibar77-staff" in json.dumps(theirs)


@pytest.mark.parametrize(
    ("who", "status"), [(COACH, 200), ("admin-01", 200), ("teacher-0002", 403), ("nobody", 403)]
)
async def test_coaches_look_up_a_schools_staff(platform: Filled, who: str, status: int) -> None:
    path = "/roster/v1/orgs/school-01/staff?role=teacher"
    answer = await platform.ask(f"{NORTH}/{who}", "GET", path, status=status)
    if status == 200:
        staff = answer.json()["staff"]
        assert TEACHER in {each["person_id"] for each in staff}
        assert {role for each in staff for role in each["roles"]} == {"teacher"}
        assert set(staff[0]) == {"person_id", "given_name", "family_name", "roles"}


async def test_a_name_costs_no_database_command_when_profiles_are_known(platform: Filled) -> None:
    """One read of the access view for all of a list, and then none."""
    service = platform.services["goals"]
    asked: list[int] = []
    directory = _directory(service)
    rows = directory._rows

    class Counting:
        async def access_rows(self, ids: Any) -> Any:
            asked.append(len(ids))
            return await rows.access_rows(ids)

    directory._rows = Counting()
    try:
        directory._seconds = 60.0
        for _ in range(2):
            await platform.ask(f"{NORTH}/{TEACHER}", "GET", "/goals/v1/goals?teacher_id=me")
        cold = list(asked)
        await platform.ask(f"{NORTH}/{TEACHER}", "GET", "/goals/v1/goals?teacher_id=me")
        assert asked == cold
        assert len(cold) <= 2  # herself, and then all others of the page at once
    finally:
        directory._rows = rows


def _directory(service: Any) -> Any:
    """That of the service's API."""
    ports: Iterator[Any] = (getattr(each, "_ports", None) for each in service.app.routes)
    return next(each for each in ports if hasattr(each, "access")).access._directory
