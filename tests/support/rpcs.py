"""Every RPC of every service as a valid request, and a platform that serves them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

from services.chassis.edge.grpc_call import operation_of
from services.chassis.edge.sizes import MAX_MESSAGE
from services.chassis.views.decode import message_class
from services.chassis.words import labels_of
from tests.support.operations import (
    SEEN,
    HasServices,
    caller_of,
    example_body,
    ids_for,
    routes,
)
from tests.support.platform import Platform

_CLIENT = [("grpc.max_send_message_length", 8 * MAX_MESSAGE), ("grpc.max_metadata_size", 65_536)]


@dataclass(frozen=True)
class Rpc:
    service: str
    method: MethodDescriptor

    @property
    def operation(self) -> str:
        return operation_of(self.method.name)

    @property
    def path(self) -> str:
        service = self.method.containing_service
        assert service is not None
        return f"/{service.full_name}/{self.method.name}"

    @property
    def message_class(self) -> type[Message]:
        return message_class(self.method.input_type.full_name)

    def request(self, **fields: Any) -> Message:
        return ParseDict(fields, self.message_class())


def rpcs(platform: HasServices) -> Iterator[Rpc]:
    """Every RPC of every service, the journals' included."""
    for name, service in platform.services.items():
        for each in service.grpc._services:
            for method in each.descriptor.methods:
                yield Rpc(name, method)


_HER_OWN = (
    *("list_relationships", "list_acknowledgments", "list_looks"),
    *("schedule_coaching_session", "schedule_session_series"),
    *("write_planning_entry", "list_planning_entries", "list_takeaways", "send_celebration"),
    *("list_coaching_requests", "create_goal_share", "create_administration_share"),
    "list_coaching_offers",
)


def example(platform: HasServices, rpc: Rpc, ids: Mapping[str, str]) -> Message:
    """A valid request, with the body that REST takes."""
    known = ids_for(rpc.operation, ids)
    fields: dict[str, Any] = {}
    for route in routes(platform):
        if route.body and (route.service, route.operation) == (rpc.service, rpc.operation):
            fields = example_body(platform, route, ids)
    fields = _as_json(rpc.method.input_type, fields)
    names = {each.name for each in rpc.method.input_type.fields}
    needed = {name: known[name] for name in names - fields.keys() if name in known}
    if rpc.operation in SEEN:
        needed["etag"] = SEEN[rpc.operation]
    if rpc.operation in _HER_OWN:
        needed = {}
    return rpc.request(**{**needed, **fields})


def _as_json(descriptor: Descriptor, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The words of enums by their names in the proto."""
    return {name: _value(descriptor.fields_by_name[name], each) for name, each in fields.items()}


def _value(field: FieldDescriptor, said: Any) -> Any:
    if isinstance(said, list):
        return [_value(field, each) for each in said]
    if field.enum_type is not None:
        number = {label: n for n, label in labels_of(field.enum_type).items()}[said]
        return field.enum_type.values_by_number[number].name
    if field.message_type is not None and isinstance(said, dict):
        return _as_json(field.message_type, said)
    return said


def channel(address: str) -> grpc.aio.Channel:
    """One that would send more than a server takes."""
    return grpc.aio.insecure_channel(address, options=_CLIENT)


@asynccontextmanager
async def served(platform: Platform) -> AsyncIterator[Mapping[str, grpc.aio.Channel]]:
    """A channel to each service's own gRPC server."""
    channels: dict[str, grpc.aio.Channel] = {}
    for name, service in platform.services.items():
        port = await service.grpc.start()
        channels[name] = channel(f"127.0.0.1:{port}")
    yield channels
    for name, service in platform.services.items():
        await channels[name].close()
        await service.grpc.stop()


def bearer(
    rpc: Rpc, district: str, token: Callable[[str], str] = str
) -> tuple[tuple[str, str], ...]:
    caller = caller_of(rpc.operation, district)
    return (("authorization", f"Bearer {token(caller)}"),) if caller else ()


async def call(
    channel: grpc.aio.Channel,
    rpc: Rpc,
    request: bytes | Message,
    metadata: tuple[tuple[str, str | bytes], ...],
) -> Any:
    """The answer's bytes; of a stream the first one. Raises grpc.aio.AioRpcError."""
    raw = request if isinstance(request, bytes) else request.SerializeToString()
    arguments: dict[str, Any] = {"metadata": metadata, "timeout": 10}
    if rpc.method.server_streaming:
        many: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(rpc.path)
        stream = many(raw, **arguments)
        async for answer in stream:
            stream.cancel()
            return answer
        return b""
    if rpc.method.client_streaming:
        taking: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(rpc.path)
        return await taking(iter([raw]), **arguments)
    one: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(rpc.path)
    return await one(raw, **arguments)
