"""A strategy and its trial on real engines: published, agreed to, tried, shown where it may be."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from coaching.goals.v1 import trial_events_pb2, trial_pb2
from coaching.goals.v1.trial_pb2_grpc import TrialsServiceStub
from coaching.journal.v1 import journal_pb2
from coaching.journal.v1.journal_pb2_grpc import JournalServiceStub
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS, eventually

COACH, TEACHER, OTHER = "coach-01", "teacher-0003", "teacher-0008"
TRIALS, BANK = "/goals/v1/trials", "/goals/v1/strategies"
CANARY = "Canary of a trial"


def bearer(stack: RunningStack, who: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {stack.token(f'north/{who}')}"),)


async def published(stack: RunningStack, trial: str, kinds: tuple[str, ...]) -> list[bytes]:
    """The events of a trial, once all of these are there."""
    seen: dict[str, bytes] = {}
    async with (
        asyncio.timeout(HANGS),
        grpc.aio.insecure_channel(stack.stack.grpc("goals")) as channel,
    ):
        asked = journal_pb2.FollowEventsRequest()
        asked.types.extend(f"coaching.goals.v1.Trial{each}" for each in kinds)
        known = bearer(stack, "warehouse?goals.journal.read")
        async for answer in JournalServiceStub(channel).FollowEvents(asked, metadata=known):
            seen |= {each.type: each.data for each in answer.records if each.aggregate_id == trial}
            if len(seen) == len(kinds):
                break
    return list(seen.values())


async def test_what_is_agreed_on_is_tried_and_shown_where_it_may_be(
    stack: RunningStack, north: Coaching
) -> None:
    said = {"title": CANARY, "about": CANARY, "license": "CC0-1.0", "moves": ["Wait"]}
    strategy = await north.post(COACH, BANK, said)
    place = f"{BANK}/{strategy['strategy_id']}"
    await north.may(TEACHER, place, yes=False)
    await north.post(COACH, f"{place}/publish")
    await north.may(TEACHER, place)

    goal = await north.active_goal(COACH, TEACHER)
    body = {"teacher_id": TEACHER, "goal_id": goal, "strategy_id": strategy["strategy_id"]}
    proposed = await north.post(COACH, TRIALS, body, key="e2e-trial")
    assert await north.post(COACH, TRIALS, body, key="e2e-trial") == proposed
    trial = str(proposed["trial_id"])
    path = f"{TRIALS}/{trial}"
    for step in ("agree", "rehearse", "try-out"):
        await north.post(TEACHER, f"{path}/{step}")
    for text, shown in (("first", False), (CANARY, False)):
        reflected = {"text": text, "shown": shown}
        await north.asks.ask(north.who(TEACHER), "PUT", f"{path}/reflection", reflected)
    await north.may(COACH, f"{path}/reflection", yes=False)
    await north.may(OTHER, path, yes=False)
    async with grpc.aio.insecure_channel(stack.stack.grpc("goals")) as channel:
        trials = TrialsServiceStub(channel)
        kept = trial_pb2.CloseTrialRequest(
            trial_id=trial, outcome=trial_events_pb2.TRIAL_OUTCOME_KEEP
        )
        closed = await trials.CloseTrial(kept, metadata=bearer(stack, TEACHER))
        assert closed.state == trial_events_pb2.TRIAL_STATE_CLOSED
        asked = trial_pb2.GetTrialRequest(trial_id=trial)
        earlier = await trials.GetEarlierReflections(asked, metadata=bearer(stack, TEACHER))
        assert [each.text for each in earlier.reflections] == ["first"]

    kinds = ("Proposed", "Agreed", "Rehearsed", "Tried", "Reflected", "Closed")
    assert not any(CANARY.encode() in each for each in await published(stack, trial, kinds))
    told: dict[str, Any] = {}

    async def on_the_timeline() -> bool:
        answer = await north.asks.ask(
            north.who(COACH), "GET", f"/insights/v1/timeline?teacher_id={TEACHER}"
        )
        told.update({each["item_id"]: each for each in answer.json()["items"]})
        return trial in told and told[trial]["state"] == "closed"

    await eventually(on_the_timeline, timeout=20)
    assert told[trial]["goal_id"] == goal
