"""A decision tree on real engines: from its file to a goal, over both protocols and the command
line."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import grpc

from coaching.goals.v1 import walk_events_pb2, walk_pb2
from coaching.goals.v1.walk_pb2_grpc import WalksServiceStub
from coaching.journal.v1 import journal_pb2
from coaching.journal.v1.journal_pb2_grpc import JournalServiceStub
from services.ctl.demo.strategies import MEASURES
from services.goals.tree.tree_file import SHIPPED, read_tree
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS

ADMIN, COACH, TEACHER, OTHER = "admin-01", "coach-01", "teacher-0004", "teacher-0008"
TREES, WALKS = "/goals/v1/trees", "/goals/v1/walks"
CANARY = "Canary of a walk"
WAY = (("hope", "reasons"), ("comfort", "not-comfortable"), ("safety", "corrected"))
MEASURE = {"title": "Say that they share it", "unit": "percent", "direction": "increase"}


async def tandem(*typed: str) -> str:
    """`tandem tree` as its users type it: what it prints."""
    program = [sys.executable, "-m", "services.ctl", "tree", *typed]
    process = await asyncio.create_subprocess_exec(
        *program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    told, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    return told.decode()


async def completed(stack: RunningStack, walk: str) -> tuple[Any, bytes]:
    """What is published of it once it has led to a goal."""
    metadata = (("authorization", f"Bearer {stack.token('north/warehouse?goals.journal.read')}"),)
    async with (
        asyncio.timeout(HANGS),
        grpc.aio.insecure_channel(stack.stack.grpc("goals")) as channel,
    ):
        asked = journal_pb2.FollowEventsRequest()
        asked.types.append(walk_events_pb2.WalkCompleted.DESCRIPTOR.full_name)
        async for answer in JournalServiceStub(channel).FollowEvents(asked, metadata=metadata):
            for each in answer.records:
                if each.aggregate_id == walk:
                    return walk_events_pb2.WalkCompleted.FromString(each.data).walk, each.data
    raise AssertionError("the stream has ended")


async def test_a_tree_is_drafted_from_its_file_walked_and_leads_to_a_goal(
    stack: RunningStack, north: Coaching, tmp_path: Path
) -> None:
    for measure in MEASURES:
        path = f"/goals/v1/measures/{measure}"
        await north.asks.ask(north.who(ADMIN), "PUT", path, MEASURE)
    tree = await north.post(COACH, TREES, read_tree(SHIPPED).model_dump(mode="json"))
    place = f"{TREES}/{tree['tree_id']}"
    await north.post(COACH, f"{place}/publish")
    given = ["--district", "north", "--url", stack.stack.rest("goals")]
    token = stack.token(north.who(COACH))
    exported = await tandem("export", str(tree["tree_id"]), *given, "--token", token)
    file = tmp_path / "tree.yaml"
    file.write_text(exported)
    assert read_tree(file) == read_tree(SHIPPED)
    assert json.loads(await tandem("check", str(file), "--json"))["steps"] == 10
    assert (await tandem("draw", str(file))).count("-.->") == 2

    begun = await north.post(COACH, WALKS, {"teacher_id": TEACHER, "tree_id": tree["tree_id"]})
    walk = str(begun["walk_id"])
    path = f"{WALKS}/{walk}"
    await north.may(OTHER, path, yes=False)
    for step, answer in WAY:
        told = {"step_id": step, "answer_id": answer, "reason": CANARY}
        await north.post(TEACHER, f"{path}/answers", told)
    await north.post(TEACHER, f"{path}/step-back")
    step, answer = WAY[-1]
    await north.post(TEACHER, f"{path}/answers", {"step_id": step, "answer_id": answer})
    goal = await north.post(
        TEACHER,
        "/goals/v1/goals",
        {
            "teacher_id": TEACHER,
            "statement": CANARY,
            "focus_skill": "discussion",
            "measure_id": "unfinished-thinking",
            "unit": "percent",
            "target": 60,
        },
    )
    known = (("authorization", f"Bearer {stack.token(north.who(TEACHER))}"),)
    async with grpc.aio.insecure_channel(stack.stack.grpc("goals")) as channel:
        walks = WalksServiceStub(channel)
        chosen = walk_pb2.ChooseOfferRequest(
            walk_id=walk,
            step_id="goal-unfinished",
            kind=walk_events_pb2.OFFER_KIND_MEASURE,
            offered_id="unfinished-thinking",
            reason=CANARY,
        )
        await walks.ChooseOffer(chosen, metadata=known)
        ended = walk_pb2.CompleteWalkRequest(walk_id=walk, goal_id=goal["goal_id"])
        found = await walks.CompleteWalk(ended, metadata=known)
    assert found.state == walk_events_pb2.WALK_STATE_COMPLETED
    assert len(found.answers_taken_back) == 1
    said, data = await completed(stack, walk)
    assert (said.goal_id, [each.step_id for each in said.answers]) == (
        goal["goal_id"],
        [step for step, _ in WAY],
    )
    assert CANARY.encode() not in data
