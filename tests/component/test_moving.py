"""A teacher who moves to another school within the year: what was is hers and stays, who is let in
follows the days of her roles."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.support.roster_files import good_files, zipped
from tests.support.staff import Staffed, staffed

MOVES = [("teacher@school-1", "", "2026-11-30"), ("teacher@school-2", "2026-12-01", "")]
BEFORE, AFTER = datetime(2026, 11, 30, 18, tzinfo=UTC), datetime(2026, 12, 1, 18, tzinfo=UTC)
GOAL = {
    "teacher_id": "teacher",
    "statement": "More talk",
    "focus_skill": "dialogue",
    "measure_id": "talk",
    "unit": "percent",
    "direction": "increase",
    "target": 60,
}
EVERYTHING = {"goals", "surveys", "observations", "insights"}


async def granted(north: Staffed, person: str, org: str) -> None:
    body = {"person_id": person, "role": "coach", "org_ids": [org], "reason": "a post"}
    await north.ask("north/admin", "POST", "/roster/v1/grants", body, status=201)
    await north.settle()


async def goals_seen(north: Staffed, who: str) -> list[str]:
    path = "/goals/v1/goals?teacher_id=teacher"
    found = (await north.ask(f"north/{who}", "GET", path)).json()
    return [each["statement"] for each in found["goals"]]


async def test_her_coach_and_her_goals_go_with_her() -> None:
    north = await staffed()
    await north.coached()
    await north.ask("north/teacher", "POST", "/goals/v1/goals", GOAL, status=201)
    await north.settle()
    await north.roster(teacher=MOVES)
    for moment in (BEFORE, AFTER):
        north.clock.set(moment)
        assert await north.sees("coach") == EVERYTHING, moment
        assert await goals_seen(north, "coach") == await goals_seen(north, "teacher")
    assert await goals_seen(north, "teacher") == ["More talk"]


async def test_her_coach_is_told_the_school_of_the_day() -> None:
    north = await staffed()
    await north.coached()
    await north.roster(teacher=MOVES)
    for moment, school in ((BEFORE, "school-1"), (AFTER, "school-2")):
        north.clock.set(moment)
        (entry,) = await north.caseload()
        assert entry["school_ids"] == [school]
        assert entry["school_names"] == [{"school-1": "First, of all"}.get(school, "Second")]
    # between two posts, as in the summer, all that the roster knows
    await north.roster(
        teacher=[("teacher@school-1", "", "2026-10-01"), ("teacher@school-2", "2027-08-01", "")]
    )
    (entry,) = await north.caseload()
    assert entry["school_ids"] == ["school-1", "school-2"]


async def test_who_is_let_in_for_a_school_follows_her_days_there() -> None:
    """Nothing happens on the day, and nobody has to do anything."""
    north = await staffed()
    await granted(north, "aide", "school-1")
    await north.coached("aide")
    await north.roster(teacher=MOVES)
    await granted(north, "leader", "school-2")  # which she does not reach yet
    assert (await north.propose("leader", "leader")).status_code == 422
    north.clock.set(BEFORE)
    assert await north.sees("aide") == EVERYTHING
    north.clock.set(AFTER)
    assert await north.sees("aide") == set()
    assert await north.caseload("aide") == []
    await granted(north, "aide", "school-2")
    assert await north.sees("aide") == EVERYTHING  # the relationship was there all the time


async def test_staff_of_a_school_are_those_of_the_day() -> None:
    north = await staffed()
    await north.roster(teacher=MOVES)

    async def staff(school: str) -> set[str]:
        path = f"/roster/v1/orgs/{school}/staff?role=teacher"
        found = (await north.ask("north/admin", "GET", path)).json()
        return {each["person_id"] for each in found["staff"]}

    north.clock.set(BEFORE)
    assert await staff("school-1") == {"teacher", "peer"}
    north.clock.set(AFTER)
    assert await staff("school-1") == {"peer"}
    await north.roster(teacher=MOVES)  # that night's import
    assert await staff("school-2") == {"teacher"}


async def test_a_class_that_she_leaves_is_the_others_and_what_she_did_in_it_stays_hers() -> None:
    north = Staffed()
    files = good_files()
    await north.import_roster("north/sis?roster.write", zipped(files))
    await north.settle()
    goal = {**GOAL, "teacher_id": "teacher-1", "class_id": "class-1"}
    made = await north.ask("north/teacher-1", "POST", "/goals/v1/goals", goal, status=201)
    await north.settle()
    # she goes to school-2; class-1 is left to teacher-2
    files["roles.csv"] = files["roles.csv"].replace(
        "r1,teacher-1,primary,teacher,school-1", "r1,teacher-1,primary,teacher,school-2"
    )
    rows = files["enrollments.csv"].splitlines()
    files["enrollments.csv"] = "\n".join(row for row in rows if ",teacher-1," not in row) + "\n"
    await north.import_roster("north/sis?roster.write", zipped(files), "?allow_removals=true")
    await north.settle()
    path = f"/goals/v1/goals/{made.json()['goal_id']}"
    kept: Any = (await north.ask("north/teacher-1", "GET", path)).json()
    assert (kept["class_id"], kept["class_title"]) == ("class-1", "Math 4a")
    await north.ask("north/teacher-2", "GET", path, status=404)
    another = {**goal, "statement": "Another"}
    refused = await north.ask("north/teacher-1", "POST", "/goals/v1/goals", another, status=422)
    assert refused.json()["code"] == "unknown_class"
