"""A pair of teachers on real engines: proposed, joined by both at once, seen by each other over
REST and gRPC as far as each says, stopped for a while, and ended."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import grpc

from coaching.goals.v1 import goal_pb2
from coaching.goals.v1.goal_pb2_grpc import GoalsServiceStub
from coaching.journal.v1 import journal_pb2
from coaching.journal.v1.journal_pb2_grpc import JournalServiceStub
from coaching.programs.v1 import circle_events_pb2
from services.ctl.demo.district import teacher_id
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS, eventually

ADMIN, PATH = "admin-01", "/programs/v1/circles"
ONE, OTHER, STRANGER = teacher_id(10), teacher_id(11), teacher_id(12)
GOAL = {
    "teacher_id": ONE,
    "statement": "Students explain their thinking",
    "focus_skill": "questioning",
    "measure_id": "talk-share",
    "unit": "percent",
    "target": 60,
}


async def shown(north: Coaching, stack: RunningStack, who: str, goal: str, card: bool) -> bool:
    """Whether `who` is shown the goal, over REST and gRPC, and its teacher's card where there is
    one for her; all of it, or nothing."""

    async def status(path: str) -> int:
        async with stack.client(path.split("/")[1], north.who(who)) as client:
            return (await client.get(path)).status_code

    rest, cards = [
        await status(e) for e in (f"/goals/v1/goals/{goal}", f"/insights/v1/cards/{ONE}")
    ]
    metadata = (("authorization", f"Bearer {stack.token(north.who(who))}"),)
    async with grpc.aio.insecure_channel(stack.stack.grpc("goals")) as channel:
        stub: Any = GoalsServiceStub(channel)
        asked = stub.GetGoal(goal_pb2.GetGoalRequest(goal_id=goal), metadata=metadata)
        code = await asked.code()
    answers = [rest == 200, code is grpc.StatusCode.OK, cards == 200]
    return all(answers) if card else any(answers)


async def pairs(north: Coaching, stack: RunningStack, who: str) -> list[str]:
    """The pairs that she sees as a view, by their ids."""
    async with stack.client("insights", north.who(who)) as client:
        said = (await client.get("/insights/v1/pairs")).json()
    return [each["circle_id"] for each in said["pairs"]]


async def told(stack: RunningStack, circle: str) -> dict[str, list[str]]:
    """What the journal says of it, by whose key it came: up to its end on both."""
    token = stack.token("north/warehouse?programs.journal.read")
    metadata = (("authorization", f"Bearer {token}"),)
    found: dict[str, list[str]] = {ONE: [], OTHER: []}
    async with (
        asyncio.timeout(HANGS),
        grpc.aio.insecure_channel(stack.stack.grpc("programs")) as channel,
    ):
        asked = journal_pb2.FollowEventsRequest()
        names = circle_events_pb2.DESCRIPTOR.message_types_by_name
        events = [name for name in names if name not in ("CircleMember", "CircleSnapshot")]
        asked.types.extend(names[name].full_name for name in events)
        async for answer in JournalServiceStub(channel).FollowEvents(asked, metadata=metadata):
            for each in answer.records:
                name = each.type.rsplit(".", 1)[-1]
                said = getattr(circle_events_pb2, name).FromString(each.data).circle
                if said.circle_id == circle:
                    for key in each.keys:
                        found[key.partition(":")[2]].append(name)
            if all(each[-1:] == ["CircleEnded"] for each in found.values()):
                return found
    raise AssertionError(found)


async def test_a_pair_sees_of_each_other_what_each_shows_as_long_as_it_is(
    north: Coaching, stack: RunningStack
) -> None:
    goal = str((await north.post(ONE, "/goals/v1/goals", GOAL))["goal_id"])
    asked = {"kind": "pair", "member_ids": [ONE, OTHER]}
    circle = str((await north.post(ADMIN, PATH, asked))["circle_id"])
    path = f"{PATH}/{circle}"
    assert not await shown(north, stack, OTHER, goal, card=False)
    await asyncio.gather(
        north.post(ONE, f"{path}/join", {"shows": ["goals"]}),
        north.post(OTHER, f"{path}/join", {"shows": []}),
    )
    await eventually(partial(shown, north, stack, OTHER, goal, card=True))
    assert not await shown(north, stack, STRANGER, goal, card=False)
    assert [await pairs(north, stack, who) for who in (ONE, OTHER, STRANGER)] == [
        [circle],
        [circle],
        [],
    ]

    async def closed() -> bool:
        return not await shown(north, stack, OTHER, goal, card=False)

    await north.post(OTHER, f"{path}/pause")
    await eventually(closed)
    await north.post(OTHER, f"{path}/resume")
    await eventually(partial(shown, north, stack, OTHER, goal, card=True))
    ended = await north.post(OTHER, f"{path}/end")
    assert ended["state"] == "ended"
    await eventually(closed)
    said = ["CircleProposed", "CircleJoined", "CircleJoined", "CirclePaused", "CircleResumed"]
    said += ["CircleEnded"]
    assert await told(stack, circle) == {ONE: said, OTHER: said}
