"""Circles over REST: who proposes and joins, who sees what by one, and until when."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from services.chassis.write import quota
from services.observations.observation import cases as observations
from services.programs.circle import cases
from tests.component.test_programs import ask
from tests.support.coaching import Coaching
from tests.support.staff import PEOPLE, Held, Staffed, staffed

PATH = "/programs/v1/circles"
PAIR = ["teacher", "peer"]
ALL = ["goals", "observations", "surveys"]


@pytest.fixture
async def north() -> Staffed:
    more: dict[str, Held | None] = {"third": PEOPLE["teacher"]}
    return await staffed(None, **more)


async def propose(north: Staffed, by: str = "teacher", **more: Any) -> Any:
    answer = await ask(north, by, "POST", PATH, {"kind": "pair", "member_ids": PAIR, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def group(north: Staffed, members: list[str], by: str = "coach") -> Any:
    return await propose(north, by, kind="group", member_ids=members, facilitator_id="coach")


async def act(
    north: Staffed, who: str, circle: Any, how: str, body: Any = None, status: int = 200
) -> Any:
    """Do it, and let every service know."""
    answer = await ask(north, who, "POST", f"{PATH}/{circle['circle_id']}/{how}", body)
    assert answer.status_code == status, answer.text
    await north.settle()
    return answer.json()


async def paired(north: Staffed, hers: list[str] = ALL, peers: list[str] = ALL) -> Any:
    circle = await propose(north, shows=hers)
    return await act(north, "peer", circle, "join", {"shows": peers})


async def test_a_pair_sees_of_each_other_what_each_shows(north: Staffed) -> None:
    circle = await propose(north, shows=["goals"])
    assert (circle["state"], circle["proposed_by"]) == ("proposed", "teacher")
    assert await north.sees("peer") == await north.sees("teacher", "peer") == set()
    circle = await act(north, "peer", circle, "join", {"shows": ["observations"]})
    assert circle["state"] == "active"
    assert await north.sees("peer") == {"goals", "insights"}
    assert await north.sees("teacher", "peer") == {"observations", "insights"}
    await act(north, "teacher", circle, "join", {"shows": ALL})
    assert await north.sees("peer") == {"goals", "observations", "surveys", "insights"}
    await act(north, "teacher", circle, "join")
    assert await north.sees("peer") == set()
    for who in ("third", "coach", "leader", "admin", "other"):
        assert await north.sees(who, "peer") == set(), who


async def test_what_is_shown_is_read_and_commented_and_nothing_else_is_done(
    north: Staffed,
) -> None:
    await paired(north)
    goal = {
        "teacher_id": "teacher", "statement": "More talk", "focus_skill": "talk",
        "measure_id": "talk-share", "unit": "percent", "target": 60,
    }  # fmt: skip
    await north.ask("north/peer", "POST", "/goals/v1/goals", goal, status=404)
    made = await north.ask("north/teacher", "POST", "/goals/v1/goals", goal)
    path = f"/goals/v1/goals/{made.json()['goal_id']}"
    read = await north.ask("north/peer", "GET", path)
    assert read.json()["allowed"] == []
    await north.ask("north/peer", "POST", f"{path}/activate", status=404)
    planned = {
        "teacher_id": "teacher", "words": "Wait three seconds", "goal_id": made.json()["goal_id"],
    }  # fmt: skip
    await north.settle()
    await north.ask("north/peer", "POST", "/goals/v1/trials", planned, status=404)
    trial = (await north.ask("north/teacher", "POST", "/goals/v1/trials", planned)).json()
    path = f"/goals/v1/trials/{trial['trial_id']}"
    told = await north.ask("north/peer", "POST", f"{path}/comments", {"text": "I try that too"})
    assert told.json()["allowed"] == ["comment_trial"]
    await north.ask("north/peer", "POST", f"{path}/withdraw", status=404)


async def test_each_observes_the_other(north: Staffed) -> None:
    circle = await paired(north, hers=["observations"], peers=["observations"])
    tool = await Coaching(north).published_tool("coach")
    await north.settle()
    for observer, teacher in (("teacher", "peer"), ("peer", "teacher")):
        asked = {
            "teacher_id": teacher, "tool_id": tool, "scheduled_for": "2026-11-04T15:30:00Z",
        }  # fmt: skip
        made = await north.ask(f"north/{observer}", "POST", "/observations/v1/observations", asked)
        path = f"/observations/v1/observations/{made.json()['observation_id']}"
        assert await north.status("third", path) == 404
        assert await north.status(observer, path) == 200
    await act(north, "teacher", circle, "end")
    assert await north.status("peer", path) == 404


async def test_one_stops_it_for_a_while_and_each_who_did_goes_on(north: Staffed) -> None:
    circle = await paired(north)
    assert await north.sees("peer")
    assert (await act(north, "teacher", circle, "pause"))["state"] == "paused"
    await act(north, "peer", circle, "pause")
    assert await north.sees("peer") == await north.sees("teacher", "peer") == set()
    assert (await act(north, "teacher", circle, "resume"))["state"] == "paused"
    refused = await act(north, "teacher", circle, "resume", status=409)
    assert refused["code"] == "not_paused_by_you"
    assert (await act(north, "peer", circle, "resume"))["state"] == "active"
    assert await north.sees("teacher", "peer")


@pytest.mark.parametrize(("who", "how"), [("peer", "step-out"), ("teacher", "end")])
async def test_either_ends_it_on_any_day(north: Staffed, who: str, how: str) -> None:
    circle = await paired(north)
    assert (await act(north, who, circle, how))["state"] == "ended"
    assert await north.sees("peer") == await north.sees("teacher", "peer") == set()
    again = await propose(north, "peer", shows=["goals"])
    assert again["circle_id"] == circle["circle_id"]
    shown = {each["teacher_id"]: (each["joined"], each["shows"]) for each in again["members"]}
    assert shown == {"teacher": (False, []), "peer": (True, ["goals"])}


async def test_who_says_no_is_told_to_nobody(north: Staffed) -> None:
    """What a leader proposed and one declined is as what he took back himself."""
    told = []
    for decline in (True, False):
        circle = await propose(north, "admin", facilitator_id="coach")
        await act(north, "teacher", circle, "join", {"shows": ALL})
        who, how = ("peer", "decline") if decline else ("admin", "end")
        await act(north, who, circle, how)
        for reader in ("admin", "coach", "teacher"):
            found = (await ask(north, reader, "GET", f"{PATH}/{circle['circle_id']}")).json()
            told.append({k: v for k, v in found.items() if k not in ("version", "allowed")})
    first, second = told[:3], told[3:]
    assert first == second


async def test_members_of_a_group_come_and_go(north: Staffed) -> None:
    circle = await group(north, PAIR)
    for who in PAIR:
        circle = await act(north, who, circle, "join", {"shows": ["goals"]})
    assert circle["state"] == "active"
    assert await north.sees("peer") == {"goals", "insights"}
    assert await north.sees("coach") == set()
    await act(north, "teacher", circle, "invite", {"member_ids": ["third"]})
    assert await north.sees("third") == set()
    await act(north, "third", circle, "join")
    assert await north.sees("third") == {"goals", "insights"}
    assert await north.sees("teacher", "third") == set()
    refused = await act(north, "peer", circle, "end", status=403)
    assert refused["code"] == "members_leave"
    await act(north, "peer", circle, "step-out")
    assert await north.sees("peer") == await north.sees("teacher", "peer") == set()
    path = f"{PATH}/{circle['circle_id']}"
    assert (await ask(north, "peer", "GET", path)).status_code == 404
    assert await north.sees("third") == {"goals", "insights"}
    await act(north, "coach", circle, "end")
    assert await north.sees("third") == set()


async def test_two_who_answer_at_once_both_have(north: Staffed) -> None:
    circle = await propose(north, "admin")
    path = f"{PATH}/{circle['circle_id']}/join"
    answers = await asyncio.gather(
        *(ask(north, who, "POST", path, {"shows": ["goals"]}) for who in PAIR)
    )
    assert [each.status_code for each in answers] == [200, 200]
    found = (await ask(north, "teacher", "GET", f"{PATH}/{circle['circle_id']}")).json()
    assert (found["state"], [each["joined"] for each in found["members"]]) == (
        "active",
        [True, True],
    )


async def test_who_comes_to_lead_sees_nothing_by_it_any_more(north: Staffed) -> None:
    await paired(north)
    assert await north.sees("peer")
    await north.roster(third=PEOPLE["teacher"], peer=[*PEOPLE["teacher"], ("principal", "", "")])
    assert await north.sees("peer") == set()


@pytest.mark.parametrize(
    ("by", "body", "code"),
    [
        ("teacher", {"member_ids": ["teacher", "leader"]}, "unknown_teacher"),
        ("teacher", {"member_ids": ["teacher", "nobody"]}, "unknown_teacher"),
        ("teacher", {"member_ids": ["teacher", "teacher"]}, "teacher_repeated"),
        ("teacher", {"member_ids": ["teacher"]}, "pair_of_two"),
        ("teacher", {"facilitator_id": "peer"}, "facilitator_is_member"),
        ("teacher", {"facilitator_id": "leader"}, "not_a_facilitator"),
        ("leader", {"kind": "group", "facilitator_id": "leader"}, "not_a_facilitator"),
        ("teacher", {"kind": "group"}, "facilitator_needed"),
    ],
)
async def test_what_is_no_circle_is_refused_by_name(
    north: Staffed, by: str, body: dict[str, Any], code: str
) -> None:
    asked = {"kind": "pair", "member_ids": PAIR, **body}
    refused = await ask(north, by, "POST", PATH, asked)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_who_is_not_of_a_pair_proposes_none_and_learns_of_none(north: Staffed) -> None:
    asked = {"kind": "pair", "member_ids": PAIR, "facilitator_id": "coach"}

    async def answered() -> tuple[int, str]:
        refused = await ask(north, "coach", "POST", PATH, asked)
        return refused.status_code, refused.json()["code"]

    before = await answered()
    assert before == (404, "not_found")
    await propose(north)
    assert await answered() == before
    assert (await ask(north, "teacher", "POST", PATH, asked)).is_success


async def test_what_is_over_takes_nobodys_place(north: Staffed, monkeypatch: Any) -> None:
    monkeypatch.setattr(cases, "MOST_OF_SOMEBODY", 1)
    monkeypatch.setattr(quota, "SECONDS", 0.0)  # for which a count is believed
    group = {"kind": "group", "member_ids": ["teacher", "third"], "facilitator_id": "coach"}
    made = (await ask(north, "coach", "POST", PATH, group)).json()
    full = await ask(north, "coach", "POST", PATH, group)
    assert (full.status_code, full.json()["code"]) == (409, "too_many_circles")
    path = f"{PATH}/{made['circle_id']}"
    assert (await ask(north, "coach", "POST", f"{path}/end")).is_success
    assert (await ask(north, "coach", "POST", PATH, group)).is_success


async def test_one_colleague_takes_not_all_places_of_another(
    north: Staffed, monkeypatch: Any
) -> None:
    monkeypatch.setattr(cases, "MOST_OF_SOMEBODY", 3)
    monkeypatch.setattr(cases, "MOST_BY_ONE", 2)
    group = {"kind": "group", "member_ids": ["teacher", "third"], "facilitator_id": "coach"}
    answers = [await ask(north, "teacher", "POST", PATH, group) for _ in range(3)]
    assert [each.status_code for each in answers] == [201, 201, 409]
    assert answers[2].json()["code"] == "too_many_circles"
    assert (await ask(north, "coach", "POST", PATH, group)).status_code == 201


async def test_a_peer_who_observes_without_end_leaves_the_coach_her_places(
    north: Staffed, monkeypatch: Any
) -> None:
    share = replace(observations.SHARE, most=5, by_others=3)
    monkeypatch.setattr(observations, "SHARE", share)
    await paired(north, hers=["observations"])
    await north.coached()
    tool = await Coaching(north).published_tool("coach")
    await north.settle()
    planned = {"teacher_id": "teacher", "tool_id": tool, "scheduled_for": "2026-11-04T15:30:00Z"}

    async def plans(who: str, times: int) -> list[int]:
        path = "/observations/v1/observations"
        async with north.client("observations", f"north/{who}") as client:
            return [(await client.post(path, json=planned)).status_code for _ in range(times)]

    assert await plans("peer", 3) == [201, 201, 409]
    assert await plans("coach", 2) == [201, 409]
    assert await plans("teacher", 3) == [201, 201, 409]


async def test_it_is_seen_by_whom_it_names_and_the_district(north: Staffed) -> None:
    circle = await propose(north, facilitator_id="coach")
    path = f"{PATH}/{circle['circle_id']}"
    for who, status in (
        ("teacher", 200), ("peer", 200), ("coach", 200), ("admin", 200), ("third", 404),
        ("leader", 404), ("other", 404),
    ):  # fmt: skip
        assert (await ask(north, who, "GET", path)).status_code == status, who
        listed = await ask(north, who, "GET", f"{PATH}?member_id=teacher")
        assert listed.status_code == (404 if who in ("peer", "coach") else status), who
    mine = [(await ask(north, who, "GET", PATH)).json()["circles"] for who in ("peer", "third")]
    assert [len(each) for each in mine] == [1, 0]
    for who in ("coach", "admin", "third"):
        refused = await ask(north, who, "POST", f"{path}/join")
        assert refused.status_code in (403, 404), who


async def told(north: Staffed, who: str, circle: Any) -> tuple[list[str], int | None, int]:
    """Whom somebody is told of it, alone and in her list; how many are of it, and have joined."""
    found = (await ask(north, who, "GET", f"{PATH}/{circle['circle_id']}")).json()
    listed = (await ask(north, who, "GET", f"{PATH}?member_id={who}")).json()["circles"]
    assert found["members"] == listed[0]["members"]
    names = [each["teacher_id"] for each in found["members"]]
    return names, found["member_count"], found["joined_count"]


async def test_who_is_asked_to_be_of_a_group_learns_how_many_have_joined_and_not_who(
    north: Staffed,
) -> None:
    """Until she has joined it; and by saying no she learns no more. How many are asked is as good
    as who says no: it would be one less."""
    circle = await group(north, [*PAIR, "third"])
    every = [*PAIR, "third"]
    await act(north, "peer", circle, "join")
    assert await told(north, "teacher", circle) == (["teacher"], None, 1)
    assert await told(north, "peer", circle) == (every, 3, 1)
    assert await told(north, "coach", circle) == (every, 3, 1)
    found = (await ask(north, "teacher", "GET", f"{PATH}/{circle['circle_id']}")).json()
    assert (found["proposed_by"], found["facilitator_id"]) == ("coach", "coach")
    declined = await act(north, "third", circle, "decline")
    assert (declined["members"], declined["member_count"]) == ([], None)
    joined = await act(north, "teacher", circle, "join")
    assert [each["teacher_id"] for each in joined["members"]] == PAIR


async def test_of_a_pair_each_sees_the_other_before_she_joins(north: Staffed) -> None:
    circle = await propose(north)
    assert await told(north, "peer", circle) == (PAIR, 2, 1)
