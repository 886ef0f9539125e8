"""By which process a program goes, read by who acts in it: whoever is enrolled, and coaches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.programs.test_enrollments import PATH, enroll, opened
from tests.component.test_programs import PROGRAMS, ask, lead
from tests.support.staff import Staffed, staffed

TEMPLATES = "/programs/v1/process-templates"
WHY = "Testing week: nobody can be visited"
SECRET: dict[str, Any] = {
    "cost_per_coach_hour": 62.5,
    "currency": "USD",
    "funding_source": "title-2",
    "planned_contacts": 12,
}


@pytest.fixture
async def north() -> Staffed:
    return await staffed()


async def process(north: Staffed, program: str, who: str = "teacher") -> Any:
    return await ask(north, who, "GET", f"{PROGRAMS}/{program}/process")


async def status(north: Staffed, program: str, who: str = "teacher") -> int:
    return int((await process(north, program, who)).status_code)


async def test_an_enrolled_teacher_reads_what_she_acts_by_and_nothing_else(north: Staffed) -> None:
    await lead(north)
    program = await opened(north, **SECRET)
    await enroll(north, program)
    said = {"step_id": "visit", "deviation": "adapted", "reason": WHY}
    whole = (await ask(north, "aide", "POST", f"{PROGRAMS}/{program}/deviate", said)).json()
    answer = await process(north, program)
    told = answer.json()
    assert told.keys() == {
        "program_id", "name", "school_year", "state", "template", "template_version", "revision",
        "stages", "deviations",
    }  # fmt: skip
    assert told["stages"] == whole["stages"]
    steps = [step for stage in told["stages"] for step in stage["steps"]]
    assert any(each["prompts"] for each in steps)
    assert any(each["cards"] for each in steps)
    at = whole["deviations"][0]["deviated_at"]
    assert told["deviations"] == [{**said, "deviated_at": at}]
    for hidden in ("aide", "Given Aide", "62.5", "USD", "title-2"):
        assert hidden not in answer.text


async def test_who_is_neither_enrolled_nor_a_coach_learns_nothing(north: Staffed) -> None:
    await lead(north)
    program, other = await opened(north), await opened(north)
    await enroll(north, program)
    for who in ("teacher", "coach", "aide", "admin"):
        assert await status(north, program, who) == 200, who
    for who in ("peer", "leader"):
        refused = await process(north, program, who)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), who
        unknown = await process(north, "no-such-program", who)
        assert (unknown.status_code, unknown.json()["code"]) == (403, "forbidden"), who
    assert await status(north, other) == 403
    assert await status(north, "no-such-program", "coach") == 404
    assert (await ask(north, "teacher", "GET", f"{PROGRAMS}/{program}")).status_code == 403
    async with north.client("programs", "south/teacher") as client:
        assert (await client.get(f"{PROGRAMS}/{program}/process")).status_code == 403


async def test_it_is_read_as_long_as_she_is_in_it_and_after_it_was_closed(north: Staffed) -> None:
    await lead(north)
    program = await opened(north)
    made = (await enroll(north, program)).json()
    path = f"{PATH}/{made['enrollment_id']}"
    await ask(north, "teacher", "POST", f"{path}/withdraw")
    assert await status(north, program) == 403
    await ask(north, "teacher", "POST", f"{path}/rejoin")
    assert await status(north, program) == 200
    await ask(north, "aide", "POST", f"{PROGRAMS}/{program}/close")
    assert (await process(north, program)).json()["state"] == "closed"


@pytest.mark.parametrize("who", ["teacher", "peer", "coach", "leader", "aide", "admin"])
async def test_everybody_who_works_in_the_district_reads_the_templates(
    north: Staffed, who: str
) -> None:
    listed = (await ask(north, who, "GET", TEMPLATES)).json()["process_templates"]
    name = listed[0]["process_template_id"]
    shown = await ask(north, who, "GET", f"{TEMPLATES}/{name}")
    assert shown.status_code == 200
    assert shown.json()["stages"]
