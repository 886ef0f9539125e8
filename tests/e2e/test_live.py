"""A live caseload over a real process: resumed after a kill -9 without a gap, ended with a
`bye` on SIGTERM."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import httpx2

from coaching.insights.v1 import caseload_pb2, caseload_pb2_grpc
from tests.support.coaching import YEAR, Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS, eventually

COACH, TEACHER = "coach-01", "teacher-0002"
PATH = f"/insights/v1/caseloads/{COACH}/live?school_year={YEAR}"


@dataclass
class Live:
    """What a reader of the stream has got so far, over all its connections."""

    north: Coaching
    last_id: str = ""
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def read(self) -> None:
        """One connection, until it ends."""
        headers = {"Last-Event-ID": self.last_id} if self.last_id else {}
        async with (
            self.north.asks.client("insights", self.north.who(COACH)) as client,
            client.stream("GET", PATH, headers=headers, timeout=HANGS) as answer,
        ):
            assert answer.status_code == 200
            event = ""
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "id":
                    self.last_id = value
                elif name == "data":
                    self.events.append((event, json.loads(value)))

    def current(self, goal: str) -> list[float]:
        """The values of a goal as they were shown, in order."""
        return [
            each["current"]
            for event, body in self.events
            if event == "entry" and body["entry"]["teacher_id"] == TEACHER
            for each in body["entry"]["open_goals"]
            if each["goal_id"] == goal and each["current"] is not None
        ]


@asynccontextmanager
async def reading(live: Live) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(live.read())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_reader_that_was_cut_off_resumes_without_a_gap(
    north: Coaching, stack: RunningStack
) -> None:
    goal = await north.active_goal(COACH, TEACHER, baseline=0, target=100)
    live = Live(north)
    async with reading(live) as task:
        await eventually(lambda: any(event == "reset" for event, _ in live.events))
        await north.post(COACH, f"/goals/v1/goals/{goal}/progress", {"value": 1})
        await eventually(lambda: live.current(goal)[-1:] == [1])
        await stack.kill("insights")
        with_error = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(with_error[0], httpx2.TransportError)
    await north.post(COACH, f"/goals/v1/goals/{goal}/progress", {"value": 2})
    stack.start("insights")
    await stack.ready("insights")
    async with reading(live):
        await eventually(lambda: live.current(goal)[-1:] == [2], timeout=30)
        await north.post(COACH, f"/goals/v1/goals/{goal}/progress", {"value": 3})
        await eventually(lambda: live.current(goal)[-1:] == [3], timeout=30)


async def test_a_new_name_reaches_a_live_caseload(north: Coaching) -> None:
    live = Live(north)

    def names() -> list[str]:
        return [
            f"{body['entry']['given_name']} {body['entry']['family_name']}"
            for event, body in live.events
            if event == "entry" and body["entry"]["teacher_id"] == TEACHER
        ]

    async with reading(live):
        await eventually(lambda: bool(names()))
        before = names()[0]
        await north.import_roster(seed=1)
        await eventually(lambda: names()[-1] != before, timeout=20)
        await north.import_roster()
        await eventually(lambda: names()[-1] == before, timeout=20)


async def test_what_a_teacher_shows_no_more_leaves_an_open_stream_and_it_says_so(
    north: Coaching,
) -> None:
    goal = await north.active_goal(COACH, TEACHER, baseline=0, target=100)
    path = f"/programs/v1/relationships?teacher_id={TEACHER}"
    known = (await north.asks.ask(north.who(TEACHER), "GET", path)).json()["relationships"]
    accept = f"/programs/v1/relationships/{known[0]['relationship_id']}/accept"
    every = ["goals", "observations", "surveys"]
    live = Live(north)

    def newest() -> tuple[bool, list[str]]:
        """Whether the goal is in the entry, and what that says is not shared."""
        entries = [body["entry"] for event, body in live.events if event == "entry"]
        (*_, entry) = [each for each in entries if each["teacher_id"] == TEACHER] or [None]
        if entry is None:
            return False, ["nothing yet"]
        return goal in {each["goal_id"] for each in entry["open_goals"]}, entry["not_shared"]

    async with reading(live):
        await eventually(lambda: newest() == (True, []), timeout=30)
        await north.post(TEACHER, accept, {"coach_sees": every[1:]})
        await eventually(lambda: newest() == (False, ["goals"]), timeout=30)
        await north.post(TEACHER, accept, {"coach_sees": every})
        await eventually(lambda: newest() == (True, []), timeout=30)


async def test_streams_end_with_a_bye_when_the_process_is_told_to_stop(
    north: Coaching, stack: RunningStack
) -> None:
    live = Live(north)
    kinds: list[int] = []

    async def follow_rpc() -> None:
        metadata = (("authorization", f"Bearer {stack.token(north.who(COACH))}"),)
        request = caseload_pb2.WatchCaseloadRequest(coach_id=COACH, school_year=YEAR)
        async with grpc.aio.insecure_channel(stack.stack.grpc("insights")) as channel:
            stub = caseload_pb2_grpc.CaseloadsServiceStub(channel)
            async for message in stub.WatchCaseload(request, metadata=metadata):
                kinds.append(message.kind)

    async with reading(live) as sse:
        rpc = asyncio.create_task(follow_rpc())
        await eventually(lambda: bool(live.events) and bool(kinds))
        code = await stack.end("insights")
        await sse
        await rpc
    assert code == 0
    assert live.events[-1][0] == "bye"
    assert kinds[-1] == caseload_pb2.WatchCaseloadResponse.KIND_BYE
    stack.start("insights")
    await stack.ready("insights")
