"""Community meetings over REST: who is asked, who is told of whom, and what is taken away."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import patch

import pytest

from services.chassis.crash_points import Crashed, crashing
from services.chassis.write import quota
from services.programs.meeting import cases
from services.programs.meeting.duties import AFTER_HOLDING
from tests.component.test_programs import PROGRAMS, ask, draft, lead
from tests.support.staff import PEOPLE, Held, Staffed, staffed

PATH, TAKEN = "/programs/v1/community-meetings", "/programs/v1/takeaways"
LATER, BEGUN = "2026-11-18T15:30:00Z", "2026-10-05T14:30:00Z"
BOTH = ["teacher", "peer"]


@pytest.fixture
async def north() -> Staffed:
    more: dict[str, Held | None] = {"third": PEOPLE["teacher"]}
    return await staffed(None, **more)


async def plan(north: Staffed, by: str = "coach", status: int = 201, **more: Any) -> Any:
    asked = {"starts_at": BEGUN, "minutes": 60, "member_ids": BOTH, **more}
    answer = await ask(north, by, "POST", PATH, asked)
    assert answer.status_code == status, answer.text
    return answer.json()


async def act(
    north: Staffed, who: str, meeting: Any, how: str, body: Any = None, status: int = 200
) -> Any:
    path = f"{PATH}/{meeting['community_meeting_id']}/{how}".rstrip("/")
    answer = await ask(north, who, "POST" if how else "PATCH", path, body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def take_away(north: Staffed, who: str, meeting: Any, status: int = 201) -> Any:
    said = {"community_meeting_id": meeting["community_meeting_id"], "text": f"{who} tries it"}
    answer = await ask(north, who, "POST", TAKEN, said)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_each_joins_for_herself_and_is_told_of_who_has(north: Staffed) -> None:
    meeting = await plan(north, member_ids=[*BOTH, "third"])
    path = f"{PATH}/{meeting['community_meeting_id']}"

    async def told(who: str) -> list[str]:
        found = (await ask(north, who, "GET", path)).json()
        # one less would tell that somebody has said no
        assert found["member_count"] == (3 if who == "coach" else None)
        return [each["teacher_id"] for each in found["members"]]

    assert await told("teacher") == ["teacher"]
    await act(north, "teacher", meeting, "join")
    await act(north, "peer", meeting, "join")
    assert await told("teacher") == await told("peer") == BOTH
    assert await told("third") == ["third"]
    assert await told("coach") == [*BOTH, "third"]
    for who in ("leader", "admin", "other"):
        assert (await ask(north, who, "GET", path)).status_code == 404, who
    await act(north, "third", meeting, "step-out")
    assert (await ask(north, "third", "GET", path)).status_code == 404
    left = (await ask(north, "coach", "GET", path)).json()
    assert [each["teacher_id"] for each in left["members"]] == BOTH


async def test_pairs_are_asked_by_who_is_of_them(north: Staffed) -> None:
    pair = {"kind": "pair", "member_ids": BOTH}
    circle = (await ask(north, "teacher", "POST", "/programs/v1/circles", pair)).json()["circle_id"]
    asked: dict[str, Any] = {"circle_ids": [circle], "member_ids": ["third"]}
    await ask(north, "peer", "POST", f"/programs/v1/circles/{circle}/join")
    meeting = await plan(north, "teacher", **asked)
    assert {each["teacher_id"]: each["joined"] for each in meeting["members"]} == {
        "teacher": True, "peer": False, "third": False,
    }  # fmt: skip
    refused = await plan(north, "coach", 422, **asked)
    error = refused["errors"][0]
    assert (refused["code"], error["pointer"]) == ("unknown_circle", "/circle_ids/0")


@pytest.mark.parametrize(
    ("by", "body", "code"),
    [
        ("coach", {"member_ids": ["teacher"]}, "too_few_members"),
        ("coach", {"member_ids": ["teacher", "leader"]}, "unknown_teacher"),
        ("coach", {"member_ids": ["teacher", "nobody"]}, "unknown_teacher"),
        ("coach", {"program_id": "none"}, "unknown_program"),
        ("coach", {"starts_at": "2031-11-18T15:30:00Z"}, "not_this_or_next_year"),
        ("coach", {"agenda": [{"title": "All", "minutes": 61}]}, "agenda_too_long"),
        ("leader", {}, "not_a_facilitator"),
    ],
)
async def test_what_is_no_meeting_is_refused_by_name(
    north: Staffed, by: str, body: dict[str, Any], code: str
) -> None:
    refused = await plan(north, by, 403 if by == "leader" else 422, **body)
    assert refused["code"] == code
    assert (await ask(north, "teacher", "GET", PATH)).json()["community_meetings"] == []


async def test_who_facilitates_it_moves_holds_and_cancels_it(north: Staffed) -> None:
    meeting = await plan(north, starts_at=LATER, agenda=[{"title": "Data", "minutes": 20}])
    early = await act(north, "coach", meeting, "hold", {}, 409)
    assert early["code"] == "not_begun"
    moved = await act(north, "coach", meeting, "", {"starts_at": BEGUN, "minutes": 45})
    assert (moved["ends_at"], moved["agenda"]) == ("2026-10-05T15:15:00Z", meeting["agenda"])
    refused = await act(north, "teacher", meeting, "cancel", status=403)
    assert refused["code"] == "facilitator_only"
    assert (await act(north, "coach", meeting, "hold", {}))["state"] == "held"
    over = await act(north, "coach", meeting, "cancel", status=409)
    assert over["code"] == "meeting_held"
    late = await act(north, "peer", meeting, "join", status=409)
    assert late["code"] == "meeting_held"


async def session_held(north: Staffed, kind: str = "community_meeting") -> str:
    at, sessions = "2026-10-05T14:00:00Z", "/programs/v1/coaching-sessions"
    asked = {"teacher_ids": ["teacher"], "kind": kind, "starts_at": at}
    made = (await ask(north, "coach", "POST", sessions, asked)).json()["coaching_session_id"]
    said = {
        "minutes": 45, "attended_ids": ["teacher"],
        "activities": [{"activity": "data_review", "minutes": 45}],
    }  # fmt: skip
    answer = await ask(north, "coach", "POST", f"{sessions}/{made}/hold", said)
    assert answer.is_success, answer.text
    return str(made)


async def test_one_more_is_asked_to_no_more_than_a_meeting_that_is_planned_asks(
    north: Staffed,
) -> None:
    with patch.object(cases, "MOST_OF_THE_TWO", 2):
        first, _, other = [
            await plan(north, member_ids=members)
            for members in (BOTH, ["teacher", "third"], ["peer", "third"])
        ]
        asked = {"member_ids": ["teacher"]}
        refused = await act(north, "coach", other, "invite", asked, 409)
        assert refused["code"] == "too_many_meetings"
        await act(north, "teacher", first, "step-out")
        await act(north, "coach", first, "invite", asked)  # her place there is hers still


async def test_its_minutes_are_those_of_one_session_of_its_kind(north: Staffed) -> None:
    await north.coached()
    first, other = await plan(north), await plan(north)
    session = await session_held(north)
    for wrong in (await session_held(north, "individual"), "none"):
        refused = await act(north, "coach", first, "hold", {"coaching_session_id": wrong}, 422)
        assert refused["code"] == "unknown_session"
    told = await act(north, "coach", first, "hold", {"coaching_session_id": session})
    assert told["coaching_session_id"] == session
    twice = await act(north, "coach", other, "hold", {"coaching_session_id": session}, 422)
    assert twice["code"] == "session_of_another"


async def two_planned(north: Staffed) -> tuple[str, list[str]]:
    """A session, and where two meetings are that could be held by it."""
    await north.coached()
    paths = [f"{PATH}/{(await plan(north))['community_meeting_id']}" for _ in range(2)]
    return await session_held(north), paths


async def hold_each(north: Staffed, session: str, paths: list[str]) -> list[Any]:
    said = {"coaching_session_id": session}
    asked = (ask(north, "coach", "POST", f"{path}/hold", said) for path in paths)
    return await asyncio.gather(*asked, return_exceptions=True)


async def held_by(north: Staffed, paths: list[str]) -> list[str | None]:
    found = [(await ask(north, "coach", "GET", path)).json() for path in paths]
    assert all((each["state"] == "held") == bool(each["coaching_session_id"]) for each in found)
    return [each["coaching_session_id"] for each in found]


async def test_of_two_at_once_no_two_have_its_minutes(north: Staffed) -> None:
    session, paths = await two_planned(north)
    answers = await hold_each(north, session, paths)
    was = [session if each.status_code == 200 else None for each in answers]
    assert {each.status_code for each in answers} <= {200, 422}
    assert await held_by(north, paths) == was != [session, session]
    if session not in was:  # each has seen the other: it is said once more
        (answer,) = await hold_each(north, session, paths[:1])
        assert answer.status_code == 200


async def test_of_two_at_once_one_is_held_where_nobody_could_look_again(north: Staffed) -> None:
    session, paths = await two_planned(north)

    def hook(point: str) -> None:
        if point == "W2":
            raise Crashed(point)

    with crashing(hook):
        answers = await hold_each(north, session, paths)
    assert all(isinstance(each, Crashed) for each in answers)
    assert await held_by(north, paths) == [session, session]
    await north.settle()
    north.clock.forward(seconds=AFTER_HOLDING.total_seconds() + 1)
    await north.settle()
    assert sorted(await held_by(north, paths), key=bool) == [None, session]


async def test_who_is_in_it_says_what_she_takes_away_and_the_others_read_it(
    north: Staffed,
) -> None:
    meeting = await plan(north)
    listed = f"{TAKEN}?community_meeting_id={meeting['community_meeting_id']}"
    await take_away(north, "teacher", meeting, 404)
    for who in BOTH:
        await act(north, who, meeting, "join")
    await asyncio.gather(*(take_away(north, who, meeting) for who in (*BOTH, "coach")))
    for who in (*BOTH, "coach"):
        found = (await ask(north, who, "GET", listed)).json()["takeaways"]
        assert {each["author_id"] for each in found} == {*BOTH, "coach"}
    for who in ("third", "leader", "admin"):
        assert (await ask(north, who, "GET", listed)).status_code == 404, who
    mine = (await ask(north, "peer", "GET", TAKEN)).json()["takeaways"]
    path = f"{TAKEN}/{mine[0]['takeaway_id']}"
    assert (await ask(north, "teacher", "POST", f"{path}/take-back")).status_code == 403
    back = await ask(north, "peer", "POST", f"{path}/take-back")
    assert (back.json()["state"], back.json()["text"]) == ("taken_back", "")
    assert len((await ask(north, "teacher", "GET", listed)).json()["takeaways"]) == 2


async def test_who_was_not_there_reads_nothing_by_coming_afterwards(north: Staffed) -> None:
    meeting = await plan(north)
    await act(north, "teacher", meeting, "join")
    await take_away(north, "teacher", meeting)
    north.clock.forward(seconds=30 * 60)
    late: list[tuple[str, str, Any]] = [
        ("peer", "join", None),
        ("coach", "invite", {"member_ids": ["third"]}),
        ("coach", "", {"minutes": 90}),
        ("coach", "", {"starts_at": LATER}),
    ]
    for who, how, body in late:
        assert (await act(north, who, meeting, how, body, 409))["code"] == "meeting_over", how
    listed = f"{TAKEN}?community_meeting_id={meeting['community_meeting_id']}"
    assert (await ask(north, "peer", "GET", listed)).status_code == 404
    told = (await ask(north, "peer", "GET", f"{PATH}/{meeting['community_meeting_id']}")).json()
    assert told["allowed"] == ["step_out_community_meeting"]
    assert (await act(north, "coach", meeting, "", {"protocol": "tuning"}))["minutes"] == 60
    assert (await act(north, "coach", meeting, "hold", {}))["state"] == "held"


async def test_who_says_no_is_asked_once_more_and_no_oftener(north: Staffed) -> None:
    meeting = await plan(north, member_ids=[*BOTH, "third"])
    asked = {"member_ids": ["third"]}
    for again in (True, False, False):
        if again:
            await act(north, "third", meeting, "step-out")
        answer = await act(north, "coach", meeting, "invite", asked)
        assert ("third" in str(answer["members"])) == again
        if again:
            await act(north, "third", meeting, "step-out")
    assert (await ask(north, "third", "GET", PATH)).json()["community_meetings"] == []


async def test_of_one_that_is_to_come_or_was_called_off_nothing_is_taken_away(
    north: Staffed,
) -> None:
    meeting = await plan(north, starts_at=LATER)
    await act(north, "teacher", meeting, "join")
    assert (await take_away(north, "teacher", meeting, 409))["code"] == "not_begun"
    await act(north, "coach", meeting, "cancel")
    assert (await take_away(north, "teacher", meeting, 409))["code"] == "meeting_cancelled"


async def test_one_takes_away_five_things(north: Staffed) -> None:
    meeting = await plan(north)
    await act(north, "teacher", meeting, "join")
    for _ in range(5):
        await take_away(north, "teacher", meeting)
    assert (await take_away(north, "teacher", meeting, 409))["code"] == "too_many_takeaways"


async def test_who_comes_to_lead_is_told_of_none_any_more(north: Staffed) -> None:
    meeting = await plan(north)
    for who in BOTH:
        await act(north, who, meeting, "join")
    made = await take_away(north, "teacher", meeting)
    await north.roster(third=PEOPLE["teacher"], peer=[*PEOPLE["teacher"], ("principal", "", "")])
    for path in (
        f"{PATH}/{meeting['community_meeting_id']}", f"{TAKEN}/{made['takeaway_id']}",
    ):  # fmt: skip
        assert (await ask(north, "peer", "GET", path)).status_code == 404
    assert (await ask(north, "peer", "GET", PATH)).json()["community_meetings"] == []


async def test_of_a_program_those_are_asked_whom_the_grant_of_who_leads_it_reaches() -> None:
    north = await staffed(None, third=[("teacher@school-2", "", "")])
    given = await lead(north)
    program = str((await draft(north, "aide"))["program_id"])
    assert (await ask(north, "aide", "POST", f"{PROGRAMS}/{program}/open")).status_code == 200
    for who in ("teacher", "peer", "third"):
        enrolls = {"program_id": program, "teacher_id": who}
        made = await ask(north, "admin", "POST", "/programs/v1/enrollments", enrolls)
        assert made.status_code == 201, made.text
    meeting = await plan(north, "aide", program_id=program, member_ids=[])
    assert sorted(each["teacher_id"] for each in meeting["members"]) == ["peer", "teacher"]
    await north.ask("north/admin", "POST", f"/roster/v1/grants/{given}/end", {"reason": "over"})
    await north.settle()
    refused = await plan(north, "aide", 403, program_id=program, member_ids=BOTH)
    assert refused["code"] == "not_a_facilitator"


async def test_colleagues_who_ask_her_to_all_they_can_take_no_meeting_of_her_own(
    north: Staffed,
) -> None:
    at_once = patch.object(quota, "FULL_SECONDS", 0)  # else a full bound is believed for a while
    with patch.object(cases, "MOST_OF_SOMEBODY", 2), at_once:
        asked = [await plan(north, starts_at=LATER) for _ in range(2)]
        full = await plan(north, "other", 409, starts_at=LATER)
        assert full["code"] == "too_many_meetings"
        hers = await plan(north, "teacher", starts_at=LATER, member_ids=["teacher", "third"])
        assert hers["joined_count"] == 1
        for each in asked:
            await act(north, "teacher", each, "step-out")
        await plan(north, "other", starts_at=LATER, member_ids=["teacher", "third"])
