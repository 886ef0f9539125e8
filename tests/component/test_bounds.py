"""Each create that makes somebody's rows or lists grow is refused at its bound, over REST and
gRPC, by name and number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

import services.goals.goal.cases as goals
import services.observations.observation.cases as observations
import services.observations.tool.cases as tools
import services.surveys.administration.cases as administrations
import services.surveys.instrument.cases as instruments
from tests.support.documents_suite import bound
from tests.support.filled import Filled, unfilled
from tests.support.filling import COACH, TEACHER
from tests.support.operations import caller_of, example_body, routes
from tests.support.rpcs import bearer, call, example, rpcs, served
from tests.support.small_district import YEAR

NORTH = "north"
ROUTES = {each.operation: each for each in routes(unfilled())}
RPCS = {each.operation: each for each in rpcs(unfilled())}
# operation -> kind, code, and how the bound is set in the use case
BOUNDS: Mapping[str, tuple[str, str, Any]] = {
    "draft_goal": (
        "goal",
        "too_many_goals",
        patch.object(goals, "SHARE", replace(goals.SHARE, most=5)),
    ),
    "schedule_observation": (
        "observation",
        "too_many_observations",
        patch.object(observations, "SHARE", replace(observations.SHARE, most=5)),
    ),
    "schedule_administration": (
        "administration",
        "too_many_administrations",
        patch.object(administrations, "SHARE", replace(administrations.SHARE, most=5)),
    ),
    "draft_tool": ("tool", "too_many_tools", patch.object(tools, "MOST_TOOLS", 5)),
    "draft_instrument": (
        "instrument",
        "too_many_instruments",
        patch.object(instruments, "MOST_INSTRUMENTS", 5),
    ),
}


@pytest.mark.parametrize("operation", BOUNDS)
async def test_a_create_ends_at_its_bound(operation: str) -> None:
    kind, code, lowered = BOUNDS[operation]
    platform = Filled()
    await platform.fill(NORTH)
    route, rpc, ids = ROUTES[operation], RPCS[operation], platform.ids[NORTH]
    store = platform.services[route.service].backing.store
    body = example_body(platform, operation, ids)
    who = caller_of(operation, NORTH)
    with lowered:
        refusal: Any = None
        for _ in range(6):
            async with platform.client(route.service, who) as client:
                answer = await client.post(route.path(ids), json=body)
            if answer.status_code != 201:
                refusal = answer
                break
        assert refusal is not None
        assert (refusal.status_code, refusal.json()["code"]) == (409, code)
        assert "at most 5 " in refusal.json()["detail"]
        (stored,) = await store.counts(NORTH, kind, [bound({}, 100)])
        assert stored >= 5
        async with served(platform) as channels:
            with pytest.raises(Exception, match="FAILED_PRECONDITION"):
                await call(
                    channels[rpc.service], rpc, example(platform, rpc, ids), bearer(rpc, NORTH)
                )
        assert await store.counts(NORTH, kind, [bound({}, 100)]) == [stored]


# operation -> where its share is set, and how what it made is taken back
HERS: Mapping[str, tuple[Any, str]] = {
    "draft_goal": (goals, "withdraw"),
    "schedule_administration": (administrations, "cancel"),
    "schedule_observation": (observations, "cancel"),
}


class Planning:
    """What a teacher and her coach plan of her next year, in which there is nothing yet."""

    def __init__(self, platform: Filled, operation: str) -> None:
        self.platform, self.route = platform, ROUTES[operation]
        self.body = example_body(platform, operation, platform.ids[NORTH])
        self.body |= {"school_year": YEAR + 1}

    async def plan(self, who: str) -> tuple[int, str]:
        """Status, and place or code."""
        async with self.platform.client(self.route.service, f"{NORTH}/{who}") as client:
            answer = await client.post(self.route.template, json=self.body)
        if answer.status_code == 201:
            return 201, answer.headers["location"]
        return answer.status_code, answer.json()["code"]

    async def plan_many(self, who: str, times: int) -> list[int]:
        return [(await self.plan(who))[0] for _ in range(times)]


@pytest.mark.parametrize("operation", HERS)
async def test_others_use_up_no_more_of_a_teachers_year_than_their_share(operation: str) -> None:
    module, _ = HERS[operation]
    platform = Filled()
    await platform.fill(NORTH)
    planning = Planning(platform, operation)
    share = replace(module.SHARE, most=4, by_others=2)
    with patch.object(module, "SHARE", share):
        assert await planning.plan_many(COACH, 3) == [201, 201, 409]
        assert await planning.plan_many(TEACHER, 3) == [201, 201, 409]
        assert (await planning.plan(COACH))[1] == share.code


@pytest.mark.parametrize("operation", HERS)
async def test_what_was_taken_back_counts_only_for_who_plans_without_end(operation: str) -> None:
    module, back = HERS[operation]
    platform = Filled()
    await platform.fill(NORTH)
    planning = Planning(platform, operation)
    with (
        patch.object(module, "SHARE", replace(module.SHARE, most=2, by_others=1, ever=4)),
        patch("services.chassis.write.quota.FULL_SECONDS", 0.0),
    ):
        answers = []
        for _ in range(5):
            status, place = await planning.plan(COACH)
            answers.append(status)
            if status == 201:
                await platform.ask(f"{NORTH}/{COACH}", "POST", f"{place}/{back}")
        assert answers == [201, 201, 201, 201, 409]
        assert await planning.plan_many(TEACHER, 3) == [201, 201, 409]


def test_the_shares_of_the_house() -> None:
    told = {
        each.noun: (each.most, each.by_others, each.by_one, each.ever)
        for each in (goals.SHARE, administrations.SHARE, observations.SHARE)
    }
    assert told == {
        "goals": (200, 100, 67, 500),
        "surveys": (200, 100, 67, 500),
        "observations": (400, 300, 200, 1_000),
    }


OWN: Mapping[str, tuple[str, Any, str]] = {
    "draft_tool": ("tool", tools, "MOST_OWN_TOOLS"),
    "draft_instrument": ("instrument", instruments, "MOST_OWN_INSTRUMENTS"),
}


class Shelf:
    """What one person after another drafts, over REST."""

    def __init__(self, platform: Filled, operation: str) -> None:
        self.platform, self.operation, self.kind = platform, operation, OWN[operation][0]
        self.body = example_body(platform, operation, platform.ids[NORTH])
        self.place = ROUTES[operation].template

    async def draft(self, who: str) -> tuple[int, str]:
        """Status, and id or code."""
        async with self.platform.client(ROUTES[self.operation].service, f"{NORTH}/{who}") as client:
            answer = await client.post(self.place, json=self.body)
        said = answer.json()
        return answer.status_code, said.get(f"{self.kind}_id") or said["code"]

    async def withdraw(self, who: str, id_: str) -> None:
        await self.platform.ask(f"{NORTH}/{who}", "POST", f"{self.place}/{id_}/withdraw")


@pytest.mark.parametrize("operation", OWN)
async def test_nobody_uses_up_alone_what_a_district_may_have(operation: str) -> None:
    kind, module, bound = OWN[operation]
    platform = Filled()
    await platform.fill(NORTH)
    shelf = Shelf(platform, operation)
    with patch.object(module, bound, 2), patch.object(module, "MOST_DRAFTS", 4):
        made = [await shelf.draft("teacher-0001") for _ in range(3)]
        assert [status for status, _ in made] == [201, 201, 409]
        assert made[2][1] == f"too_many_own_{kind}s"
        assert (await shelf.draft("teacher-0002"))[0] == 201


@pytest.mark.parametrize("operation", OWN)
async def test_what_was_withdrawn_counts_only_for_who_drafts_without_end(operation: str) -> None:
    _, module, bound = OWN[operation]
    platform = Filled()
    await platform.fill(NORTH)
    shelf = Shelf(platform, operation)
    answers = []
    with (
        patch.object(module, bound, 2),
        patch.object(module, "MOST_DRAFTS", 4),
        patch("services.chassis.write.quota.FULL_SECONDS", 0.0),
    ):
        for _ in range(5):
            status, made = await shelf.draft("teacher-0001")
            answers.append(status)
            if status == 201:
                await shelf.withdraw("teacher-0001", made)
    assert answers == [201, 201, 201, 201, 409]


def test_the_numbers_of_the_house() -> None:
    for each in (tools, instruments):
        own, drafts, all_of_them = each._bounds("a")
        assert (own.most, drafts.most, all_of_them.most) == (200, 1_000, 2_000)
        assert own.where == drafts.where == {"drafted_by": "a"}
        assert own.unless == all_of_them.unless == {"state": "withdrawn"}
