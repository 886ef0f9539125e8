"""Who may do what: every operation asked by everybody, over REST and gRPC, beside what is
promised. And every policy widened by one grant, which must show."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import grpc
import pytest

from services.access.access import Access, Decision
from services.access.policy import Policy
from services.chassis.call import Call
from tests.support.exchanges import FIRST, NEVER_ENDING, OF_BYTES, assert_golden
from tests.support.filled import Filled
from tests.support.operations import Route, example_body, routes
from tests.support.raw_http import JSON, send
from tests.support.rpcs import Rpc, call, example, rpcs, served

NORTH = "north"
# who she is to the teacher `teacher-0001`, whose everything here is
PEOPLE: Mapping[str, str] = {
    "herself": f"{NORTH}/teacher-0001",
    "her coach": f"{NORTH}/coach-01",
    "another teacher": f"{NORTH}/teacher-0002",
    "another coach": f"{NORTH}/coach-02",
    "an administrator": f"{NORTH}/admin-01",
    "a stranger": f"{NORTH}/nobody",
    "a partner": f"{NORTH}/sis?other.scope",
    "somebody of another district": "south/teacher-0001",
    "nobody": "",
}
ROLES = ("teacher", "coach", "party", "coaching", "staff", "district_admin")
GRANTS = (*ROLES, "anonymous", "scopes")
APART = (NEVER_ENDING, OF_BYTES, *FIRST)
STALE = '"999"'
Answers = Mapping[str, str]  # who -> what was answered


@dataclass
class World:
    platform: Filled
    channels: Mapping[str, grpc.aio.Channel]

    def policies(self, service: str) -> dict[str, Policy]:
        api = self.platform.services[service].api
        assert api is not None
        return api.policies

    async def rest(self, route: Route) -> Answers:
        return {who: await self.ask(route, token) for who, token in PEOPLE.items()}

    async def ask(self, route: Route, token: str) -> str:
        """Nothing is changed: a change comes with a version that was never there."""
        ids = self.platform.ids[NORTH]
        query = "&".join(f"{name}={ids[name]}" for name in route.asks)
        headers = [JSON, *([(b"authorization", f"Bearer {token}".encode())] if token else [])]
        if any(each["name"] == "If-Match" for each in route.parameters):
            headers.append((b"if-match", STALE.encode()))
        body = example_body(self.platform, route.operation, ids) if route.body else None
        answer = await send(
            self.platform.services[route.service].app,
            route.method,
            route.path(ids) + (f"?{query}" if query else ""),
            headers=headers,
            body=json.dumps(body).encode() if body is not None else b"",
        )
        code = f" {answer.json()['code']}" if answer.status >= 400 else ""
        return f"{answer.status}{code}"

    async def grpc(self, rpc: Rpc) -> Answers:
        return {who: await self._grpc(rpc, token) for who, token in PEOPLE.items()}

    async def _grpc(self, rpc: Rpc, token: str) -> str:
        request: Any = example(self.platform, rpc, self.platform.ids[NORTH])
        if "etag" in request.DESCRIPTOR.fields_by_name:
            request.etag = STALE
        metadata = (("authorization", f"Bearer {token}"),) if token else (("x-none", ""),)
        try:
            await call(self.channels[rpc.service], rpc, request, metadata)
        except grpc.aio.AioRpcError as error:
            return error.code().name
        return "OK"


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[World]:
    """Shared, since hardly anything is changed."""
    platform = Filled()
    await platform.fill(NORTH)
    await platform.fill("south")
    async with served(platform) as channels:
        yield World(platform, channels)


def asked(service: str) -> Iterator[Route]:
    for route in routes(Filled()):
        if route.service == service and route.operation not in APART:
            yield route


SERVICES = tuple(Filled().services)
ROUTES = [route for service in SERVICES for route in asked(service)]
RPCS = [each for each in rpcs(Filled()) if each.operation not in APART]


@pytest.mark.parametrize("service", SERVICES)
async def test_everybody_gets_what_is_promised(world: World, service: str) -> None:
    lines = []
    for route in asked(service):
        answers = await world.rest(route)
        lines += [f"{route.operation}: {who}: {status}" for who, status in answers.items()]
    for rpc in RPCS:
        if rpc.service == service:
            told = await world.grpc(rpc)
            lines += [f"{rpc.operation}, gRPC: {who}: {code}" for who, code in told.items()]
    assert_golden(f"who_may/{service}.txt", "\n".join(lines) + "\n")


@dataclass(frozen=True)
class Asked:
    """What access was asked of one caller, and by which relation she was let in."""

    teacher: str | None
    parties: tuple[str, ...]
    class_id: str
    hidden: bool
    relation: str


@pytest.fixture
def decisions(monkeypatch: pytest.MonkeyPatch) -> dict[str, Asked]:
    """By the caller's id, the newest."""
    made: dict[str, Asked] = {}
    relation_of, granted_of = Access._relation, Access._granted

    async def granted(self: Access, call: Call, *more: Any) -> Decision:
        _, teacher, parties, class_id, _, hidden, *org = more
        policy = self._policies[call.operation]
        decision = await relation_of(self, policy, call, teacher, parties, class_id, *org)
        relation = decision.relation
        made[call.principal.id if call.district == NORTH else "-"] = Asked(
            teacher, tuple(parties), class_id, hidden, relation
        )
        return await granted_of(self, call, *more)

    monkeypatch.setattr(Access, "_granted", granted)
    return made


# a partner without the scope is refused before access is asked about anything
BY_ITS_HEAD = Asked(None, (), "", False, "")
STAFF = ("herself", "her coach", "another teacher", "another coach", "an administrator")


def id_of(who: str) -> str:
    """Empty for those who are not of the district."""
    district, _, caller = PEOPLE[who].partition("/")
    return caller.partition("?")[0] if district == NORTH else ""


def lets_in(grant: str, who: str, asked: Asked) -> bool:
    """Whether one more grant lets somebody in who was not."""
    if asked.relation or asked.hidden:
        return False
    about_her = asked.teacher == "teacher-0001"
    return {
        "teacher": about_her and who == "herself",
        "coach": about_her and who == "her coach",
        "party": id_of(who) in asked.parties,
        "coaching": who in ("her coach", "another coach"),
        "staff": who in STAFF,
        "district_admin": who == "an administrator",
        "anonymous": who == "a partner",
        "scopes": who == "a partner",
    }[grant]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
async def test_a_policy_that_grants_one_more_is_noticed(
    world: World, route: Route, decisions: dict[str, Asked]
) -> None:
    policies = world.policies(route.service)
    policy = policies[route.operation]
    kept = await world.rest(route)
    known = {who: decisions[id_of(who)] for who in PEOPLE if id_of(who) in decisions}
    assert known
    known.setdefault("a partner", BY_ITS_HEAD)
    for grant in GRANTS:
        who = next((each for each, asked in known.items() if lets_in(grant, each, asked)), None)
        if who is None or (grant != "scopes" and getattr(policy, grant)):
            continue
        widened: Any = {grant: frozenset({"other.scope"}) if grant == "scopes" else True}
        policies[route.operation] = replace(policy, **widened)
        try:
            assert await world.ask(route, PEOPLE[who]) != kept[who], (grant, who)
        finally:
            policies[route.operation] = policy
