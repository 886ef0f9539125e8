"""What a coach might look at first, as she reads it: of her own caseload alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from coaching.programs.v1 import coaching_session_events_pb2 as sessions
from tests.support.insight import COACH, OTHER_COACH, YEAR, Insights, small_district


@pytest.fixture
async def insights() -> Insights:
    """Six weeks later: nobody was observed since she was coached."""
    made = await small_district()
    made.clock.forward(days=42)
    await made.settle()
    return made


async def read(insights: Insights, who: str = COACH) -> Any:
    async with insights.client(f"north/{who}") as client:
        answer = await client.get("/insights/v1/caseload/attention")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_she_is_told_of_her_own_caseload_alone(insights: Insights) -> None:
    told = await read(insights)
    items = [(each["teacher_id"], each["flag"]["code"]) for each in told["items"]]
    assert items == [("t1", "F1"), ("t2", "F1")]
    assert (told["coach_id"], told["school_year"], told["more_count"]) == (COACH, YEAR, 0)
    monday = insights.clock.now().date()
    assert told["week"] == str(monday - timedelta(days=monday.weekday()))
    hers = await read(insights, OTHER_COACH)
    assert [each["teacher_id"] for each in hers["items"]] == ["t3"]
    assert (await read(insights, "t4"))["items"] == []


async def test_it_says_what_the_caseload_says(insights: Insights) -> None:
    async with insights.client(f"north/{COACH}") as client:
        entries = (await client.get("/insights/v1/caseload")).json()["entries"]
    flags = [(each["teacher_id"], flag) for each in entries for flag in each["flags"]]
    told = await read(insights)
    assert [(each["teacher_id"], each["flag"]) for each in told["items"]] == flags
    said = sessions.CoachingSessionSnapshot(
        coaching_session_id="s1",
        coach_id=COACH,
        teacher_ids=["t1"],
        school_year=YEAR,
        state=sessions.COACHING_SESSION_STATE_HELD,
    )
    said.starts_at.FromDatetime(insights.clock.now())
    insights.publish(sessions.CoachingSessionHeld(coaching_session=said), "s1", "t1")
    insights.coached("t2", active=False)
    await insights.settle()
    assert [each["teacher_id"] for each in (await read(insights))["items"]] == ["t1"]
