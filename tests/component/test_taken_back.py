"""What was withdrawn or cancelled is on no list, unless somebody asks for it."""

from __future__ import annotations

import pytest

from tests.support.filled import Filled
from tests.support.filling import ADMIN, COACH, TEACHER

CASES = {
    "goals": (f"/goals/v1/goals?teacher_id={TEACHER}", "unwanted_goal", "withdraw", "goal_id"),
    "observations": (
        f"/observations/v1/observations?teacher_id={TEACHER}",
        "unwanted_observation",
        "cancel",
        "observation_id",
    ),
    "statements": (
        "/privacy/v1/statements?page_size=50",
        "unwanted_statement",
        "withdraw",
        "statement_id",
    ),
    "tools": ("/observations/v1/tools?page_size=50", "unwanted_tool", "withdraw", "tool_id"),
}


@pytest.mark.parametrize("kind", CASES)
async def test_it_is_off_the_list_and_still_there(kind: str) -> None:
    listed, unwanted, step, name = CASES[kind]
    platform = Filled()
    await platform.fill("north")
    it = platform.ids["north"][unwanted]
    place = f"{listed.partition('?')[0]}/{it}"

    async def ids(url: str) -> list[str]:
        answer = (await platform.ask(f"north/{TEACHER}", "GET", url)).json()
        return [each[name] for each in answer[kind]]

    before = await ids(listed)
    assert it in before
    by = ADMIN if kind == "statements" else COACH
    taken = await platform.ask(f"north/{by}", "POST", f"{place}/{step}")
    assert taken.status_code == 200
    assert await ids(listed) == [each for each in before if each != it]
    assert await ids(f"{listed}&taken_back=true") == before
    assert (await platform.ask(f"north/{TEACHER}", "GET", place)).status_code == 200
