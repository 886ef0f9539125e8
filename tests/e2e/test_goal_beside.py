"""What is said beside a goal, on real engines and over both protocols."""

from __future__ import annotations

import asyncio

import grpc

from coaching.goals.v1 import goal_events_pb2, goal_pb2
from coaching.goals.v1.goal_pb2_grpc import GoalsServiceStub
from coaching.journal.v1 import journal_pb2
from coaching.journal.v1.journal_pb2_grpc import JournalServiceStub
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS

COACH, TEACHER, OTHER = "coach-01", "teacher-0004", "teacher-0008"
GOALS = "/goals/v1/goals"


async def test_evidence_is_linked_and_voided_and_a_rating_is_published_without_what_it_says(
    stack: RunningStack, north: Coaching
) -> None:
    goal = await north.active_goal(COACH, TEACHER, aims_at="students", priority_tags=["talk"])
    path = f"{GOALS}/{goal}"
    for kind, seen in (("survey", "survey-of-spring"), ("observation", "seen-in-spring")):
        await north.post(COACH, f"{path}/evidence", {"kind": kind, "evidence_id": seen})
    await north.post(TEACHER, f"{path}/evidence/2/void")
    metadata = (("authorization", f"Bearer {stack.token(north.who(TEACHER))}"),)
    async with grpc.aio.insecure_channel(stack.stack.grpc("goals")) as channel:
        goals = GoalsServiceStub(channel)
        rated = goal_pb2.RateGoalRequest(goal_id=goal, importance=9, confidence=3)
        ratings = await goals.RateGoal(rated, metadata=metadata)
        assert [(each.importance, each.confidence) for each in ratings.ratings] == [(9, 3)]
        check = await goals.GetGoalCheck(goal_pb2.GetGoalRequest(goal_id=goal), metadata=metadata)
        lacks = {each.aspect: each.lacks for each in check.lines}
        assert lacks["student_facing"] == ""
        assert lacks["reachable"] == "no_due_date"
        told = await goals.GetGoal(goal_pb2.GetGoalRequest(goal_id=goal), metadata=metadata)
    assert [(each.administration_id, each.observation_id) for each in told.evidence] == [
        ("survey-of-spring", ""),
        ("", "seen-in-spring"),
    ]
    assert (told.evidence_count, told.aims_at, list(told.priority_tags)) == (
        1,
        "students",
        ["talk"],
    )
    for place in ("/rating", "/check", ""):
        await north.may(OTHER, f"{path}{place}", yes=False)
    snapshot, data = await _rated(stack, goal)
    assert (snapshot.evidence_count, snapshot.aims_at) == (1, "students")
    assert b"seen-in-spring" not in data


async def _rated(stack: RunningStack, goal: str) -> tuple[goal_events_pb2.GoalSnapshot, bytes]:
    """What is published of it once its owner has rated it."""
    metadata = (("authorization", f"Bearer {stack.token('north/warehouse?goals.journal.read')}"),)
    async with (
        asyncio.timeout(HANGS),
        grpc.aio.insecure_channel(stack.stack.grpc("goals")) as channel,
    ):
        asked = journal_pb2.FollowEventsRequest()
        asked.types.append(goal_events_pb2.GoalRated.DESCRIPTOR.full_name)
        async for answer in JournalServiceStub(channel).FollowEvents(asked, metadata=metadata):
            for each in answer.records:
                if each.aggregate_id == goal:
                    return goal_events_pb2.GoalRated.FromString(each.data).goal, each.data
    raise AssertionError("the stream has ended")
