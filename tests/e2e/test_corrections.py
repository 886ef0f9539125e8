"""A score that was shared and is put right, on real processes and real engines."""

from __future__ import annotations

from typing import Any

from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

COACH, TEACHER = "coach-02", "teacher-0006"


async def test_a_corrected_score_reaches_her_timeline(
    stack: RunningStack,
) -> None:
    north = Coaching(stack)
    observation = await north.shared_observation(COACH, TEACHER, "2026-10-05T15:00:00Z")

    async def item() -> Any:
        path = f"/insights/v1/timeline?teacher_id={TEACHER}&page_size=200"
        items = (await stack.ask(north.who(TEACHER), "GET", path)).json()["items"]
        return next((each for each in items if each["item_id"] == observation), None)

    async def steps() -> list[str]:
        found = await item()
        return [each["step"] for each in found["steps"]] if found else []

    async def is_shared() -> bool:
        return "shared" in await steps()

    async def is_corrected() -> bool:
        return "corrected" in await steps()

    await eventually(is_shared, timeout=20)
    body = {"score": 3, "note": "other words", "reason": "mistyped"}
    said = await north.correct(COACH, observation, body)
    await eventually(is_corrected, timeout=20)
    shown = (await item())["steps"][-1]
    assert (shown["step"], shown["at"]) == ("corrected", said["corrected_at"])
    path = f"/observations/v1/observations/{observation}"
    seen = (await stack.ask(north.who(TEACHER), "GET", path)).json()
    assert [each["score"] for each in seen["scores"]] == [3]
    assert [(was["score"], was["note"]) for was in seen["corrections"]] == [(2, "canary-note")]
