"""What a list shows of each item is what the item says of itself, without what is large."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict

from services.chassis.views.decode import message_class
from tests.support.filled import Filled, unfilled
from tests.support.operations import caller_of, routes
from tests.support.rpcs import bearer, call, example, rpcs, served

NORTH, CANARY = "north", "Canary-north"
ROUTES = {each.operation: each for each in routes(unfilled())}
RPCS = {each.operation: each for each in rpcs(unfilled())}
Site = tuple[Filled, Mapping[str, grpc.aio.Channel]]


@dataclass(frozen=True)
class List:
    """`more` is what only the item itself says; `instead` what a list says in place of it."""

    noun: str
    plural: str
    more: frozenset[str] = frozenset()
    instead: frozenset[str] = frozenset()


LISTS = [
    List("goal", "goals", frozenset({"progress", "earlier_revisions", "evidence", "standards"})),
    List("relationship", "relationships"),
    List(
        "instrument",
        "instruments",
        frozenset({"scales", "items", "translations", "judgement"}),
        frozenset({"item_ids"}),
    ),
    List("administration", "administrations"),
    List("tool", "tools", frozenset({"criteria"}), frozenset({"criterion_ids"})),
    List("observation", "observations", frozenset({"notes", "corrections"})),
    List("statement", "statements", frozenset({"text"})),
    List("acknowledgment", "acknowledgments"),
]


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    platform = Filled()
    await platform.fill(NORTH, CANARY)
    async with served(platform) as channels:
        yield platform, channels


@pytest.mark.parametrize("each", LISTS, ids=lambda each: each.plural)
async def test_over_rest(site: Site, each: List) -> None:
    platform, _ = site
    route, ids = ROUTES[f"list_{each.plural}"], platform.ids[NORTH]
    query = "&".join(f"{name}={ids[name]}" for name in route.asks)
    who = caller_of(route.operation, NORTH)
    page: Any = (await platform.ask(who, "GET", f"{route.path(ids)}?{query}")).json()
    assert page[each.plural]
    for item in page[each.plural]:
        itself = (
            await platform.ask(who, "GET", f"{route.path(ids)}/{item[f'{each.noun}_id']}")
        ).json()
        shown = {name: value for name, value in item.items() if name not in each.instead}
        assert shown == {name: itself[name] for name in itself if name not in each.more}
        assert each.more <= itself.keys()


@pytest.mark.parametrize("each", LISTS, ids=lambda each: each.plural)
async def test_over_grpc(site: Site, each: List) -> None:
    platform, channels = site
    who = bearer(RPCS[f"list_{each.plural}"], NORTH)  # what is allowed depends on who asks

    async def asked(operation: str, **fields: str) -> dict[str, Any]:
        rpc = RPCS[operation]
        request: Any = example(platform, rpc, platform.ids[NORTH])
        for name, value in fields.items():
            setattr(request, name, value)
        answer: Any = message_class(rpc.method.output_type.full_name)()
        raw = await call(channels[rpc.service], rpc, request, who)
        answer.ParseFromString(raw)
        return MessageToDict(answer, preserving_proto_field_name=True)

    items = (await asked(f"list_{each.plural}"))[each.plural]
    assert len(items) > 0
    for item in items:
        id_ = item.get(each.noun, item)[f"{each.noun}_id"]
        itself = await asked(f"get_{each.noun}", **{f"{each.noun}_id": id_})
        shown = {name: value for name, value in item.items() if name not in each.instead}
        assert shown == {name: itself[name] for name in itself if name not in each.more}
