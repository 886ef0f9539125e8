"""What a coach has said to a flag is on her caseload, and on nobody else's card."""

from __future__ import annotations

from typing import Any

import pytest

from coaching.programs.v1 import flag_answer_events_pb2 as answers
from tests.support.insight import COACH, YEAR, Insights, small_district


@pytest.fixture
async def insights() -> Insights:
    """Six weeks later: nobody was observed since she was coached."""
    made = await small_district()
    made.clock.forward(days=42)
    await made.settle()
    return made


async def read(insights: Insights, path: str, who: str = COACH) -> Any:
    async with insights.client(f"north/{who}") as client:
        answer = await client.get(f"/insights/v1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def entries(insights: Insights) -> dict[str, Any]:
    return {each["teacher_id"]: each for each in (await read(insights, "caseload"))["entries"]}


def say(insights: Insights, flag: str, *, given: bool = True, of: str = "t1") -> None:
    said = answers.FlagAnswerSnapshot(
        flag_answer_id="a1",
        coach_id=COACH,
        teacher_id=of,
        school_year=YEAR,
        flag_id=flag,
        answer=answers.FLAG_ANSWER_KIND_ACKNOWLEDGED,
        state=answers.FLAG_ANSWER_STATE_GIVEN if given else answers.FLAG_ANSWER_STATE_WITHDRAWN,
    )
    said.answered_at.FromDatetime(insights.clock.now())
    insights.publish(answers.FlagAnswerGiven(flag_answer=said), "a1", of)


async def test_it_is_marked_moved_back_and_leaves_the_five_until_taken_back(
    insights: Insights,
) -> None:
    before = await entries(insights)
    assert [*before] == ["t1", "t2"]
    (flag,) = before["t1"]["flags"]
    assert (flag["answer"], flag["flag_answer_id"]) == (None, None)
    hers, freshest = await read(insights, "cards/t1", "t1"), before["t1"]["newest_event_at"]
    insights.clock.forward(seconds=5)
    say(insights, flag["flag_id"])
    await insights.settle()
    after = await entries(insights)
    assert [*after] == ["t2", "t1"]
    assert after["t1"]["flags"] == [flag | {"answer": "acknowledged", "flag_answer_id": "a1"}]
    assert after["t1"]["newest_event_at"] == freshest
    told = await read(insights, "caseload/attention")
    assert [each["teacher_id"] for each in told["items"]] == ["t2"]
    assert (told["answered_count"], told["more_count"]) == (1, 0)
    assert (await read(insights, "cards/t1", "t1"))["entry"] == hers["entry"]
    say(insights, flag["flag_id"], given=False)
    await insights.settle()
    assert await entries(insights) == before
    assert (await read(insights, "caseload/attention"))["answered_count"] == 0


async def test_a_program_that_may_read_the_caseload_is_not_told(insights: Insights) -> None:
    (flag,) = (await entries(insights))["t1"]["flags"]
    say(insights, flag["flag_id"])
    await insights.settle()
    told = await read(insights, f"caseloads/{COACH}", "sis?caseloads.read")
    flags = [flag for each in told["entries"] for flag in each["flags"]]
    assert flags
    assert {each["answer"] for each in flags} == {None}


async def test_what_is_erased_is_gone_from_the_card(insights: Insights) -> None:
    (flag,) = (await entries(insights))["t1"]["flags"]
    say(insights, flag["flag_id"])
    gone = answers.FlagAnswerErased(flag_answer=answers.FlagAnswerSnapshot(flag_answer_id="a1"))
    insights.publish(gone, "a1", "t1")
    await insights.settle()
    assert (await entries(insights))["t1"]["flags"] == [flag]
    (fact,) = insights.rows()[f"north:t1:{YEAR}"]["facts"]["answers"].values()
    assert fact.keys() == {"v", "at", "gone"}
