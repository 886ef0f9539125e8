"""Kafka away: writes are accepted, the caseload is served and says that it is stale; and what her
relationship opens to a coach is refused once nobody has known for too long whether it has ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import AsyncIterator

import pytest

from services.ctl.engines import Engines
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

COACH, TEACHER, HELPER = "coach-01", "teacher-0003", "teacher-0012"
TRUSTED = 15  # seconds
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


@pytest.fixture
async def distrustful(stack: RunningStack) -> AsyncIterator[float]:
    """Goals and insights believe what they know of who may see what for 15 s after they knew all;
    when that would have been over for the one that began last, had they heard nothing."""
    for service in ("goals", "insights"):
        await stack.end(service)
        stack.start(service, ACCESS_TRUSTED_SECONDS=str(TRUSTED))
    began = time.monotonic()
    for service in ("goals", "insights"):
        await stack.ready(service)
    yield began + TRUSTED
    for service in ("goals", "insights"):
        await stack.end(service)
        stack.start(service)
        await stack.ready(service)


async def test_what_a_relationship_opens_is_refused_when_it_may_have_ended_long_ago(
    north: Coaching, stack: RunningStack, engines: Engines, distrustful: float
) -> None:
    await north.may(COACH, f"/goals/v1/goals?teacher_id={TEACHER}")  # its projector has begun anew
    goal = await north.active_goal(COACH, TEACHER)
    broker = next(each.process.pid for each in engines.running if each.process.name == "kafka")

    async def got(who: str, path: str) -> tuple[int, str]:
        async with stack.client(path.split("/")[1], north.who(who)) as client:
            answer = await client.get(path)
        return answer.status_code, "" if answer.is_success else answer.json()["code"]

    async def all_right() -> bool:
        seen = [await got(COACH, path) for path in (f"/goals/v1/goals/{goal}", CASELOAD)]
        return seen == [(200, "")] * 2

    async def refused() -> bool:
        seen = [await got(COACH, path) for path in (f"/goals/v1/goals/{goal}", CASELOAD)]
        assert {each for each in seen if each[0] != 200} <= {(503, "access_too_old")}
        return seen == [(503, "access_too_old")] * 2

    async def right_though_nothing_has_happened_for_long() -> bool:
        return time.monotonic() > distrustful and await all_right()

    await eventually(right_though_nothing_has_happened_for_long, timeout=4 * TRUSTED)
    os.kill(broker, signal.SIGSTOP)
    try:
        await eventually(refused, timeout=4 * TRUSTED)
        assert await got(TEACHER, f"/goals/v1/goals/{goal}") == (200, "")
        await north.post(TEACHER, f"/goals/v1/goals/{goal}/progress", {"value": 7})
    finally:
        os.kill(broker, signal.SIGCONT)
    await eventually(all_right, timeout=60)


async def test_a_grant_that_the_roster_has_ended_itself_opens_nothing_there_at_once(
    north: Coaching, stack: RunningStack, engines: Engines
) -> None:
    grants, staff = "/roster/v1/grants", "/roster/v1/orgs/school-01/staff"
    why = {"reason": "She helps out"}
    asked = {"person_id": HELPER, "role": "coach", "org_ids": ["school-01"], **why}
    made = await north.post("admin-01", grants, asked)
    await north.may(HELPER, staff)
    broker = next(each.process.pid for each in engines.running if each.process.name == "kafka")
    os.kill(broker, signal.SIGSTOP)
    try:
        await north.post("admin-01", f"{grants}/{made['grant_id']}/end", why)
        async with stack.client("roster", north.who(HELPER)) as client:
            answer = await client.get(staff)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    finally:
        os.kill(broker, signal.SIGCONT)


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
