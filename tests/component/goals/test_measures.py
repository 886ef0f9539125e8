"""The district's catalogue of measures, and the titles beside the ids that goals name."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.call import Call, Principal
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.write_path import WritePath
from services.goals.measure.codec import MEASURES
from services.goals.measure.domain import MOST_MEASURES, Direction, Measure, SaidOfMeasure
from services.goals.measure.titles import SECONDS, Titles
from tests.support.clocks import FakeClock
from tests.support.filled import Filled
from tests.support.filling import ADMIN, COACH, TEACHER
from tests.support.parts import CountingBell

PATH = "/goals/v1/measures"
WAIT = {"title": "Wait before an answer is taken", "unit": "seconds", "direction": "increase"}
LOST = {"title": "Class time lost", "unit": "minutes", "direction": "decrease"}


@pytest.fixture
async def platform() -> Filled:
    platform = Filled()
    await platform.fill("north")
    return platform


async def state(
    platform: Filled, code: str, body: dict[str, Any], who: str = ADMIN, **more: Any
) -> Any:
    return await platform.ask(f"north/{who}", "PUT", f"{PATH}/{code}", body, **more)


async def goal(platform: Filled, **more: Any) -> dict[str, Any]:
    body = {
        "teacher_id": TEACHER,
        "statement": "I wait",
        "focus_skill": "questioning",
        "measure_id": "wait-time",
        "unit": "seconds",
        "target": 5,
        **more,
    }
    made = await platform.ask(f"north/{TEACHER}", "POST", "/goals/v1/goals", body)
    found: dict[str, Any] = made.json()
    return found


async def test_a_statement_replaces_the_one_before_and_again_changes_nothing(
    platform: Filled,
) -> None:
    await platform.ask(f"north/{COACH}", "GET", f"{PATH}/wait-time", status=404)
    first = await state(platform, "wait-time", WAIT)
    assert first.headers["etag"] == '"1"'
    said = first.json()
    assert said.pop("stated_at")
    assert said.pop("allowed") == ["state_measure"]
    assert said == {"measure_id": "wait-time", **WAIT, "retired": False, "version": 1}
    assert (await state(platform, "wait-time", WAIT)).json()["version"] == 1
    retired = await state(platform, "wait-time", {**WAIT, "retired": True})
    assert (retired.json()["version"], retired.json()["retired"]) == (2, True)
    await state(platform, "wait-time", WAIT, headers={"If-Match": '"1"'}, status=412)
    found = await platform.ask(f"north/{COACH}", "GET", f"{PATH}/wait-time")
    assert found.json() == {**retired.json(), "allowed": []}


async def test_nothing_is_made_for_who_has_seen_another_version(platform: Filled) -> None:
    await state(platform, "wait-time", WAIT, headers={"If-Match": '"1"'}, status=404)
    await platform.ask(f"north/{COACH}", "GET", f"{PATH}/wait-time", status=404)


async def test_the_list_is_in_the_order_of_codes_and_has_the_districts_alone(
    platform: Filled,
) -> None:
    for code, said in (("wait-time", WAIT), ("lost/per lesson", LOST)):
        await state(platform, code, said)
    await platform.fill("south")
    listed = await platform.ask(f"north/{TEACHER}", "GET", PATH)
    codes = [each["measure_id"] for each in listed.json()["measures"]]
    assert codes == ["lost/per lesson", "talk-share", "wait-time"]
    slashed = await platform.ask(f"north/{TEACHER}", "GET", f"{PATH}/lost/per%20lesson")
    assert slashed.json()["title"] == LOST["title"]
    await platform.ask(f"south/{TEACHER}", "GET", f"{PATH}/wait-time", status=404)


@pytest.mark.parametrize("who", [COACH, TEACHER, "sis?measures.read+goals.read"])
async def test_nobody_but_the_district_states_one(platform: Filled, who: str) -> None:
    await state(platform, "wait-time", WAIT, who=who, status=403)
    await platform.ask(f"north/{who}", "GET", PATH)


async def test_a_goal_says_what_its_measure_is_called_as_soon_as_that_is_said(
    platform: Filled,
) -> None:
    drafted = await goal(platform)
    assert (drafted["measure_title"], drafted["unit"]) == (None, "seconds")
    path = f"/goals/v1/goals/{drafted['goal_id']}"
    await state(platform, "wait-time", WAIT)
    for who in (TEACHER, COACH):
        found = (await platform.ask(f"north/{who}", "GET", path)).json()
        assert found["measure_title"] == WAIT["title"]
        listed = await platform.ask(f"north/{who}", "GET", f"/goals/v1/goals?teacher_id={TEACHER}")
        titles = {each["measure_id"]: each["measure_title"] for each in listed.json()["goals"]}
        assert titles["wait-time"] == WAIT["title"]
    await state(platform, "wait-time", {**WAIT, "unit": "minutes", "retired": True})
    found = (await platform.ask(f"north/{TEACHER}", "GET", path)).json()
    assert (found["measure_title"], found["unit"]) == (WAIT["title"], "seconds")


async def test_a_catalogue_is_bounded_and_what_is_in_it_still_changes(platform: Filled) -> None:
    for number in range(MOST_MEASURES - 1):  # one is there already
        await state(platform, f"m-{number:03}", LOST)
    refused = await state(platform, "one-more", LOST, status=409)
    assert refused.json()["code"] == "too_many_measures"
    assert (await state(platform, "m-007", WAIT)).json()["version"] == 2


async def test_titles_of_another_process_show_after_a_while_and_cost_one_read() -> None:
    documents, now = MemoryDocuments(), 100.0
    path = WritePath(documents, MEASURES, FakeClock(), CountingBell())
    titles = Titles(path, lambda: now)
    assert await titles.title("north", "wait-time") == ""
    measure = Measure(
        id="north/measure/wait-time",
        district="north",
        code="wait-time",
        said=SaidOfMeasure("Wait", "seconds", Direction.INCREASE, retired=False),
        stated_at=FakeClock().now(),
        stated_by="admin-1",
    )
    measure.state(measure.said, "admin-1", FakeClock().now())
    await path.create(Call("state_measure", Principal("north", "admin-1")), measure)
    assert await titles.title("north", "wait-time") == ""
    now += SECONDS
    assert await titles.title("north", "wait-time") == "Wait"
    assert await titles.title("south", "wait-time") == ""
