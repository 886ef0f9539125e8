"""By a share on real processes and engines: read by whom it names, revoked while Kafka is away, and
over at its end, of which an open stream learns."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc

from coaching.goals.v1 import goal_pb2
from coaching.goals.v1.goal_pb2_grpc import GoalsServiceStub
from coaching.journal.v1 import journal_pb2
from coaching.journal.v1.journal_pb2_grpc import JournalServiceStub
from services.ctl.engines import Engines
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

COACH, OWNER, READER = "coach-02", "teacher-0007", "teacher-0002"
SHARES = "/goals/v1/shares"
SHARED = "coaching.goals.v1.GoalShare"


def bearer(stack: RunningStack, who: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {stack.token(f'north/{who}')}"),)


async def share(
    north: Coaching, goal: str, lasting: timedelta = timedelta(days=1), **more: Any
) -> str:
    body = {
        "goal_id": goal,
        "audience": [{"person_id": READER}],
        "purpose": "peer_learning",
        "expires_at": (datetime.now(UTC) + lasting).isoformat(),
        **more,
    }
    made = await north.post(OWNER, SHARES, body)
    return str(made["goal_share_id"])


async def read(stack: RunningStack, goal: str) -> bool:
    """Over both protocols alike."""
    async with grpc.aio.insecure_channel(stack.stack.grpc("goals")) as channel:
        asked = goal_pb2.GetGoalRequest(goal_id=goal)
        try:
            await GoalsServiceStub(channel).GetGoal(asked, metadata=bearer(stack, READER))
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            return False
    return True


async def got(stack: RunningStack, goal: str) -> int:
    async with stack.client("goals", f"north/{READER}") as client:
        return (await client.get(f"/goals/v1/goals/{goal}")).status_code


class Followed:
    """An open stream of what happens to shares: `types` by share, as they come."""

    def __init__(self, stack: RunningStack) -> None:
        self.stack = stack
        self.types: dict[str, list[str]] = {}

    async def run(self) -> None:
        wanted = [f"{SHARED}{what}" for what in ("Created", "Read", "Revoked", "Expired")]
        asked = journal_pb2.FollowEventsRequest(district_id="north", types=wanted)
        async with grpc.aio.insecure_channel(self.stack.stack.grpc("goals")) as channel:
            stub = JournalServiceStub(channel)
            known = bearer(self.stack, "ops?journal.read")
            async for each in stub.FollowEvents(asked, metadata=known):
                for record in each.records:
                    told = self.types.setdefault(record.aggregate_id, [])
                    what = record.type.removeprefix(SHARED)
                    if what not in told:  # what has just happened may come from both
                        told.append(what)

    async def until(self, share: str, *types: str) -> None:
        await eventually(lambda: self.types.get(share) == list(types), timeout=30)


async def test_who_is_revoked_while_kafka_is_away_reads_nothing_from_then_on(
    north: Coaching, stack: RunningStack, engines: Engines
) -> None:
    goal = await north.active_goal(COACH, OWNER)
    assert await got(stack, goal) == 404
    followed = Followed(stack)
    async with asyncio.TaskGroup() as tasks:
        stream = tasks.create_task(followed.run())
        made = await share(north, goal)
        await followed.until(made, "Created")
        assert (await got(stack, goal), await read(stack, goal)) == (200, True)
        broker = next(each.process.pid for each in engines.running if each.process.name == "kafka")
        os.kill(broker, signal.SIGSTOP)
        try:
            await north.post(OWNER, f"{SHARES}/{made}/revoke")
            assert (await got(stack, goal), await read(stack, goal)) == (404, False)
            again = await share(north, goal)
            assert (await got(stack, goal), await read(stack, goal)) == (200, True)
        finally:
            os.kill(broker, signal.SIGCONT)
        await followed.until(made, "Created", "Revoked")
        await followed.until(again, "Created")
        stream.cancel()


async def test_it_is_over_at_its_end_and_an_open_stream_learns_of_it(
    north: Coaching, stack: RunningStack
) -> None:
    goal = await north.active_goal(COACH, OWNER)
    followed = Followed(stack)
    async with asyncio.TaskGroup() as tasks:
        stream = tasks.create_task(followed.run())
        made = await share(north, goal, timedelta(seconds=8))
        assert await got(stack, goal) == 200
        await followed.until(made, "Created")

        async def refused() -> bool:
            return await got(stack, goal) == 404

        await eventually(refused, timeout=30)
        assert not await read(stack, goal)
        await followed.until(made, "Created", "Expired")
        stream.cancel()
    seen = (await stack.ask(north.who(OWNER), "GET", f"{SHARES}/{made}")).json()
    assert seen["state"] == "expired"


async def test_of_many_readings_at_once_of_what_is_for_once_one_is_let_in(
    north: Coaching, stack: RunningStack
) -> None:
    goal = await north.active_goal(COACH, OWNER)
    made = await share(north, goal, once=True)
    answers = await asyncio.gather(*(got(stack, goal) for _ in range(6)))
    assert sorted(answers) == [200, 404, 404, 404, 404, 404]
    path = f"{SHARES}/{made}"
    (reader,) = (await stack.ask(north.who(OWNER), "GET", path)).json()["audience"]
    assert reader["read_at"]
