"""Nothing of a teacher's is shared before she has acknowledged what is in force, where the
district and its teachers have agreed on that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.component.privacy.test_policies import UNION, ask, code, enacted, north, proposed, sign
from tests.support.coaching import Coaching
from tests.support.staff import Staffed

ACKNOWLEDGMENTS = "/privacy/v1/acknowledgments"
REFUSED = (409, "policy_not_acknowledged", "")


async def acknowledge(platform: Staffed, policy: Any, who: str = "teacher") -> None:
    said = {"statement_id": policy["statement_id"]}
    answer = await ask(platform, who, "POST", ACKNOWLEDGMENTS, said)
    assert answer.status_code == 201
    await platform.settle()


async def in_force(platform: Staffed, *by: str, **terms: Any) -> Any:
    policy = await enacted(platform, *by, **terms)
    await platform.settle()
    return policy


async def allowed(platform: Staffed, who: str, path: str) -> list[str]:
    answer = await platform.ask(f"north/{who}", "GET", path)
    return list(answer.json()["allowed"])


async def send(platform: Staffed, who: str, method: str, path: str, body: Any = None) -> Any:
    async with platform.client(path.split("/")[1], f"north/{who}") as client:
        return await client.request(method, path, json=body)


@pytest.mark.parametrize(("by", "answers"), [("coach", "teacher"), ("teacher", "coach")])
async def test_no_relationship_begins_before(by: str, answers: str) -> None:
    platform = await north()
    made = (await platform.propose(by)).json()["relationship_id"]
    policy = await in_force(platform, "district")
    path = f"/programs/v1/relationships/{made}"
    assert code(await platform.answer(answers, made)) == REFUSED
    assert "accept_relationship" not in await allowed(platform, answers, path)
    await acknowledge(platform, policy, "coach")  # who is not asked
    assert code(await platform.answer(answers, made)) == REFUSED
    await acknowledge(platform, policy)
    assert "accept_relationship" in await allowed(platform, answers, path)
    accepted = await platform.answer(answers, made)
    assert (accepted.status_code, accepted.json()["state"]) == (200, "active")


async def test_who_was_accepted_from_a_day_on_does_not_go_on_before() -> None:
    """In force since she accepted: the coach whom she has stays."""
    platform = await north()
    path = f"/programs/v1/relationships/{await platform.coached()}"
    to = {"coach_id": "other", "from_date": "2026-11-02"}
    coaching = Coaching(platform)
    await coaching.post("coach", f"{path}/hand-over", to)
    await coaching.post("teacher", f"{path}/hand-over/accept", {**to, "coach_sees": ["goals"]})
    await in_force(platform, "district")
    platform.clock.set(datetime(2026, 11, 3, tzinfo=UTC))
    await platform.settle()
    found = (await platform.ask("north/teacher", "GET", path)).json()
    assert (found["state"], found["handover"]) == ("active", None)
    assert await platform.sees("other") == set()


async def test_no_observation_is_shared_before() -> None:
    platform = await north()
    await platform.coached()
    policy = await in_force(platform, "district")
    place = await complete(platform)  # an observer's work goes on
    refused = await observation(platform, f"{place}/share")
    assert code(refused) == REFUSED
    assert "share_observation" not in await allowed(platform, "coach", place)
    await acknowledge(platform, policy)
    assert "share_observation" in await allowed(platform, "coach", place)
    assert (await observation(platform, f"{place}/share")).status_code == 200


async def complete(platform: Staffed) -> str:
    """The path of one that only has to be shared."""
    coaching = Coaching(platform)
    body = {
        "teacher_id": "teacher",
        "tool_id": await coaching.published_tool("coach"),
        "scheduled_for": "2026-10-05T14:00:00Z",
    }
    made = await coaching.post("coach", "/observations/v1/observations", body)
    place = f"/observations/v1/observations/{made['observation_id']}"
    scores = {"scores": [{"criterion_id": "talk", "score": 2}]}
    await coaching.post("coach", f"{place}/scores", scores)
    await coaching.post("coach", f"{place}/complete")
    return place


async def observation(platform: Staffed, path: str) -> Any:
    async with platform.client("observations", "north/coach") as client:
        return await client.post(path)


async def test_nothing_is_let_colleagues_read_before() -> None:
    platform = await north()
    await platform.coached()
    goal = await Coaching(platform).active_goal("coach", "teacher")
    policy = await in_force(platform, "district")
    body = {
        "goal_id": goal,
        "audience": [{"person_id": "peer"}],
        "purpose": "peer_learning",
        "expires_at": "2026-11-05T14:00:00Z",
    }
    async with platform.client("goals", "north/teacher") as client:
        assert code(await client.post("/goals/v1/shares", json=body)) == REFUSED
        await acknowledge(platform, policy)
        assert (await client.post("/goals/v1/shares", json=body)).status_code == 201


async def test_nobody_else_is_chosen_to_see_a_celebration_before() -> None:
    platform = await north()
    await platform.coached()
    people = Coaching(platform)
    goal = await people.active_goal("coach", "teacher")
    await people.post("teacher", f"/goals/v1/goals/{goal}/achieve")
    made = {"teacher_id": "teacher", "fact": "achieved", "goal_id": goal, "note": "Well done"}
    celebration = (await people.post("teacher", "/goals/v1/celebrations", made))["celebration_id"]
    policy = await in_force(platform, "district")
    place = f"/goals/v1/celebrations/{celebration}"

    async def choose(audience: str) -> Any:
        return await send(platform, "teacher", "PUT", f"{place}/audience", {"audience": audience})

    assert code(await choose("coaches")) == REFUSED
    assert await platform.status("coach", place) == 404
    assert (await choose("mine")).status_code == 200
    await acknowledge(platform, policy)
    assert (await choose("coaches")).status_code == 200
    assert await platform.status("coach", place) == 200
    await in_force(platform, "district", number=2)
    assert (await choose("coaches")).status_code == 200  # the same again
    assert code(await choose("pairs_and_groups")) == REFUSED
    await people.post("teacher", f"{place}/put-away")
    assert code(await choose("coaches")) == REFUSED
    assert await platform.status("coach", place) == 404


async def test_nobody_is_told_what_she_would_like_to_be_of_a_pair_for_before() -> None:
    platform = await north()
    path, words = "/programs/v1/pair-interests", {"offers": ["humor"], "seeks": ["class-talk"]}

    async def say(who: str = "teacher", **more: Any) -> Any:
        return await send(platform, who, "POST", path, {**words, **more})

    assert (await say()).status_code == 201
    policy = await in_force(platform, "district")
    assert code(await say("peer")) == REFUSED
    assert code(await say(offers=["humor", "wait-time"])) == REFUSED
    assert (await say()).status_code == 201
    await acknowledge(platform, policy)
    assert (await say(offers=["humor", "wait-time"])).status_code == 201
    await in_force(platform, "district", number=2)
    assert (await say()).status_code == 201  # less than before


async def test_what_she_shows_in_a_pair_that_she_had_paused_is_not_seen_again_before() -> None:
    platform = await north()
    people, path = Coaching(platform), "/programs/v1/circles"
    asked = {"kind": "pair", "member_ids": ["teacher", "peer"], "shows": ["goals"]}
    pair = f"{path}/{(await people.post('teacher', path, asked))['circle_id']}"
    await people.post("peer", f"{pair}/join")
    for who in ("teacher", "peer"):
        await people.post(who, f"{pair}/pause")
    policy = await in_force(platform, "district")
    await people.post("peer", f"{pair}/resume")  # who shows nothing
    assert code(await send(platform, "teacher", "POST", f"{pair}/resume")) == REFUSED
    assert "resume_circle" not in await allowed(platform, "teacher", pair)
    await acknowledge(platform, policy)
    resumed = await send(platform, "teacher", "POST", f"{pair}/resume")
    assert (resumed.status_code, resumed.json()["state"]) == (200, "active")


async def test_another_version_is_acknowledged_anew() -> None:
    platform = await north()
    first = await in_force(platform, "district")
    await acknowledge(platform, first)
    second = await in_force(platform, "district", number=2)
    made = (await platform.propose("coach")).json()["relationship_id"]
    assert code(await platform.answer("teacher", made)) == REFUSED
    await acknowledge(platform, second)
    assert (await platform.answer("teacher", made)).status_code == 200


async def test_what_is_active_stays_so_and_says_less_whatever_is_in_force() -> None:
    platform = await north()
    made = await platform.coached()
    await in_force(platform, "district")
    less = await platform.answer("teacher", made, coach_sees=["goals"])
    assert (less.status_code, less.json()["coach_sees"]) == (200, ["goals"])


async def test_a_coach_sees_no_more_before() -> None:
    platform = await north()
    await in_force(platform, "district", acknowledge_before_sharing=False)
    made = await platform.coached()
    await platform.answer("teacher", made, coach_sees=["goals", "surveys"])
    policy = await in_force(platform, "district", number=2)
    more = ["goals", "observations"]  # not only more of them
    assert code(await platform.answer("teacher", made, coach_sees=more)) == REFUSED
    path = f"/programs/v1/relationships/{made}"
    found = await platform.ask("north/teacher", "GET", path)
    assert sorted(found.json()["coach_sees"]) == ["goals", "surveys"]
    await acknowledge(platform, policy)
    assert (await platform.answer("teacher", made, coach_sees=more)).status_code == 200


async def test_a_looser_version_takes_nothing_away_before_both_have_signed() -> None:
    platform = await north()
    await in_force(platform, "district")
    made = (await platform.propose("coach")).json()["relationship_id"]
    looser = await proposed(platform, 2, acknowledge_before_sharing=False)
    assert (await sign(platform, looser, "district")).json()["state"] == "proposed"
    await platform.settle()
    assert code(await platform.answer("teacher", made)) == REFUSED
    assert (await sign(platform, looser, UNION)).json()["state"] == "enacted"
    await platform.settle()
    assert (await platform.answer("teacher", made)).status_code == 200
