"""Every create of every service, over REST and gRPC: a key is its caller's alone."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import grpc
import pytest

from tests.support.filled import Filled, unfilled
from tests.support.filling import ADMIN, COACH, PARTNER, TEACHER
from tests.support.operations import Route, example_body, routes
from tests.support.raw_http import JSON, send
from tests.support.rpcs import Rpc, call, example, rpcs, served

NORTH = "north"
CALLERS = (TEACHER, COACH, ADMIN, PARTNER)
# Of two people there is one relationship a year, whoever proposes it: `test_relationships.py`.
CREATES = ("draft_", "schedule_")
ROUTES = [each for each in routes(unfilled()) if each.operation.startswith(CREATES)]
RPCS = [each for each in rpcs(unfilled()) if each.operation.startswith(CREATES)]
assert len(ROUTES) == len(RPCS) == 10
_ID = re.compile(rb"[0-9a-f-]{36}")
Site = tuple[Filled, Mapping[str, grpc.aio.Channel]]


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    platform = Filled()
    await platform.fill(NORTH)
    async with served(platform) as channels:
        yield platform, channels


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
async def test_over_rest_callers_with_one_key_do_not_meet(site: Site, route: Route) -> None:
    platform, _ = site
    ids = platform.ids[NORTH]
    body = json.dumps(example_body(platform, route, ids)).encode()

    async def create(caller: str) -> tuple[Any, bool]:
        answer = await send(
            platform.services[route.service].app,
            route.method,
            route.path(ids),
            headers=[(b"authorization", f"Bearer {NORTH}/{caller}".encode()),
                     (b"idempotency-key", b"1"), JSON],
            body=body,
        )  # fmt: skip
        return answer.json(), "idempotency-replayed" in answer.headers

    made = await _created(create)
    for caller, answer in made.items():
        assert await create(caller) == (answer, True)


@pytest.mark.parametrize("rpc", RPCS, ids=lambda rpc: rpc.operation)
async def test_over_grpc_callers_with_one_key_do_not_meet(site: Site, rpc: Rpc) -> None:
    platform, channels = site
    request: Any = example(platform, rpc, platform.ids[NORTH])
    request.request_id = "over-grpc"

    async def create(caller: str) -> tuple[Any, bool]:
        who = (("authorization", f"Bearer {NORTH}/{caller}"),)
        try:
            return await call(channels[rpc.service], rpc, request, who), False
        except grpc.aio.AioRpcError as refused:
            return {"code": refused.details() or ""}, False

    made = await _created(create)
    for caller, answer in made.items():
        assert await create(caller) == (answer, False)


async def _created(create: Any) -> dict[str, Any]:
    """What each caller who may has made; nobody is told of, or stopped by, another's key."""
    made: dict[str, Any] = {}
    for caller in CALLERS:
        answer, replayed = await create(caller)
        assert not replayed
        if isinstance(answer, bytes) or "code" not in answer:
            made[caller] = answer
        else:
            assert "key" not in answer["code"]
    ids = {repr(_id_in(answer)) for answer in made.values()}
    assert len(ids) == len(made) > 0
    return made


def _id_in(answer: Any) -> Any:
    if isinstance(answer, bytes):  # its own id stands first in every resource
        found = _ID.search(answer)
        return found and found[0]
    return next(value for name, value in answer.items() if name.endswith("_id"))
