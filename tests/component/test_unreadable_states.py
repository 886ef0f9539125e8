"""One document that a newer build has stored: every list goes on without it and says so, over
REST and gRPC; by itself it answers 503, and nobody writes it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import grpc
import pytest

from services.chassis.views.decode import message_class
from services.chassis.write.memory_documents import MemoryDocuments
from tests.support.filled import Filled, unfilled
from tests.support.operations import caller_of, example_body, ids_for, routes
from tests.support.policies import signed
from tests.support.rpcs import bearer, call, example, rpcs, served

NORTH = "north"
LISTS = {
    "list_people": "person",
    "list_staff": "person",
    "list_classes": "class",
    "list_orgs": "org",
    "list_grants": "grant",
    "list_covers": "cover",
    "list_matches": "match",
    "list_academic_sessions": "session",
    "list_celebrations": "celebration",
    "list_goals": "goal",
    "list_measures": "measure",
    "list_strategies": "strategy",
    "list_trials": "trial",
    "list_trees": "tree",
    "list_frameworks": "framework",
    "list_walks": "walk",
    "list_relationships": "relationship",
    "list_programs": "program",
    "list_coaching_sessions": "coaching_session",
    "list_enrollments": "enrollment",
    "list_circles": "circle",
    "list_planning_entries": "planning_entry",
    "list_community_meetings": "community_meeting",
    "list_takeaways": "takeaway",
    "list_trainings": "training",
    "list_agreements": "agreement",
    "list_coaching_rounds": "coaching_round",
    "list_coaching_requests": "coaching_request",
    "list_coaching_offers": "coaching_offer",
    "list_coach_suggestions": "coaching_offer",
    "list_pair_suggestions": "pair_interest",
    "list_instruments": "instrument",
    "list_administrations": "administration",
    "list_open_administrations": "administration",
    "list_tools": "tool",
    "list_observations": "observation",
    "list_statements": "statement",
    "list_acknowledgments": "acknowledgment",
    "list_erasures": "erasure",
    "list_artifact_erasures": "artifact_erasure",
    "list_policies": "policy",
    "list_partners": "partner",
    "list_receipts": "receipt",
    "list_goal_shares": "share",
    "list_received_goal_shares": "share",
    "list_observation_shares": "share",
    "list_received_observation_shares": "share",
    "list_administration_shares": "share",
    "list_received_administration_shares": "share",
}
ROUTES = {each.operation: each for each in routes(unfilled())}
RPCS = {each.operation: each for each in rpcs(unfilled())}
# With whom a teacher had something stands in what is newer: test_unreadable_beside.py.
NOT_GUESSED = "list_coach_suggestions"
Site = tuple[Filled, Mapping[str, grpc.aio.Channel]]


def test_every_list_is_looked_at() -> None:
    """But for what has left a goal (`tests/support/entries_suite.py`), for views, which hold no
    states, and for imports, which are jobs and no states either."""
    lists = {name for name in ROUTES if name.startswith("list_")}
    lists -= {"list_progress", "list_revisions", "list_timeline", "list_imports", "list_looks"}
    lists.remove("list_disclosures")  # counted from looks
    lists.remove("list_drafts")  # no states of the write path: tests/contract/test_drafts.py
    lists.remove("list_process_templates")  # files of the package
    lists.remove("list_standards")  # which are in one framework's document
    lists -= {"list_personal_records", "list_take_out_parts"}  # of them all is told or none
    assert lists == LISTS.keys()


async def another_policy(platform: Filled) -> None:
    """Which takes that the first is enacted, and words that are newer."""
    ids, admin, v1 = platform.ids[NORTH], f"{NORTH}/admin-01", "/privacy/v1"
    place = f"{v1}/policies/{ids['policy_id']}"
    policy = (await platform.ask(admin, "GET", place)).json()
    for by in ("union", "district"):
        await platform.ask(admin, "POST", f"{place}/sign", signed(policy, by))
    platform.clock.forward(seconds=1)
    await platform.ask(admin, "POST", f"{v1}/statements/{ids['draft_statement']}/publish")
    body = example_body(platform, "propose_policy", ids)
    body |= {"number": 2, "statement_id": ids["draft_statement"]}
    await platform.ask(admin, "POST", f"{v1}/policies", body)


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    """Of each kind all documents but the first are of another schema, and every enrollment: in one
    program she has one, and its id is one by chance."""
    platform = Filled()
    await platform.fill(NORTH, anew=True)  # so it knows the instruments and tools that are used
    measure = {"title": "Wait time", "unit": "seconds", "direction": "increase"}
    await platform.ask(f"{NORTH}/admin-01", "PUT", "/goals/v1/measures/wait-time", measure)
    await another_policy(platform)
    body = example_body(platform, "write_planning_entry", platform.ids[NORTH])
    await platform.ask(f"{NORTH}/teacher-0001", "POST", "/programs/v1/planning-entries", body)
    for service in platform.services.values():
        store = service.backing.store
        assert isinstance(store, MemoryDocuments)
        seen = {"enrollment"}
        for id_, each in sorted(store._stored.items()):
            if id_ == platform.ids[NORTH]["community_meeting_id"]:
                continue  # by which it is decided who may list what is taken away from it
            if each.document.kind in seen:
                each.document = replace(each.document, schema=99)
            seen.add(each.document.kind)
    async with served(platform) as channels:
        yield platform, channels


@pytest.mark.parametrize("operation", LISTS)
async def test_a_list_goes_on_without_what_it_cannot_read(site: Site, operation: str) -> None:
    platform, channels = site
    route, rpc, ids = ROUTES[operation], RPCS[operation], platform.ids[NORTH]
    query = "?" + "&".join(f"{name}={ids[name]}" for name in route.asks)
    path, status = route.path(ids) + query, 503 if operation == NOT_GUESSED else 200
    answer = (await platform.ask(caller_of(operation, NORTH), "GET", path, status=status)).json()
    request = example(platform, rpc, ids)
    if operation == NOT_GUESSED:
        assert answer["code"] == "needs_upgrade"
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(channels[rpc.service], rpc, request, bearer(rpc, NORTH))
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        return
    assert answer["left_out"] > 0
    response: Any = message_class(rpc.method.output_type.full_name)()
    response.ParseFromString(await call(channels[rpc.service], rpc, request, bearer(rpc, NORTH)))
    assert response.left_out > 0


async def test_by_itself_it_is_not_there_for_now_and_is_not_written(site: Site) -> None:
    platform, _ = site
    store = platform.services["goals"].backing.store
    assert isinstance(store, MemoryDocuments)
    goal = platform.ids[NORTH]["goal_id"]
    stored = store._stored[goal]
    stored.document = replace(stored.document, schema=99)
    before = stored.read()
    ids = ids_for("record_progress", platform.ids[NORTH])
    for method, path, body in (
        ("GET", f"/goals/v1/goals/{ids['goal_id']}", None),
        ("POST", f"/goals/v1/goals/{ids['goal_id']}/progress", {"value": 1}),
    ):
        answer = await platform.ask(f"{NORTH}/teacher-0001", method, path, body, status=503)
        assert answer.json()["code"] == "needs_upgrade"
        assert "retry-after" in answer.headers
    assert stored.read() == before
