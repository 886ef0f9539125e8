"""Coaching data serves coaching: whoever asks for another purpose, such as to evaluate a teacher,
is refused whatever else she may, and the teacher and her district learn of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from tests.component.privacy.test_looks import GOALS, get, looks, with_goal
from tests.support.doors import Doors
from tests.support.filled import Filled, unfilled
from tests.support.operations import ANONYMOUS, Route, caller_of, routes
from tests.support.rpcs import Rpc, rpcs, served
from tests.support.staff import Staffed

COUNT = "/privacy/v1/refused-purposes"
LEADS = {"list_coaching_requests": "north/teacher-0003"}  # of a round those who lead its program
ROUTES = [each for each in routes(unfilled()) if each.operation not in ANONYMOUS]
RPCS = [each for each in rpcs(unfilled()) if each.operation not in ANONYMOUS]


@pytest.fixture(scope="module")
async def doors() -> AsyncIterator[Doors]:
    platform = Filled()
    await platform.fill("north")
    async with served(platform) as channels:
        yield Doors(platform, channels)


@pytest.mark.parametrize("route", ROUTES, ids=lambda each: each.operation)
async def test_no_operation_serves_another_purpose(doors: Doors, route: Route) -> None:
    """By whoever else may; nothing is changed."""
    before = doors.platform.stored()
    caller = LEADS.get(route.operation) or caller_of(route.operation, "north")
    who = f"{caller}!evaluation"
    answer = await doors.rest(route, doors.platform.ids["north"], who)
    assert (answer.status, answer.json()["code"]) == (403, "purpose_refused")
    assert doors.platform.stored() == before


@pytest.mark.parametrize("rpc", RPCS, ids=lambda each: f"{each.service}-{each.operation}")
async def test_over_grpc_no_operation_serves_another_purpose(doors: Doors, rpc: Rpc) -> None:
    before = doors.platform.stored()
    who = f"{caller_of(rpc.operation, 'north')}!evaluation"
    metadata = (("authorization", f"Bearer {who}"),)
    code, _ = await doors.rpc(rpc, doors.platform.ids["north"], metadata)
    assert code == grpc.StatusCode.PERMISSION_DENIED
    assert doors.platform.stored() == before


async def counted(north: Staffed, who: str = "teacher") -> list[Any]:
    await north.settle()
    answer = await get(north, who, COUNT)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["refused"]
    return found


async def test_the_teacher_and_her_district_learn_of_it() -> None:
    north, goal = await with_goal()
    assert await counted(north) == []
    refused = await get(north, "coach!evaluation", f"{GOALS}/{goal}", "goals")
    assert (refused.status_code, refused.json()["code"]) == (403, "purpose_refused")
    (found, *_) = await looks(north)
    said = {name: found[name] for name in ("viewer_id", "purpose", "decision", "relation")}
    assert said == {
        "viewer_id": "coach",
        "purpose": "evaluation",
        "decision": "refused",
        "relation": None,
    }
    for who in ("teacher", "leader", "aide"):
        assert await counted(north, who) == [
            {"purpose": "evaluation", "school_year": 2027, "times": 1}
        ]


async def test_who_may_not_learns_no_more_by_another_purpose() -> None:
    north, goal = await with_goal()
    there = await get(north, "peer!evaluation", f"{GOALS}/{goal}", "goals")
    missing = await get(north, "peer!evaluation", f"{GOALS}/none", "goals")
    assert (there.status_code, missing.status_code) == (404, 404)
    (found, *_) = await looks(north)
    assert (found["viewer_id"], found["purpose"]) == ("peer", "evaluation")
    assert [each["times"] for each in await counted(north)] == [1]


async def test_what_is_asked_of_many_is_counted_and_so_is_her_own() -> None:
    north, goal = await with_goal()
    for who, path, service in (
        ("coach", "/insights/v1/caseloads/coach", "insights"),
        ("admin", "/roster/v1/people", "roster"),
        ("teacher", f"{GOALS}/{goal}", "goals"),
    ):
        assert (await get(north, f"{who}!evaluation", path, service)).status_code == 403
    assert [each["times"] for each in await counted(north)] == [3]
    (hers, *_) = await looks(north)
    assert (hers["viewer_id"], hers["purpose"]) == ("teacher", "evaluation")


async def test_nobody_outside_of_the_roster_reads_the_count() -> None:
    north, _ = await with_goal()
    assert (await get(north, "nobody", COUNT)).status_code == 403
    assert (await get(north, "sis?goals.read", COUNT)).status_code == 403
