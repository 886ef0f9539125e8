"""kill -9 of the relay, the projector and an API process while teachers go on writing:
nothing that was acknowledged is lost, nothing is applied twice."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

TEACHERS = ("teacher-0005", "teacher-0006", "teacher-0007", "teacher-0008")
COACH = "coach-02"
WRITES_BETWEEN_FAULTS = 40


class Writer:
    """Records ever higher values on one goal; every value is sent, under its own key, until
    it is acknowledged."""

    def __init__(self, north: Coaching, goal: str) -> None:
        self._north = north
        self.goal = goal
        self.acknowledged: list[float] = []

    async def write(self, stop: asyncio.Event) -> None:
        for value in itertools.count(1):
            if stop.is_set():
                return
            await self._until_acknowledged(float(value))
            self.acknowledged.append(float(value))

    async def _until_acknowledged(self, value: float) -> None:
        async def sent() -> bool:
            path = f"/goals/v1/goals/{self.goal}/progress"
            headers = {"Idempotency-Key": f"{self.goal}-{value}"}
            try:
                async with self._north.asks.client("goals", self._north.who(COACH)) as client:
                    answer = await client.post(path, json={"value": value}, headers=headers)
            except httpx2.TransportError:
                return False  # the process is gone: the outcome is unknown, the key will tell
            assert answer.status_code in (200, 503), answer.text
            return answer.status_code == 200

        await eventually(sent, timeout=60)


@asynccontextmanager
async def writing(north: Coaching) -> AsyncIterator[list[Writer]]:
    writers = [
        Writer(north, await north.active_goal(COACH, teacher, baseline=0, target=1e6))
        for teacher in TEACHERS
    ]
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for writer in writers:
            group.create_task(writer.write(stop))
        yield writers
        stop.set()


@pytest.fixture
async def apart(stack: RunningStack) -> AsyncIterator[None]:
    """The roles of goals and insights in processes of their own, as a district may run them."""
    for service in ("goals", "insights"):
        await stack.end(service)
    await start_api(stack)
    await start_relay(stack)
    await start_projector(stack)
    yield
    for name in ("goals", "goals-relay", "insights", "insights-projector"):
        await stack.end(name)
    for service in ("goals", "insights"):
        stack.start(service)
        await stack.ready(service)


async def start_api(stack: RunningStack) -> None:
    stack.start("goals", ROLES="api,projector")
    stack.start("insights", ROLES="api")
    await stack.ready("goals")
    await stack.ready("insights")


async def start_relay(stack: RunningStack) -> None:
    stack.start("goals", "goals-relay", ROLES="relay")
    await stack.ready("goals-relay")


async def start_projector(stack: RunningStack) -> None:
    stack.start("insights", "insights-projector", ROLES="projector")
    await stack.ready("insights-projector")


async def restart_goals(stack: RunningStack) -> None:
    stack.start("goals", ROLES="api,projector")
    await stack.ready("goals")


KILLS: list[tuple[str, Callable[[RunningStack], Coroutine[Any, Any, None]]]] = [
    ("goals", restart_goals),
    ("goals-relay", start_relay),
    ("insights-projector", start_projector),
]


async def test_nothing_acknowledged_is_lost_when_processes_are_killed(
    north: Coaching, stack: RunningStack, apart: None
) -> None:
    async with writing(north) as writers:
        written = 0
        for name, start_again in KILLS:
            written += WRITES_BETWEEN_FAULTS

            def enough(wanted: int = written) -> bool:
                return sum(len(writer.acknowledged) for writer in writers) >= wanted

            await eventually(enough, timeout=60)
            await stack.kill(name)
            await start_again(stack)
    for writer in writers:
        answer = await stack.ask(north.who(COACH), "GET", f"/goals/v1/goals/{writer.goal}")
        stored = [each["value"] for each in answer.json()["progress"]]
        assert stored == writer.acknowledged
        assert answer.json()["version"] == 2 + len(stored)
    for teacher, writer in zip(TEACHERS, writers, strict=True):

        async def shown(teacher: str = teacher, writer: Writer = writer) -> bool:
            entry = await north.entry(COACH, teacher)
            goals = {goal["goal_id"]: goal["current"] for goal in entry["open_goals"]}
            return bool(goals.get(writer.goal) == writer.acknowledged[-1])

        await eventually(shown, timeout=30)


@pytest.mark.parametrize("point", ["W1", "W2", "R2", "R3", "R4", "R5"])
async def test_a_crash_at_a_named_point_of_a_command_or_the_relay_loses_nothing(
    north: Coaching, stack: RunningStack, point: str
) -> None:
    await stack.end("goals")
    stack.start("goals", TANDEM_CRASH_AT=f"{point}:3")
    await stack.ready("goals")
    died = False
    acknowledged: list[str] = []
    for number in range(6):
        key = f"{point}-{number}"
        body = {
            "teacher_id": TEACHERS[0],
            "statement": "x",
            "focus_skill": "x",
            "measure_id": "x",
            "unit": "x",
            "target": 1,
        }

        async def sent(key: str = key, body: dict[str, Any] = body) -> bool:
            nonlocal died
            if await stack.revive("goals"):
                died = True
            try:
                async with stack.client("goals", north.who(TEACHERS[0])) as client:
                    answer = await client.post(
                        "/goals/v1/goals", json=body, headers={"Idempotency-Key": key}
                    )
            except httpx2.TransportError:
                return False
            if answer.status_code == 201:
                acknowledged.append(answer.json()["goal_id"])
            return answer.status_code == 201

        await eventually(sent, timeout=60)

    async def has_died() -> bool:
        nonlocal died
        died = died or await stack.revive("goals")
        return died

    await eventually(has_died, timeout=30)
    assert len(set(acknowledged)) == 6
    for goal in acknowledged:
        answer = await stack.ask(north.who(TEACHERS[0]), "GET", f"/goals/v1/goals/{goal}")
        assert answer.json()["version"] == 1
