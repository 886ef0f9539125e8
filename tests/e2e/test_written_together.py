"""What a coach and a teacher write with each other, on real engines: an agreement that says what
the coach sees, a planning record in which both write at once, what was done on a device that was
offline, and a handover to another coach."""

from __future__ import annotations

import asyncio
import hashlib
from itertools import pairwise
from typing import Any
from uuid import uuid4

from services.ctl.demo.district import coach_id, teacher_id
from tandem_client import created_id
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack

RIVER = "river"
HER, COACH, SUCCESSOR = teacher_id(1), coach_id(1), coach_id(2)
PROGRAMS = "/programs/v1"
AGREED = {
    "works_on": "More students talk to each other",
    "how_often": "Every other week",
    "begin_date": "2026-09-14",
}
GOAL = {
    "teacher_id": HER,
    "statement": "Students explain their thinking",
    "focus_skill": "questioning",
    "measure_id": "talk-share",
    "unit": "percent",
    "baseline": 35,
    "target": 60,
}


async def river_of(stack: RunningStack) -> tuple[Coaching, str]:
    """The district, and the relationship of the teacher and her coach."""
    river = Coaching(stack, RIVER)
    await river.import_roster()
    await river.known(HER)
    await river.relate(1)
    await river.may(COACH, f"/goals/v1/goals?teacher_id={HER}")
    await river.may(SUCCESSOR, f"{PROGRAMS}/circles")
    async with stack.client("programs", river.who(HER)) as client:
        found = (await client.get(f"{PROGRAMS}/relationships?teacher_id={HER}")).json()
    return river, str(found["relationships"][0]["relationship_id"])


async def agree(river: Coaching, of: str, number: int, *sees: str) -> None:
    body = {"relationship_id": of, **AGREED, "coach_sees": list(sees)}
    made = await river.post(COACH, f"{PROGRAMS}/agreements", body)
    accept = f"{PROGRAMS}/agreements/{made['agreement_id']}/accept"
    await river.post(HER, accept, {"number": number})


def command(operation: str, goal: str, **more: Any) -> dict[str, Any]:
    named = {"command_id": str(uuid4()), "operation": operation, "path": {"goal_id": goal}}
    return named | more


async def offline(river: Coaching, stack: RunningStack) -> str:
    """A goal that she drafted, began and worked on while her device was offline; its id."""
    key = str(uuid4())
    goal = created_id(RIVER, HER, "draft_goal", key)
    commands = [
        {"command_id": key, "operation": "draft_goal", "body": GOAL},
        command("activate_goal", goal, base_version=1),
        command("record_progress", goal, body={"value": 41}),
        command("record_progress", goal, body={"value": 44}),
    ]
    for outcome in ("applied", "duplicate"):
        told = await river.post(HER, "/goals/v1/sync", {"commands": commands})
        assert [each["outcome"] for each in told["answers"]] == [outcome] * 4, told
    late = command("revise_goal", goal, base_version=1, body={"target": 70, "reason": "Too little"})
    told = await river.post(HER, "/goals/v1/sync", {"commands": [late]})
    assert [each["outcome"] for each in told["answers"]] == ["conflict"], told
    async with stack.client("goals", river.who(HER)) as client:
        said = (await client.get(f"/goals/v1/goals/{goal}")).json()
    assert (said["state"], said["version"], said["statement"]) == ("active", 4, GOAL["statement"])
    return goal


async def test_what_two_write_and_agree_on_and_who_goes_on(stack: RunningStack) -> None:
    river, of = await river_of(stack)
    goal = f"/goals/v1/goals/{await offline(river, stack)}"
    await river.may(COACH, goal)
    await agree(river, of, 1, "observations")
    await river.may(COACH, goal, yes=False)  # by a duty, heard of by another service
    await agree(river, of, 2, "goals", "observations")
    await river.may(COACH, goal)

    record = f"{PROGRAMS}/planning-entries"
    said = {"relationship_id": of, "kind": "plan", "text": "Wait after each question"}
    await asyncio.gather(*(river.post(who, record, said) for who in (HER, COACH) * 4))
    async with stack.client("programs", river.who(COACH)) as client:
        found = (await client.get(f"{record}?relationship_id={of}&order=oldest")).json()
    entries = found["planning_entries"]
    assert [each["number"] for each in entries] == list(range(1, 9))
    for before, each in pairwise(entries):
        assert each["hash_before"] == before["hash"]
        chained = f"{before['hash']}:{each['number']}:{each['content_hash']}"
        assert each["hash"] == hashlib.sha256(chained.encode()).hexdigest()

    handed = f"{PROGRAMS}/relationships/{of}/hand-over"
    await river.post(COACH, handed, {"coach_id": SUCCESSOR})
    await river.may(SUCCESSOR, goal, yes=False)  # before she has said so
    await river.post(HER, f"{handed}/accept", {"coach_id": SUCCESSOR, "coach_sees": ["goals"]})
    await river.may(SUCCESSOR, goal)
    await river.may(SUCCESSOR, f"/observations/v1/observations?teacher_id={HER}", yes=False)
    await river.may(SUCCESSOR, f"/insights/v1/cards/{HER}")
    await river.may(COACH, goal, yes=False)
    await river.may(COACH, f"/insights/v1/cards/{HER}", yes=False)
    await river.may(SUCCESSOR, f"{record}/{entries[0]['planning_entry_id']}", yes=False)
    await river.may(COACH, f"{record}/{entries[0]['planning_entry_id']}")
    await stack.assert_cards_are_true()
