"""Who may do what: every operation asked by everybody, over REST and gRPC, beside what is
promised. And every policy widened by one grant, which must show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from services.access.access import Access
from services.access.decision import Decision
from services.access.policy import Policy
from services.chassis.call import Call
from tests.support.exchanges import assert_golden
from tests.support.operations import Route
from tests.support.who_may import (
    NORTH,
    PEOPLE,
    ROUTES,
    RPCS,
    RPCS_APART,
    SERVICES,
    World,
    apart,
    asked,
    line,
    times,
    whole_world,
)

_NAMED = ("teacher", "coach", "peer", "party", "records_officer", "shared_with")
ROLES = (*_NAMED, "coaching", "program_lead", "staff", "district_admin")
GRANTS = (*ROLES, "anonymous", "scopes")
# What is never about anybody but who asks: no grant lets her further than that.
_SHARES = ("create_{}_share", "list_{}_shares", "list_received_{}_shares")
_OF_A_SESSION = "get reschedule hold miss cancel summarize correct void".split()
OWN_ALONE = (
    "get_own_caseload",
    "get_attention",
    "list_planning_entries",
    "plan_community_meeting",
    "list_community_meetings",
    "list_takeaways",
    "list_agreements",
    "list_coaching_requests",
    "offer_coaching",
    "list_coaching_offers",
    "state_pair_interest",
    "list_pair_suggestions",
    "request_coaching",
    "get_own_pairs",
    "acknowledge_statement",
    "get_check_ins",
    "get_take_out",
    "list_take_out_parts",
    *(each.format("goal") for each in _SHARES),
    *(each.format("observation") for each in _SHARES),
    *(each.format("administration") for each in _SHARES),
    # of a share that she took back: hidden from all but her and one partner (test_receipts.py)
    *("get_receipt", "confirm_deletion"),
    # what is private is hidden from all but its author (test_strategies.py)
    "publish_strategy",
    # hidden from all whom she does not let see it (test_celebrations.py)
    *("choose_celebration_audience", "put_away_celebration", "get_celebration"),
    "correct_celebration_note",
    # hidden from all but its coach and whom it is of (test_coaching_sessions.py)
    *(f"{each}_coaching_session" for each in _OF_A_SESSION),
    "end_session_series",
)


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[World]:
    """Shared, since hardly anything is changed."""
    async with whole_world() as made:
        yield made


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


async def test_everybody_asks_what_stands_apart(world: World) -> None:
    lines = []
    for route in apart():
        answers = await world.rest(route)
        lines += [line(route.operation, who, False, told) for who, told in answers.items()]
    for rpc in RPCS_APART:
        told = await world.grpc(rpc)
        lines += [line(f"{rpc.operation}, gRPC", who, False, code) for who, code in told.items()]
    assert_golden("who_may/apart.txt", "\n".join(lines) + "\n")


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
        policy = self.policies[call.operation]
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
STAFF = (
    *(
        "herself",
        "her coach",
        "of a pair with her",
        "another teacher",
        "another coach",
        "an administrator",
    ),
    "a records officer",
    "a program lead",
)


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
        "peer": about_her and who == "of a pair with her",
        "party": id_of(who) in asked.parties,
        "records_officer": who == "a records officer" and {*asked.parties} == {"teacher-0001"},
        "shared_with": asked.shared,
        "program_lead": leads(who, asked),
        "coaching": who in ("her coach", "another coach"),
        "staff": who in STAFF,
        "district_admin": who == "an administrator",
        "anonymous": who == "a partner",
        "scopes": who == "a partner",
    }[grant]


def leads(who: str, asked: Asked) -> bool:
    """By her grant, which reaches one teacher, unless the thing names who leads it without her."""
    named = not asked.parties or id_of(who) in asked.parties
    return who == "a program lead" and named and asked.teacher in (None, "teacher-0001")


def is_no_more(
    grant: str, policy: Policy, operation: str, seen: Sequence[tuple[str, Asked]]
) -> bool:
    """Whether a grant lets nobody in because it has nobody to name, or all of them are in."""
    known = [asked for _, asked in seen]
    if grant in ("teacher", "coach"):
        return all(each.teacher is None or each.relation for each in known)
    if grant == "peer":
        hers = [asked for who, asked in seen if who == "of a pair with her"]
        return all(each.teacher is None or each.relation or each.hidden for each in hers)
    if grant == "records_officer":
        open_ = [each for each in known if not (each.relation or each.hidden)]
        named = any({*each.parties} == {"teacher-0001"} for each in open_)
        return operation in OWN_ALONE or not named
    if grant == "program_lead":
        hers = [asked for who, asked in seen if who == "a program lead"]
        open_ = [each for each in hers if not (each.relation or each.hidden)]
        named = any(not each.parties or "teacher-0003" in each.parties for each in open_)
        return policy.staff or operation in OWN_ALONE or not named
    if grant == "party":
        let_in = {"", *(id_of(who) for who, asked in seen if asked.relation)}  # "" is nobody
        told_of = operation == "get_access_explanation"  # which names nobody to whom it is about
        return told_of or all(let_in.issuperset(each.parties) for each in known)
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
            assert is_no_more(grant, policy, route.operation, seen), grant
