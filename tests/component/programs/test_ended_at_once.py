"""A relationship that has ended lets nobody in to what programs keep, from the answer on that says
so: nothing has to come back by Kafka first, which may be away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.programs.test_coaching_sessions import HELD, LIST, Sessions
from tests.support.staff import staffed

ANSWERS = "/programs/v1/flag-answers"
FLAG = {"flag_id": "F3-5f0c9a4e12ab34cd-90ab12cd34ef56ab", "answer": "acknowledged"}
NONE, GONE = (200, ""), (404, "not_found")


@pytest.fixture
async def ended() -> tuple[Sessions, str, str]:
    """A session with each of two teachers; of `teacher` it is over, which no view has heard."""
    north = await staffed()
    sessions = Sessions(north)
    relationship = await north.coached("coach", "teacher")
    await north.coached("coach", "peer")
    hers, others = [await sessions.plan(each) for each in ("teacher", "peer")]
    await north.settle()
    answered = await north.answer("teacher", relationship, "end")
    assert answered.status_code == 200, answered.text
    return sessions, str(hers["coaching_session_id"]), str(others["coaching_session_id"])


async def test_her_coach_reads_and_does_nothing_more_with_her_sessions(
    ended: tuple[Sessions, str, str],
) -> None:
    sessions, hers, others = ended
    asked: list[tuple[str, str, Any]] = [
        ("GET", f"{LIST}?teacher_id=teacher", None),
        ("GET", f"{LIST}/{hers}", None),
        ("POST", f"{LIST}/{hers}/hold", HELD),
        ("POST", f"{LIST}/{hers}/cancel", None),
        ("POST", ANSWERS, {**FLAG, "teacher_id": "teacher"}),
    ]
    for verb, path, body in asked:
        assert await sessions.code("coach", path, body, verb) == GONE, path
    assert await sessions.listed("coach", "coach_id=coach") == [others]
    assert await sessions.listed("teacher") == [hers]
    assert await sessions.code("coach", f"{LIST}?teacher_id=peer", verb="GET") == NONE


async def test_an_explanation_says_what_a_request_is_answered(
    ended: tuple[Sessions, str, str],
) -> None:
    sessions, hers, _ = ended
    query = f"person_id=coach&teacher_id=teacher&operation=get_coaching_session&thing_id={hers}"
    path = f"/programs/v1/access-explanations?{query}"
    told = (await sessions.send("admin", path, verb="GET")).json()
    assert "has ended a moment ago" in str(told), told
