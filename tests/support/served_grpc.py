"""A server of three RPCs with the bounds that it ships with, and who asks it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from coaching.surveys.v1 import administration_pb2, administration_pb2_grpc
from services.chassis.edge.grpc_call import call_of, operation_of
from services.chassis.edge.grpc_server import GrpcServer, RpcService
from services.chassis.edge.rates import RateLimits
from services.chassis.edge.shares import Room
from services.chassis.settings import ChassisSettings, load
from tests.support import http2_frames
from tests.support.edges import gate
from tests.support.tokens import LocalIssuer, identity_of

Context = grpc.aio.ServicerContext[Any, Any]

ISSUER = LocalIssuer()
GET = "/coaching.goals.v1.GoalsService/GetGoal"
SUBMIT = "/coaching.surveys.v1.AdministrationsService/SubmitResponse"
PAGES = 20
CHECK = "/grpc.health.v1.Health/Check"


class Goals(goal_pb2_grpc.GoalsServiceServicer):
    async def GetGoal(self, request: goal_pb2.GetGoalRequest, context: Context) -> goal_pb2.Goal:
        call_of(context).decided = True
        return goal_pb2.Goal(etag="1")


class Surveys(administration_pb2_grpc.AdministrationsServiceServicer):
    async def SubmitResponse(
        self, request: administration_pb2.SubmitResponseRequest, context: Context
    ) -> administration_pb2.SubmitResponseResponse:
        call_of(context).decided = True
        return administration_pb2.SubmitResponseResponse()


class Journal(journal_pb2_grpc.JournalServiceServicer):
    async def ReadJournal(
        self, request: journal_pb2.ReadJournalRequest, context: Context
    ) -> AsyncIterator[journal_pb2.ReadJournalResponse]:
        """As many messages as nobody may ask for one by one."""
        call_of(context).decided = True
        for _ in range(PAGES):
            yield journal_pb2.ReadJournalResponse()


def made(servicer: Any) -> object:
    """An instance; what it leaves out answers UNIMPLEMENTED."""
    return servicer()


SERVICES = [
    RpcService(
        goal_pb2_grpc.add_GoalsServiceServicer_to_server,
        made(Goals),
        goal_pb2.DESCRIPTOR.services_by_name["GoalsService"],
    ),
    RpcService(
        administration_pb2_grpc.add_AdministrationsServiceServicer_to_server,
        made(Surveys),
        administration_pb2.DESCRIPTOR.services_by_name["AdministrationsService"],
    ),
    RpcService(
        journal_pb2_grpc.add_JournalServiceServicer_to_server,
        made(Journal),
        journal_pb2.DESCRIPTOR.services_by_name["JournalService"],
    ),
]
POLICIES = {operation_of(m.name): None for s in SERVICES for m in s.descriptor.methods}


class Served:
    """A server with the bounds that it ships with, and connections to it."""

    def __init__(self, port: int, room: Room, stack: AsyncExitStack) -> None:
        self.room, self.port, self._stack = room, port, stack
        self.address = f"127.0.0.1:{port}"

    async def connection(self) -> grpc.aio.Channel:
        """One of its own: channels to one address would share theirs."""
        alone = [("grpc.use_local_subchannel_pool", 1)]
        channel = grpc.aio.insecure_channel(self.address, options=alone)
        return await self._stack.enter_async_context(channel)

    async def silent(self) -> asyncio.StreamReader:
        """A connection on which nothing is asked."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._stack.callback(writer.close)
        writer.write(http2_frames.BEGIN)
        return reader

    async def is_served(self, who: str = "teacher-1") -> None:
        """Somebody else gets her answer, and so does who asks for health."""
        channel = await self.connection()
        goals = goal_pb2_grpc.GoalsServiceStub(channel)
        ask = goal_pb2.GetGoalRequest(goal_id="g")
        answer = await goals.GetGoal(ask, metadata=bearer(who), wait_for_ready=True, timeout=20)
        assert answer.etag == "1"
        health = health_pb2_grpc.HealthStub(channel)
        status = (await health.Check(health_pb2.HealthCheckRequest())).status
        assert status == health_pb2.HealthCheckResponse.SERVING


def made_server(
    connections: int = 2_000,
    limits: RateLimits | None = None,
    issuer: LocalIssuer = ISSUER,
    **more: Any,
) -> tuple[GrpcServer, Room]:
    settings = load(
        ChassisSettings,
        environment="test",
        host="127.0.0.1",
        grpc_port=0,
        max_connections=connections,
        **more,
    )
    room = Room(settings.max_concurrent_requests)
    server = GrpcServer(
        SERVICES,
        gate(settings, identity_of(issuer), room=room, limits=limits),
        policies=POLICIES,
        anonymous=frozenset({"submit_response"}),
    )
    return server, room


@asynccontextmanager
async def serving(
    connections: int = 2_000,
    limits: RateLimits | None = None,
    issuer: LocalIssuer = ISSUER,
    **more: Any,
) -> AsyncIterator[Served]:
    """`more`: settings."""
    server, room = made_server(connections, limits, issuer, **more)
    port = await server.start()
    try:
        async with AsyncExitStack() as stack:
            yield Served(port, room, stack)
    finally:
        await server.stop()


def bearer(person: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {ISSUER.token(person)}"),)
