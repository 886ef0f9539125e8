"""Who may do what: every operation asked by everybody, over REST and gRPC, beside what is
promised. And every policy widened by one grant, which must show."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import grpc
import pytest

from services.access.access import Access
from services.access.decision import Decision
from services.access.policy import Policy
from services.chassis.call import Call
from tests.support.exchanges import NEVER_ENDING, OF_BYTES, assert_golden
from tests.support.filled import Filled, unfilled
from tests.support.operations import ANONYMOUS, Route, example_body, ids_for, routes
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
ROLES = ("teacher", "coach", "party", "shared_with", "coaching", "staff", "district_admin")
GRANTS = (*ROLES, "anonymous", "scopes")
APART = (NEVER_ENDING, OF_BYTES, *ANONYMOUS)
STALE = '"999"'
# What is asked once more, of what is hers and shown: the usual request is of the caller's own, or
# of what is hidden from all but one. Operation -> what it names, by the ids of the platform.
_SHARED = """get_observation record_scores reschedule_observation complete_observation
    reopen_observation cancel_observation hand_over_observation share_observation""".split()
AGAIN: Mapping[str, Mapping[str, str]] = {
    "list_relationships": {"teacher_id": "teacher_id"},
    "list_classes": {"teacher_id": "teacher_id"},
    "list_grants": {"person_id": "teacher_id"},
    "list_covers": {"teacher_id": "teacher_id"},
    "add_provisional_person": {"person_id": "teacher_id"},
    "withdraw_provisional_person": {"person_id": "teacher_id"},
    "list_acknowledgments": {"person_id": "teacher_id"},
    "list_looks": {"person_id": "teacher_id"},
    **{each: {"observation_id": "shared_observation"} for each in _SHARED},
}
# What is never about anybody but who asks: no grant lets her further than that.
_SHARES = ("create_{}_share", "list_{}_shares", "list_received_{}_shares")
OWN_ALONE = (
    "get_own_caseload",
    "acknowledge_statement",
    *(each.format("goal") for each in _SHARES),
    *(each.format("observation") for each in _SHARES),
)
Answers = Mapping[str, str]  # who -> what was answered


@dataclass
class World:
    platform: Filled
    channels: Mapping[str, grpc.aio.Channel]

    def policies(self, service: str) -> dict[str, Policy]:
        api = self.platform.services[service].api
        assert api is not None
        return api.policies

    async def rest(self, route: Route, again: bool = False) -> Answers:
        return {who: await self.ask(route, token, again) for who, token in PEOPLE.items()}

    async def ask(self, route: Route, token: str, again: bool = False) -> str:
        """Nothing is changed: a change comes with a version that was never there."""
        ids = self.platform.ids[NORTH]
        more = self.more(route.operation, again)
        path = route.template.format(**{**ids_for(route.operation, ids), **more})
        asks = {**{name: ids[name] for name in route.asks}, **more}
        query = "&".join(f"{name}={value}" for name, value in asks.items() if value not in path)
        headers = [JSON, *([(b"authorization", f"Bearer {token}".encode())] if token else [])]
        if any(each["name"] == "If-Match" for each in route.parameters):
            headers.append((b"if-match", STALE.encode()))
        body = example_body(self.platform, route, ids) if route.body else None
        answer = await send(
            self.platform.services[route.service].app,
            route.method,
            path + (f"?{query}" if query else ""),
            headers=headers,
            body=json.dumps(body).encode() if body is not None else b"",
        )
        code = f" {answer.json()['code']}" if answer.status >= 400 else ""
        return f"{answer.status}{code}"

    def more(self, operation: str, again: bool) -> Mapping[str, str]:
        named = AGAIN[operation] if again else {}
        return {name: self.platform.ids[NORTH][known] for name, known in named.items()}

    async def grpc(self, rpc: Rpc, again: bool = False) -> Answers:
        return {who: await self._grpc(rpc, token, again) for who, token in PEOPLE.items()}

    async def _grpc(self, rpc: Rpc, token: str, again: bool) -> str:
        request: Any = example(self.platform, rpc, self.platform.ids[NORTH])
        for name, value in self.more(rpc.operation, again).items():
            setattr(request, name, value)
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


SERVICES = tuple(unfilled().services)
ROUTES = [route for service in SERVICES for route in asked(service)]
RPCS = [each for each in rpcs(unfilled()) if each.operation not in APART]


def times(operation: str) -> tuple[bool, ...]:
    """Whether it is the second time that it is asked."""
    return (False, True) if operation in AGAIN else (False,)


def line(operation: str, who: str, again: bool, told: str) -> str:
    return f"{operation}: {who}{', of hers' * again}: {told}"


@pytest.mark.parametrize("service", SERVICES)
async def test_everybody_gets_what_is_promised(world: World, service: str) -> None:
    lines = []
    for route in asked(service):
        for again in times(route.operation):
            answers = await world.rest(route, again)
            lines += [line(route.operation, who, again, told) for who, told in answers.items()]
    for rpc in RPCS:
        if rpc.service == service:
            for again in times(rpc.operation):
                told = await world.grpc(rpc, again)
                name = f"{rpc.operation}, gRPC"
                lines += [line(name, who, again, code) for who, code in told.items()]
    assert_golden(f"who_may/{service}.txt", "\n".join(lines) + "\n")


@dataclass(frozen=True)
class Asked:
    """What access was asked of one caller, and by which relation she was let in."""

    teacher: str | None
    parties: tuple[str, ...]
    class_id: str
    hidden: bool
    relation: str
    shared: bool = False  # a share lets her read it, where the policy lets any


@pytest.fixture
def decisions(monkeypatch: pytest.MonkeyPatch) -> dict[str, Asked]:
    """By the caller's id, the newest."""
    made: dict[str, Asked] = {}
    relation_of, granted_of = Access._relation, Access._granted

    async def granted(self: Access, call: Call, *more: Any) -> Decision:
        _, teacher, parties, class_id, _, hidden, *rest = more
        org, shared = rest[:1], next(iter(rest[1:]), None)
        policy = self._policies[call.operation]
        decision = await relation_of(self, policy, call, teacher, parties, class_id, *org)
        reads = bool(shared and call.principal.person and await shared.by(call))
        relation = decision.relation or ("shared_with" if reads and policy.shared_with else "")
        made[call.principal.id if call.district == NORTH else "-"] = Asked(
            teacher, tuple(parties), class_id, hidden, relation, reads
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
        "shared_with": asked.shared,
        "coaching": who in ("her coach", "another coach"),
        "staff": who in STAFF,
        "district_admin": who == "an administrator",
        "anonymous": who == "a partner",
        "scopes": who == "a partner",
    }[grant]


