"""What a user finds who looks at the demo as its coach, its teachers and its administrator: each
kind of thing that a year of coaching has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2

COACH, NEXT, ADMIN = "coach-01", "coach-02", "admin-01"
FIRST, COLLEAGUE, WALKS, TRIES, PAUSES = (f"teacher-000{number}" for number in (1, 2, 3, 4, 7))
MISSED, LEAVING = "teacher-0005", "teacher-0025"
Token = Callable[[str], Awaitable[str]]


async def assert_all_kinds_are_shown(address: str, token: Token) -> None:
    """`token`: of a person of the first district."""
    tokens: dict[str, str] = {}
    async with httpx2.AsyncClient(base_url=address, timeout=30) as client:

        async def listed(who: str, path: str, name: str) -> list[dict[str, Any]]:
            if who not in tokens:
                tokens[who] = await token(who)
            answer = await client.get(path, headers={"Authorization": f"Bearer {tokens[who]}"})
            assert answer.status_code == 200, (path, answer.text)
            found: list[dict[str, Any]] = answer.json()[name]
            return found

        v1 = "/programs/v1"
        programs = await listed(ADMIN, f"{v1}/programs", "programs")
        assert {"one_to_one", "reciprocal"} <= {each["type"] for each in programs}
        (reciprocal,) = (each for each in programs if each["type"] == "reciprocal")
        path = f"{v1}/enrollments?program_id={reciprocal['program_id']}"
        assert len(await listed(ADMIN, path, "enrollments")) == 4
        circles = await listed(COACH, f"{v1}/circles", "circles")  # which she facilitates
        states = sorted((each["kind"], each["state"]) for each in circles)
        assert states == [("group", "active"), ("pair", "active"), ("pair", "paused")]
        (hers,) = await listed(PAUSES, f"{v1}/circles", "circles")
        assert hers["state"] == "paused"
        (pair,) = (each for each in circles if (each["kind"], each["state"]) == states[1])
        path = f"{v1}/planning-entries?circle_id={pair['circle_id']}"
        assert len(await listed(COLLEAGUE, path, "planning_entries")) == 4
        (walk,) = await listed(WALKS, "/goals/v1/walks", "walks")
        goals = await listed(WALKS, "/goals/v1/goals", "goals")
        assert walk["state"] == "completed"
        assert walk["goal_id"] in [each["goal_id"] for each in goals if each["state"] == "active"]
        (meeting,) = await listed(TRIES, f"{v1}/community-meetings", "community_meetings")
        assert meeting["state"] == "held"
        path = f"{v1}/takeaways?community_meeting_id={meeting['community_meeting_id']}"
        (taken,) = await listed(TRIES, path, "takeaways")
        trials = await listed(TRIES, "/goals/v1/trials", "trials")
        assert taken["takeaway_id"] in [each["takeaway_id"] for each in trials]
        assert await listed(FIRST, "/goals/v1/shares", "goal_shares")
        (celebrated,) = await listed(WALKS, "/goals/v1/celebrations", "celebrations")
        assert (celebrated["fact"], celebrated["sent_by"]) == ("achieved", COACH)
        trainings = await listed(COACH, f"{v1}/trainings", "trainings")
        assert {each["kind"] for each in trainings} == {"rating", "coaching"}
        sessions = await listed(
            COACH, f"{v1}/coaching-sessions?coach_id={COACH}&page_size=200", "coaching_sessions"
        )
        kinds = {(each["kind"], each["state"]) for each in sessions}
        assert ("support", "held") in kinds
        path = f"{v1}/coaching-sessions?teacher_id={MISSED}"
        of_one = await listed(MISSED, path, "coaching_sessions")
        assert {"held", "missed", "scheduled"} <= {each["state"] for each in of_one}
        assert 5 in [each["minutes"] for each in of_one]  # in the hallway
        if len(await listed(ADMIN, "/roster/v1/people?role=ext:coach", "people")) > 1:
            ties = await listed(LEAVING, f"{v1}/relationships?state=active", "relationships")
            assert [each["handover"]["coach_id"] for each in ties if each["handover"]] == [NEXT]
