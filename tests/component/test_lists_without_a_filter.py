"""A list without a filter, one rule for all: what the caller may see of everybody she is given of
everybody, and else what is hers. Nothing is empty because it was not said whose is meant."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.filled import Filled
from tests.support.operations import Route, caller_of, routes

ADMIN, PARTNER = "admin-01", "sis?relationships.read+acknowledgments.read+roster.read"
LISTS = [
    route
    for route in routes(Filled())
    if route.operation.startswith("list_") and "{" not in route.template
]
OF_EVERYBODY = """list_people list_classes list_grants list_covers list_matches list_relationships
    list_enrollments list_circles list_trainings list_acknowledgments list_erasures
    list_artifact_erasures""".split()
OF_NOBODY = """list_imports list_orgs list_academic_sessions list_instruments list_tools
    list_statements list_measures list_policies list_partners list_programs
    list_process_templates list_frameworks list_strategies list_trees
    list_disclosures list_coaching_rounds""".split()
OF_WHOEVER_ASKS = """list_agreements list_drafts list_goal_shares list_observation_shares
    list_administration_shares list_received_administration_shares
    list_received_goal_shares list_received_observation_shares list_take_out_parts
    list_planning_entries list_coaching_requests list_coaching_offers list_community_meetings
    list_takeaways list_pair_suggestions""".split()
HERS = """list_goals list_trials list_walks list_celebrations list_coaching_sessions
    list_administrations
    list_observations list_timeline list_looks list_receipts list_personal_records""".split()


@pytest.fixture(scope="module")
async def north() -> Filled:
    platform = Filled()
    await platform.fill("north")
    return platform


async def listed(north: Filled, who: str, route: Route, query: str = "") -> list[Any]:
    answer = await north.ask(f"north/{who}", "GET", f"{route.template}?page_size=200{query}")
    (found,) = [each for each in answer.json().values() if isinstance(each, list)]
    return found


def of(operations: list[str]) -> list[Route]:
    return [each for each in LISTS if each.operation in operations]


def test_each_list_is_of_one_of_these() -> None:
    assert {each.operation for each in LISTS} == {
        *OF_EVERYBODY,
        *OF_NOBODY,
        *HERS,
        *OF_WHOEVER_ASKS,
    }


@pytest.mark.parametrize("route", of(OF_EVERYBODY), ids=lambda each: each.operation)
async def test_of_everybody_for_the_district(north: Filled, route: Route) -> None:
    """More than of the administrator alone, and of whoever is named on her own."""
    found = await listed(north, ADMIN, route)
    assert found
    names = {each["name"] for each in route.parameters}
    for name in names & {"teacher_id", "coach_id", "person_id", "substitute_id"}:
        hers = await listed(north, ADMIN, route, f"&{name}=me")
        assert len(hers) < len(found)


@pytest.mark.parametrize(
    "route", of(["list_relationships", "list_acknowledgments", "list_classes"]),
    ids=lambda each: each.operation,
)  # fmt: skip
async def test_of_everybody_for_a_partner_with_the_scope(north: Filled, route: Route) -> None:
    assert await listed(north, PARTNER, route) == [
        {**each, "allowed": []} if "allowed" in each else each
        for each in await listed(north, ADMIN, route)
    ]


@pytest.mark.parametrize("route", of([*HERS, "list_classes", "list_relationships"]))
async def test_of_hers_for_a_teacher(north: Filled, route: Route) -> None:
    found = await listed(north, "teacher-0001", route)
    assert found
    hers = "person_id" in {each["name"] for each in route.parameters}
    name = "person_id" if hers else "teacher_id"
    assert found == await listed(north, "teacher-0001", route, f"&{name}=me")


@pytest.mark.parametrize("route", of(OF_WHOEVER_ASKS), ids=lambda each: each.template)
async def test_what_is_nobody_elses_is_of_whoever_asks(north: Filled, route: Route) -> None:
    """There is no way to name another."""
    assert not {each["name"] for each in route.parameters} & {"teacher_id", "person_id"}
    assert await listed(north, caller_of(route.operation, "north").partition("/")[2], route)
    assert await listed(north, ADMIN, route) == []


@pytest.mark.parametrize("operation", ["list_grants", "list_covers", "list_acknowledgments"])
async def test_of_hers_for_whoever_is_named(north: Filled, operation: str) -> None:
    (route,) = of([operation])
    everybody = await listed(north, ADMIN, route)
    people = {
        each.get(name)
        for each in everybody
        for name in ("person_id", "teacher_id", "substitute_id")
    } - {None}
    assert people
    for who in people:
        hers = await listed(north, who, route)
        mine = [each for each in everybody if who in each.values()]
        key = next(name for name in mine[0] if name.endswith("_id"))
        assert {each[key] for each in hers} == {each[key] for each in mine}
