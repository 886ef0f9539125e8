"""A teacher hired today, whose record becomes one with that of the file, on real processes and real
engines: her goal follows her."""

from __future__ import annotations

from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

COACH, HIRED, KEPT = "coach-02", "hired-today", "teacher-0006"
HERS = "coach-03"  # whom she chooses, and the other has not


async def test_the_goal_of_a_teacher_hired_today_is_hers_under_the_id_of_the_file(
    north: Coaching, stack: RunningStack
) -> None:
    person = {"given_name": "Nora", "family_name": "Newman", "org_id": "school-01"}
    place = f"/roster/v1/people/{HIRED}/provisional"
    await stack.ask(north.who("admin-01"), "PUT", place, person)
    await north.known(HIRED)
    for coach in (COACH, HERS):
        asked = {"coach_id": coach, "teacher_id": HIRED}
        made = await north.post(coach, "/programs/v1/relationships", asked)
        await north.post(HIRED, f"/programs/v1/relationships/{made['relationship_id']}/accept")
    await north.may(COACH, f"/goals/v1/goals?teacher_id={HIRED}")
    goal = await north.active_goal(COACH, HIRED)
    pair = {"from_person_id": HIRED, "into_person_id": KEPT}
    match = (await north.post("admin-01", "/roster/v1/matches", pair))["match_id"]
    await north.post("admin-01", f"/roster/v1/matches/{match}/confirm")

    async def follows() -> bool:
        entry = await north.entry(COACH, KEPT) or {}
        return goal in {each["goal_id"] for each in entry.get("open_goals", ())}

    await eventually(follows, timeout=30)
    theirs = f"/goals/v1/goals?teacher_id={KEPT}"
    await north.may(HERS, theirs)
    await north.post(KEPT, f"/goals/v1/goals/{goal}/progress", {"value": 45, "note": "hers"})
    await north.may(HIRED, f"/goals/v1/goals?teacher_id={HIRED}", yes=False)
    assert await north.entry(COACH, HIRED) is None

    # it was a mistake: what was hers is hers again, and so is what she begins from now on
    await north.post("admin-01", f"/roster/v1/matches/{match}/separate")
    mine = f"/goals/v1/goals?teacher_id={HIRED}"
    await north.may(HIRED, mine)

    async def goals(who: str) -> set[str]:
        found = await stack.ask(north.who(who), "GET", f"/goals/v1/goals?teacher_id={who}")
        return {each["goal_id"] for each in found.json()["goals"]}

    async def given_back() -> bool:
        return goal in await goals(HIRED) and goal not in await goals(KEPT)

    await eventually(given_back, timeout=30)
    begun = await north.active_goal(HIRED, HIRED)
    assert await goals(HIRED) == {goal, begun}
    assert begun not in await goals(KEPT)
    await north.may(HERS, theirs, yes=False)
    await north.may(COACH, theirs)  # she was the other's, too
