"""Each create that makes somebody's rows or lists grow is refused at its bound, over REST and
gRPC, by name and number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

import services.goals.application.draft_goal as goals
import services.observations.application.draft_tool as tools
import services.observations.application.schedule_observation as observations
import services.surveys.application.draft_instrument as instruments
import services.surveys.application.schedule_administration as administrations
from services.goals.domain.goal import MOST_GOALS
from tests.support.filled import Filled
from tests.support.operations import caller_of, example_body, routes
from tests.support.rpcs import bearer, call, example, rpcs, served

NORTH = "north"
ROUTES = {each.operation: each for each in routes(Filled())}
RPCS = {each.operation: each for each in rpcs(Filled())}
MOST = {
    "draft_goal": 5,
    "schedule_observation": 5,
    "schedule_administration": 5,
    "draft_tool": 2_000,
    "draft_instrument": 2_000,
}
# operation -> kind, code, and how the bound is set in the use case
BOUNDS: Mapping[str, tuple[str, str, Any]] = {
    "draft_goal": ("goal", "too_many_goals", patch.object(goals, "MOST_GOALS", 5)),
    "schedule_observation": (
        "observation",
        "too_many_observations",
        patch.object(observations, "MOST_OBSERVATIONS", 5),
    ),
    "schedule_administration": (
        "administration",
        "too_many_administrations",
        patch.object(administrations, "MOST_ADMINISTRATIONS", 5),
    ),
    "draft_tool": (
        "tool", "too_many_tools", patch.object(tools, "_BOUND", replace(tools._BOUND, most=5)),
    ),
    "draft_instrument": (
        "instrument",
        "too_many_instruments",
        patch.object(instruments, "_BOUND", replace(instruments._BOUND, most=5)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("operation", BOUNDS)
async def test_a_create_ends_at_its_bound(operation: str) -> None:
    kind, code, bound = BOUNDS[operation]
    platform = Filled()
    await platform.fill(NORTH)
    route, rpc, ids = ROUTES[operation], RPCS[operation], platform.ids[NORTH]
    store = platform.services[route.service].backing.store
    body = example_body(platform, operation, ids)
    who = caller_of(operation, NORTH)
    with bound:
        refusal: Any = None
        for _ in range(6):
            async with platform.client(route.service, who) as client:
                answer = await client.post(route.path(ids), json=body)
            if answer.status_code != 201:
                refusal = answer
                break
        assert refusal is not None
        assert (refusal.status_code, refusal.json()["code"]) == (409, code)
        assert str(MOST[operation]) in refusal.json()["detail"]
        stored = await store.count(NORTH, kind, {}, 100)
        assert stored >= 5
        async with served(platform) as channels:
            with pytest.raises(Exception, match="FAILED_PRECONDITION"):
                await call(
                    channels[rpc.service], rpc, example(platform, rpc, ids), bearer(rpc, NORTH)
                )
        assert await store.count(NORTH, kind, {}, 100) == stored


def test_a_bound_is_said_with_its_number() -> None:
    assert goals._bound("t", 2027).most == MOST_GOALS == 200
    assert "200 goals" in goals._bound("t", 2027).detail
