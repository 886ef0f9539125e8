"""Every RPC of every table names all that is missing, with a reason each, as REST does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from services.chassis.edge.grpc_errors import Violations, abort
from services.chassis.edge.operation import Operation
from services.chassis.kernel import invalid
from tests.support.filled import Filled, unfilled
from tests.support.operations import SEEN, caller_of, routes
from tests.support.platform import BOOTSTRAPS
from tests.support.raw_http import JSON, send
from tests.support.rpcs import Rpc, bearer, call, rpcs, served

NORTH = "north"
OPERATIONS: dict[str, Operation[Any, Any]] = {
    each.name: each
    for bootstrap in BOOTSTRAPS.values()
    for table in bootstrap.tables().values()
    for each in table.operations
}
RPCS = [each for each in rpcs(unfilled()) if each.operation in OPERATIONS]
Edge = tuple[Filled, Mapping[str, grpc.aio.Channel]]


@pytest.fixture(scope="module")
async def edge() -> AsyncIterator[Edge]:
    """Shared by every test here, because none of them changes anything."""
    platform = Filled()
    await platform.fill(NORTH)
    async with served(platform) as channels:
        yield platform, channels


def needed(rpc: Rpc) -> list[str]:
    """The fields without which there is no request, in the order of its parts."""
    return [
        name
        for part in OPERATIONS[rpc.operation].asked.parts.values()
        for name, field in part.model_fields.items()
        if field.is_required() and shows_absence(rpc.method.input_type.fields_by_name[name])
    ]


def shows_absence(field: FieldDescriptor) -> bool:
    """Not so of a plain number, whose zero is a value, and of a list, which is empty."""
    textual = field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_ENUM)
    return field.has_presence or (textual and not field.is_repeated)


@pytest.mark.parametrize("rpc", RPCS, ids=lambda rpc: f"{rpc.service}-{rpc.operation}")
async def test_all_missing_fields_are_named(edge: Edge, rpc: Rpc) -> None:
    if not needed(rpc):
        return
    platform, channels = edge
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call(channels[rpc.service], rpc, rpc.request(), bearer(rpc, NORTH))
    error = refused.value
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT, error
    missing = [each.field for each in violations(error) if each.reason == "missing"]
    assert missing == needed(rpc)
    assert f"{missing[0]}: Field required" in (error.details() or "")
    asked = await asked_of_rest(platform, rpc)
    fields = rpc.method.input_type.fields_by_name
    assert {name for name in asked if shows_absence(fields[name])} <= set(missing)


def violations(
    error: grpc.aio.AioRpcError,
) -> list[error_details_pb2.BadRequest.FieldViolation]:
    status = rpc_status.from_call(cast(grpc.Call, error))
    bad = error_details_pb2.BadRequest()
    for detail in status.details if status else ():
        detail.Unpack(bad)
    return list(bad.field_violations)


async def asked_of_rest(platform: Filled, rpc: Rpc) -> set[str]:
    """What REST says is missing of a body that is empty."""
    route = next(each for each in routes(platform) if each.operation == rpc.operation)
    if route.body is None:
        return set()
    token = caller_of(route.operation, NORTH)
    headers = [JSON, *([(b"authorization", f"Bearer {token}".encode())] if token else [])]
    if route.operation in SEEN:
        headers.append((b"if-match", SEEN[route.operation].encode()))
    app, path = platform.services[route.service].app, route.path(platform.ids[NORTH])
    answer = await send(app, route.method, path, headers=headers, body=json.dumps({}).encode())
    errors = answer.json().get("errors", ())
    return {each["pointer"].strip("/") for each in errors if each["code"] == "missing"}


async def test_a_place_within_a_list_is_named_with_the_rest(edge: Edge) -> None:
    _, channels = edge
    (rpc,) = (each for each in RPCS if each.operation == "draft_tool")
    criterion = {"criterion_id": "talk", "levels": [{"score": 1.0}, {"score": 2.0}]}
    request = rpc.request(title="Talk", criteria=[criterion])
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call(channels[rpc.service], rpc, request, bearer(rpc, NORTH))
    assert [each.field for each in violations(refused.value)] == [
        "license",
        "criteria[0].category",
        "criteria[0].description",
        "criteria[0].levels[0].quality",
        "criteria[0].levels[1].quality",
    ]


@pytest.mark.parametrize("text", ["x" * 1_000, "\u00e9" * 500])
async def test_more_than_callers_take_is_not_sent(text: str) -> None:
    async def refuse(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        await abort(context, Violations([invalid("long", text, f"/{i}") for i in "abcdef"]))

    server = grpc.aio.server()
    methods: dict[str, Any] = {"Refuse": grpc.unary_unary_rpc_method_handler(refuse)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("things", methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary("/things/Refuse", bytes, bytes)(b"")
    await server.stop(None)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT, refused.value
    assert [each.field for each in violations(refused.value)] == ["a", "b", "c"]


def test_of_many_the_text_names_three() -> None:
    faults = [invalid("missing", "Field required", f"/items/{i}/text") for i in range(20)]
    text = "items[0].text: Field required; items[1].text: Field required; items[2].text: "
    assert Violations(faults).detail == f"{text}Field required; and 17 more"
