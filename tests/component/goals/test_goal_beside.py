"""What is said beside a goal, over the public API: who is shown what of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.ctl.demo.district import coach_id, teacher_id
from tests.support.coaching import Coaching
from tests.support.staff import Staffed

TEACHER, COACH, COLLEAGUE = teacher_id(1), coach_id(1), teacher_id(2)
LINKED = {"survey": "survey-1", "student_work": "work-1", "observation": "seen-1"}
IDS = ("administration_id", "student_work_id", "observation_id")


class Beside(Coaching):
    """A teacher with a goal, her coach, and a colleague who may read the goal by a share."""

    def __init__(self) -> None:
        self.platform = Staffed()
        super().__init__(self.platform)
        self.goal = ""

    async def begin(self) -> Beside:
        await self.import_roster()
        await self.platform.settle()
        await self.relate(1)
        await self.platform.settle()
        goal = await self.active_goal(COACH, TEACHER)
        self.goal = f"/goals/v1/goals/{goal}"
        ends = (self.platform.clock.now() + timedelta(days=5)).isoformat()
        share = {"goal_id": goal, "audience": [{"person_id": COLLEAGUE}], "expires_at": ends}
        await self.post(TEACHER, "/goals/v1/shares", {**share, "purpose": "peer_learning"})
        return self

    async def ask(self, who: str, verb: str, rest: str, body: Any = None) -> Any:
        return await self.asks.ask(self.who(who), verb, f"{self.goal}{rest}", body)

    async def status(self, who: str, rest: str) -> int:
        async with self.platform.client("goals", self.who(who)) as client:
            return (await client.get(f"{self.goal}{rest}")).status_code


@pytest.fixture
async def people() -> Beside:
    return await Beside().begin()


async def test_evidence_is_shown_by_its_id_to_whom_its_owner_shows_such_a_thing(
    people: Beside,
) -> None:
    for kind, linked in LINKED.items():
        await people.ask(COACH, "POST", "/evidence", {"kind": kind, "evidence_id": linked})
    hers = (await people.ask(TEACHER, "GET", "")).json()
    assert [[each[name] for name in IDS] for each in hers["evidence"]] == [
        ["survey-1", None, None],
        [None, "work-1", None],
        [None, None, "seen-1"],
    ]
    relationships = await people.asks.ask(people.who(TEACHER), "GET", "/programs/v1/relationships")
    (tie,) = relationships.json()["relationships"]
    path = f"/programs/v1/relationships/{tie['relationship_id']}/accept"
    await people.post(TEACHER, path, {"coach_sees": ["goals", "surveys"]})
    await people.platform.settle()
    his = (await people.ask(COACH, "GET", "")).json()
    assert [[each[name] for name in IDS] for each in his["evidence"]] == [
        ["survey-1", None, None],
        [None, None, None],
        [None, None, None],
    ]
    theirs = (await people.ask(COLLEAGUE, "GET", "")).json()
    assert {each[name] for each in theirs["evidence"] for name in IDS} == {None}
    assert theirs["evidence_count"] == 3


async def test_what_a_revision_comes_from_is_told_with_it_also_once_a_link_was_voided(
    people: Beside,
) -> None:
    linked = {"kind": "observation", "evidence_id": "seen-1"}
    await people.ask(COACH, "POST", "/evidence", linked)
    body = {
        "target": 70,
        "reason": "It surprised us",
        "evidence_numbers": [1],
        "new_evidence": [{"kind": "survey", "evidence_id": "survey-1"}],
    }

    async def revise(said: Any, status: int = 200) -> Any:
        seen = (await people.ask(TEACHER, "GET", "")).json()["version"]
        match = {"If-Match": f'"{seen}"'}
        path = f"{people.goal}/revise"
        who = people.who(TEACHER)
        return (await people.asks.ask(who, "POST", path, said, headers=match, status=status)).json()

    wrong = await revise({**body, "evidence_numbers": [1, 7]}, 422)
    assert [(each["code"], each["pointer"]) for each in wrong["errors"]] == [
        ("unknown_evidence", "/evidence_numbers/1")
    ]
    told = await revise(body)
    assert told["evidence_count"] == 2
    await people.ask(TEACHER, "POST", "/evidence/1/void")

    async def page(who: str) -> Any:
        (newest,) = (await people.ask(who, "GET", "/revisions")).json()["revisions"]
        return [[bool(each["voided_at"]), *(each[i] for i in IDS)] for each in newest["evidence"]]

    whole = [[True, None, None, "seen-1"], [False, "survey-1", None, None]]
    assert await page(TEACHER) == whole
    assert await page(COACH) == whole
    theirs = (await people.ask(COLLEAGUE, "GET", "")).json()
    assert theirs["earlier_revisions"] == []


async def test_what_she_thinks_of_it_is_for_her_and_her_coach(people: Beside) -> None:
    rated = {"importance": 9, "confidence": 4}
    await people.ask(TEACHER, "PUT", "/rating", rated)
    found = (await people.ask(COACH, "GET", "/rating")).json()
    assert [(each["importance"], each["confidence"]) for each in found["ratings"]] == [(9, 4)]
    who = people.who(COACH)
    await people.asks.ask(who, "PUT", f"{people.goal}/rating", rated, status=404)
    assert await people.status(COLLEAGUE, "") == 200
    assert await people.status(COLLEAGUE, "/rating") == 404
    assert await people.status(COLLEAGUE, "/check") == 404
    assert "confidence" not in (await people.ask(COLLEAGUE, "GET", "")).text


async def test_what_is_said_of_a_goal_is_for_her_and_her_coach_and_nobody_else(
    people: Beside,
) -> None:
    said = (await people.ask(COACH, "POST", "/comments", {"text": "All of them?"})).json()
    assert [(each["commented_by"], each["text"]) for each in said["comments"]] == [
        (COACH, "All of them?")
    ]
    hers = (await people.ask(TEACHER, "POST", "/comments", {"text": "All who are there"})).json()
    assert [each["comment_number"] for each in hers["comments"]] == [1, 2]
    assert await people.status(COLLEAGUE, "") == 200
    assert await people.status(COLLEAGUE, "/comments") == 404
    shown = (await people.ask(COLLEAGUE, "GET", "")).text
    assert "All of them?" not in shown
    assert "commented" not in shown
    who = people.who(TEACHER)
    await people.asks.ask(who, "POST", f"{people.goal}/comments/1/void", None, status=403)
    await people.ask(COACH, "POST", "/comments/1/void")
    found = (await people.ask(TEACHER, "GET", "/comments")).json()
    assert [each["text"] for each in found["comments"]] == ["", "All who are there"]
    assert found["comments"][0]["voided_at"]


async def test_a_coach_to_whom_goals_are_not_shown_neither_reads_nor_comments(
    people: Beside,
) -> None:
    await people.ask(TEACHER, "POST", "/comments", {"text": "Mine"})
    relationships = await people.asks.ask(people.who(TEACHER), "GET", "/programs/v1/relationships")
    (tie,) = relationships.json()["relationships"]
    path = f"/programs/v1/relationships/{tie['relationship_id']}/accept"
    await people.post(TEACHER, path, {"coach_sees": ["surveys"]})
    await people.platform.settle()
    assert await people.status(COACH, "/comments") == 404
    body = {"text": "And?"}
    await people.asks.ask(people.who(COACH), "POST", f"{people.goal}/comments", body, status=404)


async def test_a_goal_is_checked_and_activated_whatever_it_lacks(people: Beside) -> None:
    told = (await people.ask(TEACHER, "GET", "/check")).json()
    aspects = [each["aspect"] for each in told["lines"]]
    assert aspects == "specific measurable student_facing reachable baseline measure".split()
    lacking = {each["aspect"]: each["lacks"] for each in told["lines"] if not each["met"]}
    assert lacking["student_facing"] == "aim_not_said"
    assert lacking["measure"] == "measure_unknown"
    assert all(bool(each["advice"]) is not each["met"] for each in told["lines"])