def is_no_more(grant: str, policy: Policy, operation: str, known: Iterable[Asked]) -> bool:
    """Whether a grant lets nobody in because it has nobody to name, or all of them are in."""
    if grant in ("teacher", "coach"):
        return all(each.teacher is None or each.relation for each in known)
    if grant == "party":
        return not any(each.parties for each in known)
    if grant == "shared_with":
        return not any(each.shared and not each.relation for each in known)
    return policy.staff or operation in OWN_ALONE


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
async def test_a_policy_that_grants_one_more_is_noticed(
    world: World, route: Route, decisions: dict[str, Asked]
) -> None:
    policies = world.policies(route.service)
    policy = policies[route.operation]
    seen = list[tuple[str, Asked]]()
    tried = set[str]()
    for again in times(route.operation):
        decisions.clear()
        kept = await world.rest(route, again)
        known = {who: decisions[id_of(who)] for who in PEOPLE if id_of(who) in decisions}
        assert known
        known.setdefault("a partner", BY_ITS_HEAD)
        seen += known.items()
        for grant in GRANTS:
            who = next((each for each, asked in known.items() if lets_in(grant, each, asked)), None)
            if who is None or (grant != "scopes" and getattr(policy, grant)):
                continue
            tried.add(grant)
            widened: Any = {grant: frozenset({"other.scope"}) if grant == "scopes" else True}
            policies[route.operation] = replace(policy, **widened)
            try:
                assert await world.ask(route, PEOPLE[who], again) != kept[who], (grant, who)
            finally:
                policies[route.operation] = policy
    for grant in GRANTS:
        if grant not in tried and not getattr(policy, grant):
            assert is_no_more(grant, policy, route.operation, [asked for _, asked in seen]), grant
