"""Partners' programs by their scopes, over REST and gRPC: each scope opens what is its own, a
refusal names the one that is needed, and no scope shows what people wrote."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from services.access.policy import SCOPES, SUMS
from services.assembly.personal_records.reading import PERSONAL
from tests.support.exchanges import NEVER_ENDING, OF_BYTES
from tests.support.filled import Filled
from tests.support.operations import ANONYMOUS, SEEN, Ids, Route, example_body, routes
from tests.support.raw_http import JSON, RawAnswer, send
from tests.support.rpcs import Rpc, call, example, rpcs, served

NORTH, CANARY = "north", "Zanzibar77"
CODES = ("focus_skill", "measure_id", "unit")  # events say them, too
# whose things are read, where a program has none of its own
WHOSE: Mapping[str, Mapping[str, str]] = {
    "list_relationships": {"teacher_id": "teacher-0001"},
    "list_acknowledgments": {"person_id": "teacher-0001"},
}


class World:
    def __init__(self, platform: Filled, channels: Mapping[str, grpc.aio.Channel]) -> None:
        self.platform = platform
        self.channels = channels
        self.ids: Ids = platform.ids[NORTH]

    def scopes(self, service: str, operation: str) -> frozenset[str]:
        api = self.platform.services[service].api
        assert api is not None
        return api.policies[operation].scopes

    async def rest(self, route: Route, scopes: frozenset[str]) -> RawAnswer:
        return await self.ask(route, f"{NORTH}/sis?{'+'.join(sorted(scopes))}")

    async def ask(self, route: Route, token: str) -> RawAnswer:
        ids = self.ids | {"observation_id": self.ids["shared_observation"]}
        whose = {**{name: self.ids[name] for name in route.asks}, **WHOSE.get(route.operation, {})}
        body = example_body(self.platform, route, ids) if route.body else None
        seen = SEEN.get(route.operation)
        version = [(b"if-match", seen.encode())] if seen else []
        query = "&".join(f"{name}={value}" for name, value in whose.items())
        return await send(
            self.platform.services[route.service].app,
            route.method,
            route.path(ids) + (f"?{query}" if query else ""),
            headers=[JSON, *version, (b"authorization", f"Bearer {token}".encode())],
            body=json.dumps(body).encode() if body is not None else b"",
        )

    async def grpc(self, rpc: Rpc, scopes: frozenset[str]) -> str:
        """The reason and the text of a refusal, empty where it is none."""
        ids = self.ids | {"observation_id": self.ids["shared_observation"]}
        request: Any = example(self.platform, rpc, ids)
        for name, value in WHOSE.get(rpc.operation, {}).items():
            setattr(request, name, value)
        token = f"{NORTH}/sis?{'+'.join(sorted(scopes))}"
        try:
            metadata = (("authorization", f"Bearer {token}"),)
            await call(self.channels[rpc.service], rpc, request, metadata)
        except grpc.aio.AioRpcError as error:
            return f"{reason_of(error)} {error.details()}"
        return ""


def reason_of(error: Any) -> str:
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    assert status is not None
    assert any(each.Unpack(info) for each in status.details)
    return str(info.reason)


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[World]:
    platform = Filled()
    await platform.fill(NORTH, canary=CANARY)
    async with served(platform) as channels:
        yield World(platform, channels)


PLAIN = Filled()
READS = [
    each
    for each in routes(PLAIN)
    if each.method == "GET" and each.operation not in {NEVER_ENDING, *ANONYMOUS}
]
MISSING = re.compile(r"{(?!school_year|progress_number)\w+}")
OF_ONE = [
    each
    for each in routes(PLAIN)
    if MISSING.search(each.template) and each.operation not in {NEVER_ENDING, *ANONYMOUS}
]
RPCS = [each for each in rpcs(PLAIN) if each.operation not in (NEVER_ENDING, OF_BYTES)]


@pytest.mark.parametrize("route", READS, ids=lambda route: route.operation)
async def test_a_read_is_opened_by_its_scope_alone(world: World, route: Route) -> None:
    needed = world.scopes(route.service, route.operation)
    refused = await world.rest(route, SCOPES - needed - SUMS.keys())
    code = refused.json()["code"]
    if not needed:
        assert (refused.status, code) in ((403, "forbidden"), (422, "not_a_person"))
        return
    (scope,) = needed
    assert (refused.status, code) == (403, "scope_missing")
    assert refused.json()["detail"] == f"This needs the scope {scope}."
    assert (await world.rest(route, needed)).status == 200


@pytest.mark.parametrize("rpc", RPCS, ids=lambda rpc: f"{rpc.service}-{rpc.operation}")
async def test_an_rpc_is_opened_by_its_scope_alone(world: World, rpc: Rpc) -> None:
    journal = frozenset({f"{rpc.service}.journal.read"})
    api = world.platform.services[rpc.service].api
    assert api is not None
    policy = api.policies.get(rpc.operation)
    needed = journal if policy is None else policy.scopes
    if policy is not None and (policy.anonymous or not needed):
        return
    (scope,) = needed
    told = await world.grpc(rpc, SCOPES - needed - SUMS.keys())
    assert told == f"SCOPE_MISSING This needs the scope {scope}."
    assert "SCOPE_MISSING" not in await world.grpc(rpc, needed)


def words_in(found: Any, key: str = "") -> Iterator[str]:
    """Fields that hold what somebody wrote, and are no name of a person, title or code."""
    if isinstance(found, dict):
        for name, each in found.items():
            yield from words_in(each, name)
    elif isinstance(found, list):
        for each in found:
            yield from words_in(each, key)
    elif CANARY in str(found) and not key.endswith(("_name", "_title")) and key not in CODES:
        yield key


def test_there_are_things_to_ask_for() -> None:
    assert len(OF_ONE) > 20


@pytest.mark.parametrize("route", OF_ONE, ids=lambda route: route.operation)
async def test_without_the_scope_nobody_learns_what_there_is(world: World, route: Route) -> None:
    token = f"{NORTH}/sis?other.scope"
    there = await world.ask(route, token)
    missing = await world.ask(replace(route, template=MISSING.sub("none", route.template)), token)
    assert (there.status, there.json()["code"]) == (missing.status, missing.json()["code"])
    assert there.json()["detail"] == missing.json()["detail"]


async def test_what_people_wrote_is_in_no_answer_to_a_partner(world: World) -> None:
    """What is nobody's, as the texts of instruments, is no secret."""
    kept = set()
    for route in READS:
        api = world.platform.services[route.service].api
        assert api is not None
        policy = api.policies[route.operation]
        if not policy.scopes or not policy.about or route.service == "roster":
            continue
        shown = await world.rest(route, SCOPES)
        assert not list(words_in(shown.json())), route.operation
        hers = await world.ask(route, f"{NORTH}/teacher-0001")
        if hers.status == 200 and list(words_in(hers.json())):
            kept.add(route.operation)
    told = {"get_goal", "list_goals", "list_progress", "list_revisions", "get_observation"}
    assert kept == told


