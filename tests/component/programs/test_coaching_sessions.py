"""Coaching sessions over the API: who plans and records them, of whom, when, and who sees them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.staff import Staffed, staffed

LIST = "/programs/v1/coaching-sessions"
CONTACTS = "/programs/v1/session-contacts"
SPENT = [{"activity": "observe", "minutes": 40}, {"activity": "debrief", "minutes": 20}]
HELD = {"minutes": 60, "activities": SPENT}


def wire(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


class Sessions:
    """A coach with two teachers, `teacher` and `peer`, and one beside them, `other`."""

    def __init__(self, north: Staffed) -> None:
        self.north = north

    async def send(self, who: str, path: str, body: Any = None, verb: str = "POST") -> Any:
        async with self.north.client("programs", f"north/{who}") as client:
            return await client.request(verb, path, json=body)

    async def code(self, who: str, path: str, body: Any = None, verb: str = "POST") -> Any:
        answer = await self.send(who, path, body, verb)
        told = answer.json()
        places = [each.get("pointer", "") for each in told.get("errors", ())]
        return answer.status_code, told.get("code", ""), *places

    async def plan(self, *teachers: str, who: str = "coach", **more: Any) -> Any:
        at = wire(self.north.clock.now() + timedelta(hours=1))
        body = {"teacher_ids": teachers or ("teacher",), "starts_at": at, **more}
        answer = await self.send(who, LIST, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def held(self, *teachers: str, **more: Any) -> str:
        planned = await self.plan(*teachers, **more)
        id_ = str(planned["coaching_session_id"])
        done = await self.send("coach", f"{LIST}/{id_}/hold", HELD)
        assert done.status_code == 200, done.text
        return id_

    async def listed(self, who: str, query: str = "") -> list[str]:
        found = await self.north.ask(f"north/{who}", "GET", f"{LIST}?{query}")
        return [each["coaching_session_id"] for each in found.json()["coaching_sessions"]]

    def ago(self, **span: float) -> str:
        return wire(self.north.clock.now() - timedelta(**span))


async def no_more_coached(sessions: Sessions) -> None:
    """The relationship of `coach` and `teacher` ends."""
    path = "/programs/v1/relationships?coach_id=coach&teacher_id=teacher"
    related = await sessions.north.ask("north/coach", "GET", path)
    (pair,) = related.json()["relationships"]
    await sessions.north.answer("teacher", pair["relationship_id"], "end")
    await sessions.north.settle()


@pytest.fixture
async def sessions() -> Sessions:
    north = await staffed()
    for teacher in ("teacher", "peer"):
        await north.coached("coach", teacher)
    return Sessions(north)


async def test_a_session_is_planned_held_and_summarized_and_says_its_minutes_once(
    sessions: Sessions,
) -> None:
    planned = await sessions.plan()
    assert (planned["state"], planned["minutes"], planned["recorded_at"]) == ("scheduled", 0, None)
    path = f"{LIST}/{planned['coaching_session_id']}"
    body = {**HELD, "materials_unit": "unit-4", "barriers": ["time"], "modality": "virtual"}
    held = (await sessions.send("coach", f"{path}/hold", body)).json()
    assert (held["state"], held["minutes"], held["activities"]) == ("held", 60, SPENT)
    assert (held["materials_unit"], held["barriers"]) == ("unit-4", ["time"])
    assert held["modality"] == "virtual"
    written = {"summary": "We agreed to try wait time"}
    assert (await sessions.send("coach", f"{path}/summarize", written)).status_code == 200
    for who in ("coach", "teacher"):
        told = (await sessions.send(who, path, verb="GET")).json()
        assert (told["state"], told["summary"]) == ("summarized", written["summary"])
        assert told["teachers"][0]["teacher_id"] == "teacher"


async def test_each_minute_goes_into_one_activity(sessions: Sessions) -> None:
    path = f"{LIST}/{(await sessions.plan())['coaching_session_id']}/hold"
    for minutes in (59, 61):
        body = {"minutes": minutes, "activities": SPENT}
        assert await sessions.code("coach", path, body) == (422, "minutes_differ", "/minutes")
    twice = {"minutes": 80, "activities": [SPENT[0], SPENT[0]]}
    told = (422, "activity_repeated", "/activities")
    assert await sessions.code("coach", path, twice) == told


async def test_a_contact_in_the_hallway_is_one_call(sessions: Sessions) -> None:
    asked = {"teacher_id": "teacher", "minutes": 10, "activity": "debrief"}
    answer = await sessions.send("coach", CONTACTS, asked)
    made = answer.json()
    assert (answer.status_code, made["state"], made["minutes"]) == (201, "held", 10)
    assert answer.headers["location"].endswith(f"{LIST}/{made['coaching_session_id']}")
    assert made["starts_at"] == made["recorded_at"]
    assert (await sessions.send("teacher", answer.headers["location"], verb="GET")).is_success


async def test_no_more_than_fifteen_instructional_days_back_and_never_ahead(
    sessions: Sessions,
) -> None:
    """It is Monday the fifth of October: three weeks before there was a Monday, too."""
    asked = {"teacher_id": "teacher", "minutes": 10, "activity": "debrief"}
    place = CONTACTS
    early = {**asked, "held_at": sessions.ago(days=21)}
    made = (await sessions.send("coach", place, early)).json()
    assert made["starts_at"] == early["held_at"]
    assert made["recorded_at"] == wire(sessions.north.clock.now())
    late = {**asked, "held_at": sessions.ago(days=24)}  # the Friday before
    assert await sessions.code("coach", place, late) == (422, "held_too_long_ago", "/held_at")
    ahead = {**asked, "held_at": sessions.ago(seconds=-1)}
    assert await sessions.code("coach", place, ahead) == (422, "held_in_the_future", "/held_at")
    planned = await sessions.plan(starts_at=late["held_at"])
    hold = f"{LIST}/{planned['coaching_session_id']}/hold"
    assert await sessions.code("coach", hold, HELD) == (422, "held_too_long_ago", "/held_at")
    assert (await sessions.send("coach", hold, {**HELD, "held_at": early["held_at"]})).is_success


async def test_a_session_needs_a_relationship_in_force_with_each(sessions: Sessions) -> None:
    at = wire(sessions.north.clock.now())
    alone = {"teacher_ids": ["aide"], "starts_at": at}
    assert await sessions.code("coach", LIST, alone) == (404, "not_found")
    several = {"teacher_ids": ["teacher", "aide"], "kind": "group", "starts_at": at}
    refused = (422, "no_relationship", "/teacher_ids/1")
    assert await sessions.code("coach", LIST, several) == refused
    nobody = {**several, "teacher_ids": ["teacher", "nobody"]}
    assert await sessions.code("coach", LIST, nobody) == refused
    asked = {"teacher_ids": ["teacher"], "coach_id": "other", "starts_at": at}
    by_her = await sessions.code("teacher", LIST, asked)
    assert by_her == (422, "no_relationship", "/teacher_ids/0")
    mine = await sessions.plan(who="teacher", coach_id="coach")
    assert (mine["coach_id"], mine["scheduled_by"]) == ("coach", "teacher")


async def test_with_the_relationship_the_coachs_access_ends(sessions: Sessions) -> None:
    held = await sessions.held()
    await no_more_coached(sessions)
    assert await sessions.north.status("coach", f"{LIST}/{held}") == 404
    assert await sessions.north.status("teacher", f"{LIST}/{held}") == 200
    assert await sessions.listed("coach", "coach_id=me") == []
    at = wire(sessions.north.clock.now())
    asked = {"teacher_ids": ["teacher", "peer"], "kind": "group", "starts_at": at}
    refused = (422, "no_relationship", "/teacher_ids/0")
    assert await sessions.code("coach", LIST, asked) == refused


async def test_of_several_she_says_nothing_new_of_one_whom_she_coaches_no_more(
    sessions: Sessions,
) -> None:
    both = {"kind": "group", "starts_at": sessions.ago(hours=1)}
    planned, missed, called_off = [
        f"{LIST}/{(await sessions.plan('teacher', 'peer', **both))['coaching_session_id']}"
        for _ in range(3)
    ]
    held, summarized = [f"{LIST}/{await sessions.held('teacher', 'peer', **both)}" for _ in "12"]
    words = {"summary": "Wait time"}
    assert (await sessions.send("coach", f"{summarized}/summarize", words)).is_success
    await no_more_coached(sessions)
    of_them = (422, "no_relationship", "/attended_ids/0")
    assert await sessions.code("coach", f"{planned}/hold", HELD) == of_them
    right = {**words, "reason": "Mistyped"}
    assert await sessions.code("coach", f"{summarized}/correct", right) == of_them
    told = (422, "no_relationship", "/teachers/0")
    assert await sessions.code("coach", f"{held}/summarize", words) == told
    others = {**HELD, "attended_ids": ["peer"]}
    for path, body in (
        (f"{planned}/hold", others),
        (f"{planned}/summarize", words),
        (f"{missed}/miss", None),
        (f"{called_off}/cancel", None),
        (f"{summarized}/void", {"reason": "Twice"}),
    ):
        assert (await sessions.send("coach", path, body)).is_success


async def test_nobody_else_sees_one(sessions: Sessions) -> None:
    await sessions.north.coached("other", "teacher")
    one = await sessions.held()
    many = await sessions.held("teacher", "peer", kind="group")
    for who in ("other", "leader", "admin", "aide"):
        for id_ in (one, many):
            assert await sessions.north.status(who, f"{LIST}/{id_}") == 404
    assert await sessions.north.status("peer", f"{LIST}/{one}") == 404
    assert await sessions.listed("other", "teacher_id=teacher") == []
    assert await sessions.listed("coach", "teacher_id=teacher&order=oldest") == [
        *sorted([one, many])
    ]
    assert await sessions.listed("peer") == [many]


OTHERS_MAY_NOT = {
    "": {"starts_at": "2026-11-05T15:30:00Z"},
    "/hold": HELD,
    "/miss": {},
    "/cancel": None,
    "/summarize": {"summary": "So"},
    "/correct": {"materials_unit": "unit-4", "reason": "So"},
    "/void": {"reason": "So"},
}


@pytest.mark.parametrize("what", OTHERS_MAY_NOT)
async def test_nobody_else_does_anything_with_one(sessions: Sessions, what: str) -> None:
    """Whatever else she is to them: another coach of hers, who leads or administers, a stranger."""
    await sessions.north.coached("other", "teacher")
    made = [
        await sessions.plan(),
        await sessions.plan("teacher", "peer", kind="group"),
        await sessions.plan("teacher", kind="workshop"),
    ]
    alone = {"kind": "support", "starts_at": wire(sessions.north.clock.now())}
    made.append((await sessions.send("coach", LIST, alone)).json())
    for who in ("other", "leader", "admin", "aide"):
        for each in made:
            path = f"{LIST}/{each['coaching_session_id']}{what}"
            verb = "POST" if what else "PATCH"
            told = await sessions.code(who, path, OTHERS_MAY_NOT[what], verb)
            assert told == (404, "not_found"), (who, each["kind"])


async def test_who_did_not_come_to_a_group_is_no_more_of_it(sessions: Sessions) -> None:
    planned = await sessions.plan("teacher", "peer", kind="workshop")
    path = f"{LIST}/{planned['coaching_session_id']}"
    assert await sessions.north.status("peer", path) == 200
    came = {**HELD, "attended_ids": ["teacher"]}
    held = (await sessions.send("coach", f"{path}/hold", came)).json()
    assert [each["teacher_id"] for each in held["teachers"]] == ["teacher"]
    assert held["invited"] == 2
    assert await sessions.north.status("peer", path) == 404
    assert await sessions.listed("peer") == []
    forgotten = {"attended_ids": ["teacher", "peer"], "reason": "She came late"}
    assert (await sessions.send("coach", f"{path}/correct", forgotten)).status_code == 200
    assert await sessions.north.status("peer", path) == 200


async def test_time_without_teachers_is_her_own_who_coaches(sessions: Sessions) -> None:
    made = await sessions.send(
        "coach", LIST, {"kind": "support", "starts_at": wire(sessions.north.clock.now())}
    )
    assert (made.status_code, made.json()["teachers"]) == (201, [])
    path = f"{LIST}/{made.json()['coaching_session_id']}"
    spent = {"minutes": 30, "activities": [{"activity": "travel", "minutes": 30}]}
    assert (await sessions.send("coach", f"{path}/hold", spent)).status_code == 200
    assert await sessions.listed("coach", "coach_id=me") == [made.json()["coaching_session_id"]]
    for who in ("teacher", "leader"):
        body = {"kind": "support", "starts_at": wire(sessions.north.clock.now())}
        assert await sessions.code(who, LIST, body) == (403, "not_a_coach")
        assert await sessions.north.status(who, path) == 404


async def test_only_its_coach_plans_one_of_several(sessions: Sessions) -> None:
    at = wire(sessions.north.clock.now())
    asked = {"teacher_ids": ["teacher", "peer"], "kind": "group", "starts_at": at}
    assert await sessions.code("teacher", LIST, {**asked, "coach_id": "coach"}) == (
        403,
        "coach_only",
    )


async def test_it_is_missed_cancelled_and_moved(sessions: Sessions) -> None:
    lost = f"{LIST}/{(await sessions.plan())['coaching_session_id']}"
    assert await sessions.code("coach", f"{lost}/miss", {}) == (409, "not_begun")
    begins = {"starts_at": sessions.ago(minutes=1)}
    allowed = (await sessions.send("coach", lost, begins, "PATCH")).json()["allowed"]
    assert "miss_coaching_session" in allowed
    told = (await sessions.send("coach", f"{lost}/miss", {"barriers": ["turnover"]})).json()
    assert (told["state"], told["barriers"]) == ("missed", ["turnover"])
    assert told["recorded_at"] == wire(sessions.north.clock.now())
    off = f"{LIST}/{(await sessions.plan())['coaching_session_id']}"
    assert (await sessions.send("teacher", f"{off}/cancel")).json()["state"] == "cancelled"
    assert await sessions.code("coach", f"{off}/hold", HELD) == (409, "not_scheduled")
    moved = f"{LIST}/{(await sessions.plan())['coaching_session_id']}"
    to = {"starts_at": sessions.ago(days=-30)}
    assert (await sessions.send("coach", moved, to, "PATCH")).json()["starts_at"] == to["starts_at"]
    far = {"starts_at": sessions.ago(days=-365)}
    told_far = await sessions.code("coach", moved, far, "PATCH")
    assert told_far == (422, "another_school_year", "/starts_at")
    assert len(await sessions.listed("teacher")) == 2
    assert len(await sessions.listed("teacher", "taken_back=true")) == 3
    assert await sessions.listed("teacher", "state=cancelled") == [off.rpartition("/")[2]]


async def test_what_was_recorded_is_put_right_by_its_coach_with_a_reason(
    sessions: Sessions,
) -> None:
    path = f"{LIST}/{await sessions.held()}"
    body = {"minutes": 20, "activities": SPENT[1:], "reason": "No lesson was seen"}
    assert await sessions.code("teacher", f"{path}/correct", body) == (403, "coach_only")
    told = (await sessions.send("coach", f"{path}/correct", body)).json()
    assert (told["minutes"], told["activities"]) == (20, SPENT[1:])
    (was,) = told["corrections"]
    assert (was["activities"], was["reason"]) == (SPENT, "No lesson was seen")
    lone = {"activities": SPENT, "reason": "So"}
    assert await sessions.code("coach", f"{path}/correct", lone) == (
        422,
        "minutes_needed",
        "/minutes",
    )
    gone = (await sessions.send("coach", f"{path}/void", {"reason": "Recorded twice"})).json()
    assert (gone["state"], gone["corrections"][-1]["reason"]) == ("voided", "Recorded twice")
    assert "correct_coaching_session" not in gone["allowed"]


async def test_a_wrong_barrier_or_unit_is_taken_back(sessions: Sessions) -> None:
    path = f"{LIST}/{(await sessions.plan())['coaching_session_id']}"
    told = {**HELD, "barriers": ["turnover"], "materials_unit": "unit-4"}
    assert (await sessions.send("coach", f"{path}/hold", told)).is_success
    for more, left in (
        ({"modality": "phone", "barriers": [], "materials_unit": None}, (["turnover"], "unit-4")),
        ({"remove_barriers": True}, ([], "unit-4")),
        ({"remove_materials_unit": True}, ([], "")),
    ):
        answer = await sessions.send("coach", f"{path}/correct", {"reason": "So", **more})
        said = answer.json()
        assert (said["barriers"], said["materials_unit"] or "") == left, said
    kept = [(each["barriers"], each["materials_unit"] or "") for each in said["corrections"]]
    assert kept == [(["turnover"], "unit-4"), (["turnover"], "unit-4"), ([], "unit-4")]


async def test_the_timeline_has_sessions_of_the_two_alone(sessions: Sessions) -> None:
    north = sessions.north
    await north.coached("other", "teacher")
    held = await sessions.held("teacher", "peer", kind="group")
    await north.settle()

    async def shown(who: str, teacher: str) -> list[Any]:
        path = f"/insights/v1/timeline?teacher_id={teacher}"
        found = (await north.ask(f"north/{who}", "GET", path)).json()["items"]
        return [each for each in found if each["kind"] == "coaching_session"]

    for who, teacher in (("teacher", "teacher"), ("coach", "teacher"), ("coach", "peer")):
        (item,) = await shown(who, teacher)
        assert (item["item_id"], item["state"], item["minutes"]) == (held, "held", 60)
        assert item["activities"] == ["observe", "debrief"]
        assert ("peer" in repr(item)) is False
    assert await shown("other", "teacher") == []


async def test_a_caseload_says_when_the_two_met_and_meet_next_to_that_coach_alone(
    sessions: Sessions,
) -> None:
    north = sessions.north
    await north.coached("other", "teacher")
    await north.settle()

    async def card(who: str) -> Any:
        path = "/insights/v1/cards/teacher?school_year=2027"
        found = (await north.ask(f"north/{who}", "GET", path)).json()["entry"]
        return found["last_contact_at"], found["next_session_at"]

    related, nothing = await card("coach")
    assert nothing is None
    north.clock.forward(days=1)
    await sessions.held("teacher", starts_at=sessions.ago(hours=1))
    soon = await sessions.plan()
    later = await sessions.plan("teacher", "peer", kind="group", starts_at=sessions.ago(days=-3))
    void = await sessions.held("teacher", starts_at=sessions.ago(minutes=1))
    await sessions.send("coach", f"{LIST}/{void}/void", {"reason": "Recorded twice"})
    await north.settle()
    assert await card("coach") == (sessions.ago(hours=1), soon["starts_at"])
    assert (await card("teacher"))[1] == soon["starts_at"]
    assert await card("other") == (related, None)
    await sessions.send("coach", f"{LIST}/{soon['coaching_session_id']}/cancel")
    await north.settle()
    assert (await card("coach"))[1] == later["starts_at"]
    north.clock.forward(days=4)
    assert (await card("coach"))[1] is None
