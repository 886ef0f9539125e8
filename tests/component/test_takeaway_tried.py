"""What one takes away from a meeting becomes another teacher's trial, over the public API alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.programs.test_community_meetings import TAKEN, act, plan, take_away
from tests.support.staff import Staffed, staffed

TRIALS = "/goals/v1/trials"


@pytest.fixture
async def north() -> Staffed:
    return await staffed()


async def ask(north: Staffed, who: str, method: str, path: str, body: Any = None) -> Any:
    async with north.client(path.split("/")[1], f"north/{who}") as client:
        return await client.request(method, path, json=body)


async def test_who_was_there_tries_what_another_took_away_and_names_nobody(
    north: Staffed,
) -> None:
    await north.coached()
    meeting = await plan(north)
    for who in ("teacher", "peer"):
        await act(north, who, meeting, "join")
    taken = await take_away(north, "peer", meeting)
    found = await ask(north, "teacher", "GET", f"{TAKEN}/{taken['takeaway_id']}")
    assert (found.status_code, found.json()["author_id"]) == (200, "peer")
    says = {"teacher_id": "teacher", "takeaway_id": taken["takeaway_id"], "words": "I try it"}
    made = await ask(north, "teacher", "POST", TRIALS, says)
    assert made.status_code == 201, made.text
    trial, path = made.json(), f"{TRIALS}/{made.json()['trial_id']}"
    assert (trial["takeaway_id"], trial["state"]) == (taken["takeaway_id"], "open")
    await north.settle()
    # to nobody else it says where it comes from: she was at the meeting, they may not have been
    shown = (await ask(north, "coach", "GET", path)).json()
    assert (shown["words"], shown["takeaway_id"]) == ("I try it", None)
    assert "peer" not in str(trial) + str(shown)
    for who in ("peer", "leader", "admin"):
        assert (await ask(north, who, "GET", path)).status_code == 404, who
    back = await ask(north, "peer", "POST", f"{TAKEN}/{taken['takeaway_id']}/take-back")
    assert (back.status_code, back.json()["text"]) == (200, "")
    assert (await ask(north, "teacher", "GET", path)).json()["words"] == "I try it"
