"""Days are the district's: what belongs to which school year, and what is due when, follow
its time zone, wherever that is asked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.access.days import Days
from services.access.districts import District, Districts
from services.roster.class_.cases import list_classes
from tests.support.clocks import FakeClock
from tests.support.filled import Filled
from tests.support.filling import COACH, TEACHER
from tests.support.roster_files import Service, call_for, good_files

HONOLULU = Districts({"north": District(time_zone="Pacific/Honolulu")})
TURN = datetime(2027, 7, 1, 10, tzinfo=UTC)  # July 1 begins in Honolulu
MEASURED = {"measure_id": "talk-share", "unit": "percent", "direction": "increase", "target": 60}
GOAL = {"teacher_id": TEACHER, "statement": "More talk", "focus_skill": "dialogue", **MEASURED}


class InHonolulu(Filled):
    def __init__(self) -> None:
        super().__init__(HONOLULU)

    async def year(self, service: str, noun: str, body: Any, by: str = TEACHER) -> int:
        answer = await self.ask(f"north/{by}", "POST", f"/{service}/v1/{noun}", body)
        return int(answer.json()["school_year"])


@pytest.fixture(scope="module")
async def platform() -> InHonolulu:
    platform = InHonolulu()
    await platform.fill("north")
    return platform


@pytest.mark.parametrize(("hour", "year"), [(9, 2027), (10, 2028)])
async def test_the_school_year_turns_as_july_1_begins_in_the_district(
    platform: InHonolulu, hour: int, year: int
) -> None:
    platform.clock.set(TURN.replace(hour=hour, minute=59 if hour == 9 else 0))
    ids = platform.ids["north"]
    survey = {
        "instrument_id": ids["instrument_id"],
        "teacher_id": TEACHER,
        "class_id": "class-0001",
    }
    coaching = {"coach_id": COACH, "teacher_id": "teacher-0002"}
    assert await platform.year("goals", "goals", GOAL) == year
    assert await platform.year("programs", "relationships", coaching, COACH) == year
    assert await platform.year("surveys", "administrations", survey) == year
    caseload = await platform.ask(f"north/{COACH}", "GET", "/insights/v1/caseload")
    assert caseload.json()["school_year"] == year


async def test_a_lesson_belongs_to_the_school_year_of_its_day_in_the_district(
    platform: InHonolulu,
) -> None:
    lesson = {"teacher_id": TEACHER, "tool_id": platform.ids["north"]["tool_id"]}

    async def year(instant: str) -> int:
        body = {**lesson, "scheduled_for": instant}
        return await platform.year("observations", "observations", body, COACH)

    assert await year("2027-06-30T18:00:00-10:00") == 2027
    assert await year("2027-07-01T09:59:59Z") == 2027
    assert await year("2027-07-01T10:00:00Z") == 2028


async def test_a_lesson_in_no_school_year_is_refused(platform: InHonolulu) -> None:
    body = {"teacher_id": TEACHER, "tool_id": platform.ids["north"]["tool_id"]}
    body["scheduled_for"] = "2100-07-01T10:00:00Z"
    path = "/observations/v1/observations"
    answer = await platform.ask(f"north/{COACH}", "POST", path, body, status=422)
    problem = answer.json()
    assert problem["code"] == "school_year_out_of_range"
    assert problem["errors"][0]["pointer"] == "/scheduled_for"


@pytest.mark.parametrize(("hour", "students"), [(9, 1), (10, 0)])
async def test_an_enrollment_ends_with_its_day_in_the_district(hour: int, students: int) -> None:
    """One of the class's enrollments ends on October 5."""
    clock = FakeClock(datetime(2026, 10, 5, hour, tzinfo=UTC))
    service = Service(clock=clock, days=Days(HONOLULU))
    assert service.days.day_of("north", clock.now()) == date(2026, 10, 4 + (hour == 10))
    await service.load(good_files())
    classes = await list_classes(
        service.ports.class_, call_for("list_classes", "admin-1"), teacher_id="", after="", limit=9
    )
    counts = {each.sourced_id: each.student_count for each in classes.items}
    assert counts["class-2"] == students
