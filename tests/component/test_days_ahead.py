"""What is new belongs to this school year or the next, and a day that is set is still to come:
of the district, whose school year turns as July 1 begins there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.access.districts import District, Districts
from tests.support.filled import Filled
from tests.support.filling import COACH, TEACHER

HONOLULU = Districts({"north": District(time_zone="Pacific/Honolulu")})
NOVEMBER = datetime(2026, 11, 28, 5, tzinfo=UTC)  # the evening of the 27th in Honolulu
OVER, TODAY, LATEST, TOO_LATE = "2026-11-26", "2026-11-27", "2028-06-30", "2028-07-01"
GOAL = {
    "teacher_id": TEACHER,
    "statement": "More talk",
    "focus_skill": "dialogue",
    "measure_id": "talk-share",
    "unit": "percent",
    "direction": "increase",
    "baseline": 20,
    "target": 60,
}


class InNovember(Filled):
    def __init__(self) -> None:
        super().__init__(HONOLULU)

    async def post(self, path: str, body: Any = None, by: str = TEACHER) -> Any:
        return (await self.ask(f"north/{by}", "POST", path, body)).json()

    async def refused(
        self, path: str, body: Any, by: str = TEACHER, method: str = "POST", **headers: str
    ) -> tuple[str, str]:
        """The code and the place of an answer 422."""
        told = await self.ask(f"north/{by}", method, path, body, status=422, headers=headers)
        return told.json()["code"], told.json()["errors"][0]["pointer"]


@pytest.fixture(scope="module")
async def filled() -> InNovember:
    platform = InNovember()
    await platform.fill("north")
    return platform


@pytest.fixture
def north(filled: InNovember) -> InNovember:
    filled.clock.set(NOVEMBER)
    return filled


def _plan(north: InNovember, kind: str) -> tuple[str, dict[str, Any]]:
    ids = north.ids["north"]
    if kind == "goal":
        return "/goals/v1/goals", GOAL
    if kind == "survey":
        body = {"instrument_id": ids["instrument_id"], "class_id": "class-0001"}
        return "/surveys/v1/administrations", {**body, "teacher_id": TEACHER}
    body = {"teacher_id": TEACHER, "tool_id": ids["tool_id"]}
    return "/observations/v1/observations", {**body, "scheduled_for": "2026-12-03T18:00:00Z"}


@pytest.mark.parametrize("kind", ["goal", "survey", "observation"])
async def test_what_is_planned_belongs_to_this_school_year_or_the_next(
    north: InNovember, kind: str
) -> None:
    path, body = _plan(north, kind)
    for year in (2027, 2028):
        made = await north.post(path, {**body, "school_year": year}, TEACHER)
        assert made["school_year"] == year
    for year in (2000, 2025, 2026, 2029, 2100):
        refused = await north.refused(path, {**body, "school_year": year})
        assert refused == ("not_this_or_next_year", "/school_year")


async def test_an_observation_is_planned_for_a_day_of_this_school_year_or_the_next(
    north: InNovember,
) -> None:
    path, body = _plan(north, "observation")
    for day, year in (("2026-07-01", 2027), ("2026-11-02", 2027), ("2028-06-30", 2028)):
        made = await north.post(path, {**body, "scheduled_for": f"{day}T18:00:00-10:00"}, COACH)
        assert made["school_year"] == year
    for day in ("2026-06-30", "2028-07-01", "2028-11-30"):
        wanted = {**body, "scheduled_for": f"{day}T18:00:00-10:00"}
        refused = await north.refused(path, wanted, COACH)
        assert refused == ("not_this_or_next_year", "/scheduled_for")


@pytest.mark.parametrize(("day", "status"), [("2027-08-31", 201), ("2027-09-01", 422)])
async def test_a_lesson_of_june_is_written_down_as_long_as_its_coaching_counts(
    north: InNovember, day: str, status: int
) -> None:
    north.clock.set(datetime.fromisoformat(f"{day}T18:00:00-10:00"))
    path, body = _plan(north, "observation")
    held = {**body, "scheduled_for": "2027-06-28T10:00:00-10:00"}
    await north.ask(f"north/{TEACHER}", "POST", path, held, status=status)


async def test_a_due_date_lies_from_today_to_the_end_of_the_next_school_year(
    north: InNovember,
) -> None:
    path = "/goals/v1/goals"
    for due in (TODAY, LATEST):
        assert (await north.post(path, {**GOAL, "due_date": due}))["due_date"] == due
    goal = (await north.post(path, {**GOAL, "due_date": TODAY}))["goal_id"]
    wrong = ((OVER, "due_date_passed"), ("0001-01-01", "due_date_passed"))
    for due, code in (*wrong, (TOO_LATE, "due_date_too_far"), ("9999-12-31", "due_date_too_far")):
        told = (code, "/due_date")
        assert await north.refused(path, {**GOAL, "due_date": due}) == told
        assert await north.refused(f"{path}/{goal}", {"due_date": due}, method="PATCH") == told
    await north.post(f"{path}/{goal}/activate")
    revised, seen = {"reason": "r", "due_date": OVER}, {"If-Match": '"2"'}
    refused = await north.refused(f"{path}/{goal}/revise", revised, **seen)
    assert refused == ("due_date_passed", "/due_date")
    assert (await north.ask(f"north/{TEACHER}", "GET", f"{path}/{goal}")).json()["version"] == 2


async def test_a_due_date_that_has_passed_since_does_not_keep_a_goal_from_being_changed(
    north: InNovember,
) -> None:
    path = "/goals/v1/goals"
    goal = (await north.post(path, {**GOAL, "due_date": TODAY}))["goal_id"]
    north.clock.forward(days=3)
    edit = {"statement": "Even more talk", "due_date": TODAY}
    edited = await north.ask(f"north/{TEACHER}", "PATCH", f"{path}/{goal}", edit)
    assert edited.json()["due_date"] == TODAY
    await north.post(f"{path}/{goal}/activate")
    body, seen = {"reason": "r", "target": 70}, {"If-Match": '"3"'}
    revise = f"{path}/{goal}/revise"
    revised = await north.ask(f"north/{TEACHER}", "POST", revise, body, headers=seen)
    assert (revised.json()["target"], revised.json()["due_date"]) == (70, TODAY)


async def _planned(north: InNovember, day: str) -> str:
    """The path of an observation that is planned for a day."""
    path, body = _plan(north, "observation")
    made = await north.post(path, {**body, "scheduled_for": f"{day}T20:00:00Z"}, COACH)
    return f"{path}/{made['observation_id']}"


SCORED = {"scores": [{"criterion_id": "critical-thinking", "score": 3}]}


async def test_an_observation_that_is_done_early_took_place_on_the_day_it_was_done(
    north: InNovember,
) -> None:
    place = await _planned(north, "2026-11-30")
    noted = await north.post(f"{place}/scores", {"notes": [{"text": "Look for wait time"}]}, COACH)
    assert noted["scheduled_for"] == "2026-11-30T20:00:00Z"  # what one looks for is noted before
    scored = await north.post(f"{place}/scores", SCORED, COACH)
    assert scored["scheduled_for"] == "2026-11-28T05:00:00Z"
    later = {"scheduled_for": "2026-12-01T20:00:00Z"}
    await north.ask(f"north/{COACH}", "PATCH", place, later)
    north.clock.forward(days=1)
    done = await north.post(f"{place}/complete", by=COACH)
    assert done["scheduled_for"] == done["completed_at"] == "2026-11-29T05:00:00Z"


async def test_one_that_is_done_on_its_day_or_later_keeps_its_time(north: InNovember) -> None:
    for day, planned in (("2026-11-27", "20:00"), ("2026-11-28", "05:30")):  # both the 27th there
        path, body = _plan(north, "observation")
        at = f"{day}T{planned}:00Z"
        made = await north.post(path, {**body, "scheduled_for": at}, COACH)
        place = f"{path}/{made['observation_id']}"
        await north.post(f"{place}/scores", SCORED, COACH)
        assert (await north.post(f"{place}/complete", by=COACH))["scheduled_for"] == at


async def test_one_that_is_planned_for_the_next_school_year_is_not_done_in_this(
    north: InNovember,
) -> None:
    place = await _planned(north, "2027-09-20")
    told = await north.ask(f"north/{COACH}", "POST", f"{place}/scores", SCORED, status=409)
    assert told.json()["code"] == "another_school_year"


async def test_one_of_this_school_year_is_done_in_it_whenever_it_was_planned_for(
    north: InNovember,
) -> None:
    path, body = _plan(north, "observation")
    planned = {**body, "scheduled_for": "2027-07-02T20:00:00Z", "school_year": 2027}
    place = f"{path}/{(await north.post(path, planned, COACH))['observation_id']}"
    scored = await north.post(f"{place}/scores", SCORED, COACH)
    assert (scored["scheduled_for"], scored["school_year"]) == ("2026-11-28T05:00:00Z", 2027)
    place = f"{path}/{(await north.post(path, planned, COACH))['observation_id']}"
    june = {"scheduled_for": "2027-06-29T20:00:00Z"}
    moved = (await north.ask(f"north/{COACH}", "PATCH", place, june)).json()
    assert moved["scheduled_for"] == june["scheduled_for"]
