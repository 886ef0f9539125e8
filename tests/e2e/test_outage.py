"""Kafka away: writes are accepted, the caseload is served and says that it is stale."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator

import pytest

from services.ctl.engines import Engines
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

COACH, TEACHER = "coach-01", "teacher-0003"
CASELOAD = f"/insights/v1/caseloads/{COACH}"


@pytest.fixture
async def impatient(stack: RunningStack) -> AsyncIterator[None]:
    """Insights calls a view stale after 5 s."""
    await stack.end("insights")
    stack.start("insights", STALE_AFTER_SECONDS="5")
    await stack.ready("insights")
    yield
    await stack.end("insights")
    stack.start("insights")
    await stack.ready("insights")


async def test_while_kafka_is_away_writes_are_accepted_and_the_caseload_says_stale(
    north: Coaching, stack: RunningStack, engines: Engines, impatient: None
) -> None:
    goal = await north.active_goal(COACH, TEACHER, baseline=0, target=10)
    broker = next(each.process.pid for each in engines.running if each.process.name == "kafka")

    async def stale() -> bool:
        answer = await stack.ask(north.who(COACH), "GET", CASELOAD)
        assert len(answer.json()["entries"]) > 0
        return bool(answer.json()["stale"])

    async def fresh() -> bool:
        return not await stale()

    await eventually(fresh, timeout=30)
    os.kill(broker, signal.SIGSTOP)
    try:
        await north.post(COACH, f"/goals/v1/goals/{goal}/progress", {"value": 7})
        await eventually(stale, timeout=30)
    finally:
        os.kill(broker, signal.SIGCONT)

    async def shown() -> bool:
        entry = await north.entry(COACH, TEACHER)
        return bool(any(each["current"] == 7 for each in entry["open_goals"]))

    await eventually(shown, timeout=60)
    await eventually(fresh, timeout=60)


@pytest.mark.parametrize("service", ["goals", "insights"])
async def test_a_service_ends_in_time_when_told_to_while_kafka_is_away(
    stack: RunningStack, engines: Engines, service: str
) -> None:
    broker = next(each.process.pid for each in engines.running if each.process.name == "kafka")
    os.kill(broker, signal.SIGSTOP)
    try:
        code = await stack.end(service)  # it is killed after 15 s, which is another code
    finally:
        os.kill(broker, signal.SIGCONT)
    assert code == 0
    stack.start(service)
    await stack.ready(service)