@pytest.mark.parametrize("name", ["observation_id", "complete_observation"])
async def test_an_observation_is_shown_to_a_partner_once_it_is_shared(
    world: World, name: str
) -> None:
    (route,) = (each for each in READS if each.operation == "get_observation")
    hidden = await world.ask(
        replace(route, template=route.template.format(observation_id=world.ids[name])),
        f"{NORTH}/sis?observations.read",
    )
    assert (hidden.status, hidden.json()["code"]) == (404, "not_found")
    (route,) = (each for each in READS if each.operation == "list_observations")
    listed = await world.rest(route, frozenset({"observations.read"}))
    ids = [each["observation_id"] for each in listed.json()["observations"]]
    assert ids == [world.ids["shared_observation"]]


@pytest.mark.parametrize("route", READS, ids=lambda route: route.operation)
async def test_a_list_of_whoever_asks_needs_a_name_of_a_partner(world: World, route: Route) -> None:
    """A program is nobody: it has no goals of its own."""
    if not any(each["name"] in ("teacher_id", "person_id") for each in route.parameters):
        return
    of_all = """list_classes list_grants list_covers list_matches list_relationships
        list_acknowledgments list_receipts""".split()
    alone = """list_agreements list_timeline list_looks list_coaching_sessions list_enrollments
        list_circles list_trainings list_trials list_walks list_celebrations
        get_access_explanation
        list_artifact_erasures""".split()
    if route.operation in (*alone, PERSONAL, *of_all) or "{" in route.template:
        return
    answer = await send(
        world.platform.services[route.service].app,
        "GET",
        route.template,
        headers=[JSON, (b"authorization", f"Bearer {NORTH}/sis?{'+'.join(SCOPES)}".encode())],
    )
    assert (answer.status, answer.json()["code"]) == (422, "not_a_person")
