"""One partition without a leader for longer than what is known of who may see what is believed:
what rests on rows of its number is refused, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.access.privacy_keys import POLICY_ROW
from services.assembly.registry import SERVICES
from services.chassis.log.producer import partition_of
from services.chassis.log.topics import PARTITIONS
from tests.support.asking import plain_client
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS, eventually

COACH, LOST, OTHER = "coach-01", "teacher-0001", "teacher-0002"
TRUSTED = 15  # seconds
CASELOAD = f"/insights/v1/caseloads/{COACH}"
CARDS = "/insights/v1/cards"
READERS = ("goals", "insights")
OPEN, TOO_OLD = (200, ""), (503, "access_too_old")


def number(person: str) -> int:
    return partition_of(f"north:{person}".encode(), PARTITIONS)


@pytest.fixture
async def leaderless(stack: RunningStack) -> AsyncIterator[None]:
    """To goals and insights the partition of relationships with LOST has no leader."""
    assert number(LOST) not in {number(each) for each in (COACH, OTHER, POLICY_ROW)}
    lost = (SERVICES["programs"].topic, str(number(LOST)))
    for service in READERS:
        await stack.end(service)
        program = ("tests.support.without_leader", service, *lost)
        stack.start(service, program=program, ACCESS_TRUSTED_SECONDS=str(TRUSTED))
    for service in READERS:
        await stack.ready(service)
    yield
    for service in READERS:
        await stack.end(service)
        stack.start(service)
    for service in READERS:
        await stack.ready(service)


async def got(stack: RunningStack, who: str, path: str) -> tuple[int, str]:
    async with stack.client(path.split("/")[1], f"north/{who}") as client:
        answer = await client.get(path)
    return answer.status_code, "" if answer.is_success else answer.json()["code"]


async def caseload(stack: RunningStack) -> tuple[set[str], int]:
    """Nobody, while it is refused."""
    async with stack.client("insights", f"north/{COACH}") as client:
        told = (await client.get(CASELOAD)).json()
    return {each["teacher_id"] for each in told.get("entries", ())}, told.get("not_shown", 0)


async def age(stack: RunningStack, service: str) -> float:
    """As its metric says."""
    async with plain_client(timeout=HANGS) as client:
        lines = (await client.get(f"{stack.internal(service)}/metrics")).text.splitlines()
    (line,) = [each for each in lines if each.startswith("tandem_access_age_seconds ")]
    return float(line.split()[1])


async def test_only_what_rests_on_a_row_of_its_number_is_refused(
    north: Coaching, stack: RunningStack, leaderless: None
) -> None:
    """All of it at once, and it stays so: on a busy machine others may be too old for a moment."""
    goals = {each: f"/goals/v1/goals?teacher_id={each}" for each in (LOST, OTHER)}
    expected = {
        (COACH, goals[LOST]): TOO_OLD,
        (COACH, f"{CARDS}/{LOST}"): TOO_OLD,
        (COACH, goals[OTHER]): OPEN,
        (COACH, f"{CARDS}/{OTHER}"): OPEN,
        (LOST, goals[LOST]): OPEN,
    }

    async def narrowed() -> bool:
        answers = {asked: await got(stack, *asked) for asked in expected}
        assert set(answers.values()) <= {OPEN, TOO_OLD}
        shown, not_shown = await caseload(stack)
        lacks = (LOST not in shown, OTHER in shown, not_shown) == (True, True, 1)
        return lacks and answers == expected

    for _ in range(3):
        await eventually(narrowed, timeout=4 * TRUSTED)
    assert await age(stack, "goals") > TRUSTED
    assert await got(stack, COACH, f"{CASELOAD}/live") == TOO_OLD


async def test_it_is_opened_again_once_it_has_one(north: Coaching, stack: RunningStack) -> None:
    async def opened() -> bool:
        shown, not_shown = await caseload(stack)
        return LOST in shown and not not_shown and await age(stack, "goals") < TRUSTED

    await north.may(COACH, f"/goals/v1/goals?teacher_id={LOST}")
    await eventually(opened, timeout=4 * TRUSTED)
