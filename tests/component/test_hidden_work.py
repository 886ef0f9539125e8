"""What a teacher does not show her coach is in no answer to that coach, whatever it is an answer
about: no id of such a thing, over REST and gRPC, of whatever operation."""

from __future__ import annotations

import json
from collections.abc import Mapping

import grpc
import pytest

from tests.support.exchanges import NEVER_ENDING, OF_BYTES
from tests.support.filled import Filled
from tests.support.filling import COACH, TEACHER
from tests.support.operations import ANONYMOUS, Ids, example_body, routes
from tests.support.raw_http import JSON, send
from tests.support.rpcs import call, example, rpcs, served

NORTH = "north"
WORKS = {"goals": "goal", "observations": "observation", "surveys": "administration"}
# answers that say of one kind of work what another is to it, and of each what it is itself
TOLD_OF = {
    "goals": {
        *("get_observation", "list_observations", "list_timeline", "record_scores"),
        *("get_administration", "list_administrations", "get_caseload", "get_card", "get_goal"),
    },
    "observations": {"get_observation", "list_timeline", "get_caseload"},
    "surveys": {"get_administration", "list_timeline", "get_caseload"},
}


async def north(shown: set[str]) -> Filled:
    """Where the teacher shows her coach these kinds of work."""
    platform = Filled()
    await platform.fill(NORTH)
    path = f"/programs/v1/relationships/{platform.ids[NORTH]['relationship_id']}/accept"
    sees = {"coach_sees": sorted(shown)}
    await platform.ask(f"{NORTH}/{TEACHER}", "POST", path, sees)
    await platform.settle()
    return platform


def ids_of(work: str, ids: Ids) -> set[str]:
    return {id_ for name, id_ in ids.items() if WORKS[work] in name}


async def told(platform: Filled, who: str, hidden: set[str]) -> Mapping[str, bool]:
    """Of each operation that lets her in whether its answer holds one of these ids. Reads and
    RPCs come first: what follows changes things."""
    found: dict[str, bool] = {}
    ids, token = platform.ids[NORTH], f"{NORTH}/{who}"

    def note(operation: str, answer: bytes) -> None:
        found[operation] = found.get(operation, False) or any(
            each.encode() in answer for each in hidden
        )

    async with served(platform) as channels:
        for rpc in rpcs(platform):
            if rpc.operation in (OF_BYTES, "read_journal"):
                continue
            if not rpc.method.name.startswith(("Get", "List", "Watch")):
                continue
            metadata = (("authorization", f"Bearer {token}"),)
            try:
                request = example(platform, rpc, ids)
                note(rpc.operation, await call(channels[rpc.service], rpc, request, metadata))
            except grpc.aio.AioRpcError:
                continue
    for route in sorted(routes(platform), key=lambda each: each.method != "GET"):
        if route.operation in (NEVER_ENDING, OF_BYTES, *ANONYMOUS, "withdraw_goal"):
            continue
        query = "&".join(f"{name}={ids[name]}" for name in route.asks)
        headers = [JSON, (b"authorization", f"Bearer {token}".encode())]
        body = example_body(platform, route, ids) if route.body else None
        if body is not None and route.service != "goals":
            body = {name: None if name == "goal_id" else each for name, each in body.items()}
        answer = await send(
            platform.services[route.service].app,
            route.method,
            route.path(ids) + (f"?{query}" if query else ""),
            headers=headers,
            body=json.dumps(body).encode() if body is not None else b"",
        )
        if answer.status < 300:
            note(route.operation, answer.body)
    return found


@pytest.mark.parametrize("work", WORKS)
async def test_of_what_is_not_shown_no_answer_says_which(work: str) -> None:
    platform = await north(set(WORKS))
    hidden = ids_of(work, platform.ids[NORTH])
    everything = await told(platform, COACH, hidden)
    assert {each for each, tells in everything.items() if tells} >= TOLD_OF[work]

    platform = await north(WORKS.keys() - {work})
    found = await told(platform, COACH, ids_of(work, platform.ids[NORTH]))
    assert {each for each, tells in found.items() if tells} == set()
    assert found.keys() >= {"get_caseload", "list_timeline", "get_card"}


@pytest.mark.parametrize("who", ["admin-01", "teacher-0003", "coach-02"])
async def test_who_coaches_nobody_of_hers_is_told_of_no_goal(who: str) -> None:
    """Not even where she is let see a survey, to close it in the teacher's place."""
    platform = await north(set(WORKS))
    found = await told(platform, who, ids_of("goals", platform.ids[NORTH]))
    assert {each for each, tells in found.items() if tells} == set()
    if who == "admin-01":
        assert "list_open_administrations" in found


@pytest.mark.parametrize("more", ["", "+goals.read"])
async def test_a_partner_is_told_of_no_goal_unless_it_may_read_goals(more: str) -> None:
    platform = await north(set(WORKS))
    who = f"sis?observations.read+administrations.read{more}"
    found = await told(platform, who, ids_of("goals", platform.ids[NORTH]))
    reads = {"list_observations", "list_administrations", "get_administration"}
    assert found.keys() >= reads
    assert {each for each in reads if found[each]} == (reads if more else set())
