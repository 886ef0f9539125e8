"""The gRPC edge, as services use it.

Most RPCs are made from a table: see `operation`. Those that are written out:

    class ThingsRpc(things_pb2_grpc.ThingsServiceServicer):
        async def WatchThing(self, request, context):
            async for each in watch_thing(ports, call_of(context), id_of(request, "thing_id")):
                yield thing_message(each)

`serve_grpc` makes the role for `runner.run` from a list of `RpcService`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from services.chassis.edge.gate import Gate
from services.chassis.edge.grpc_call import operation_of
from services.chassis.edge.grpc_crowd import Crowd
from services.chassis.edge.grpc_edge import Edged, GrpcEdge
from services.chassis.edge.grpc_open import Bounded
from services.chassis.edge.policies import check_policies
from services.chassis.edge.serving import PortTaken
from services.chassis.edge.sizes import MAX_MESSAGE

MAX_METADATA = 8 * 1024
GRACE_SECONDS = 5.0
IDLE_SECONDS = 20  # that a connection may have no RPC; a client opens another by itself
# RPCs of one connection; a client keeps more waiting by itself. Twice a caller's share: grpc counts
# those that are answered until they are freed, and would refuse a client who keeps to the limit.
STREAMS_EACH = 100
# That an RPC waits for our loop; grpc keeps at most some 1,000 of them. It is given to us only when
# the loop asks for the next one: those that wait longer grpc itself ends, as CANCELLED.
PENDING_SECONDS = 5
REFLECTION_V1 = "grpc.reflection.v1.ServerReflection"
FAR_ABOVE = 10_000  # RPCs in all: `Room` refuses long before, and knows whom


@dataclass(frozen=True, slots=True)
class RpcService:
    """One service: the generated `add_...Servicer_to_server`, the servicer, and the
    descriptor, such as `things_pb2.DESCRIPTOR.services_by_name["ThingsService"]`."""

    add: Callable[[Any, Any], None]
    servicer: object
    descriptor: ServiceDescriptor


class GrpcServer:
    """A server of `services`, identity and policies enforced around each RPC. `anonymous`
    names the operations that need no token. Raises ValueError, naming the RPCs, where one has no
    policy."""

    def __init__(
        self,
        services: Sequence[RpcService],
        gate: Gate,
        *,
        policies: Mapping[str, object],
        anonymous: frozenset[str] = frozenset(),
    ) -> None:
        check_policies(
            (operation_of(method.name) for s in services for method in s.descriptor.methods),
            policies,
        )
        self._services = services
        self._settings = gate.settings
        self._names = [each.descriptor.full_name for each in services]
        self._crowd = Crowd(gate.settings.max_connections)
        self._edge = GrpcEdge(gate, anonymous, self._crowd)
        self._health: health.aio.HealthServicer | None = None
        self._server: grpc.aio.Server | None = None
        self._keeping: asyncio.Task[None] | None = None

    @property
    def keeping(self) -> asyncio.Task[None]:
        """What makes room for connections, once it has started: it ends only with an error."""
        assert self._keeping is not None
        return self._keeping

    async def start(self) -> int:
        """Listen on the running loop; the port that was taken.
        Raises PortTaken."""
        age = self._settings.max_connection_age_seconds * 1000
        server = grpc.aio.server(
            maximum_concurrent_rpcs=FAR_ABOVE,
            options=[
                ("grpc.max_concurrent_streams", STREAMS_EACH),
                ("grpc.server_max_unrequested_time_in_server", PENDING_SECONDS),
                ("grpc.max_allowed_incoming_connections", self._settings.max_connections),
                ("grpc.server_handshake_timeout_ms", 10_000),
                ("grpc.max_receive_message_length", MAX_MESSAGE),
                ("grpc.max_metadata_size", MAX_METADATA),
                ("grpc.absolute_max_metadata_size", MAX_METADATA),
                ("grpc.max_connection_idle_ms", int(IDLE_SECONDS * 1000)),
                ("grpc.max_connection_age_ms", age),
                ("grpc.max_connection_age_grace_ms", 30_000),
                ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
                ("grpc.so_reuseport", 0),
            ],
        )
        for each in self._services:
            each.add(each.servicer, Edged(server, self._edge))
        self._health = health.aio.HealthServicer()
        bounded: Any = Bounded(server, self._crowd)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, bounded)
        names = [*self._names, health.SERVICE_NAME]
        if self._settings.grpc_reflection:
            # rarely on: imported where it is
            from grpc_reflection.v1alpha import reflection, reflection_pb2, reflection_pb2_grpc

            names += [reflection.SERVICE_NAME, REFLECTION_V1]
            shown = reflection.aio.ReflectionServicer(names)
            reflection_pb2_grpc.add_ServerReflectionServicer_to_server(shown, bounded)
            # v1 has the messages of v1alpha under another name, and no stubs in this library
            v1 = grpc.stream_stream_rpc_method_handler(
                shown.ServerReflectionInfo,
                reflection_pb2.ServerReflectionRequest.FromString,
                reflection_pb2.ServerReflectionResponse.SerializeToString,
            )
            bounded.add_registered_method_handlers(REFLECTION_V1, {"ServerReflectionInfo": v1})
        for name in self._names:
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        try:
            port = server.add_insecure_port(f"{self._settings.host}:{self._settings.grpc_port}")
        except RuntimeError:  # the library's text is all that it tells
            told = (
                f"port {self._settings.grpc_port} of {self._settings.host}: cannot be listened on"
            )
            raise PortTaken(told) from None
        await server.start()
        self._server = server
        self._keeping = asyncio.create_task(self._crowd.keep(port))
        return port

    async def leave(self) -> None:
        """Say NOT_SERVING to those who ask the health service, and go on."""
        if self._health is not None:
            await self._health.enter_graceful_shutdown()

    async def stop(self) -> None:
        """Leave, take no new RPC, let open ones end for 5 s."""
        if self._server is not None:
            await self.leave()
            await self._server.stop(GRACE_SECONDS)
            self._server = None
        if self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None


def serve_grpc(
    server: GrpcServer, leaving: asyncio.Event
) -> Callable[[asyncio.Event], Awaitable[None]]:
    """The role `api` over gRPC: serves until `stop` is set; `leaving` as in `runner.run`. Raises
    what ends the server's own tasks."""

    async def serve(stop: asyncio.Event) -> None:
        await server.start()
        keeping = server.keeping
        told = [asyncio.create_task(each.wait()) for each in (leaving, stop)]
        try:
            await asyncio.wait({*told, keeping}, return_when=asyncio.FIRST_COMPLETED)
            await server.leave()
            await asyncio.wait({told[1], keeping}, return_when=asyncio.FIRST_COMPLETED)
            if keeping.done():
                keeping.result()
        finally:
            for each in told:
                each.cancel()
            await server.stop()

    return serve
