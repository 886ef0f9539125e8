"""Nobody keeps others out of gRPC by holding calls open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, cast
from unittest.mock import AsyncMock

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from coaching.surveys.v1 import administration_pb2, administration_pb2_grpc
from services.chassis.edge import deadline, grpc_crowd, grpc_server
from services.chassis.edge.grpc_call import operation_of
from services.chassis.edge.grpc_server import GrpcServer, RpcService, call_of, serve_grpc
from services.chassis.edge.shares import STRANGERS, Room
from services.chassis.metrics import Metrics
from services.chassis.settings import ChassisSettings, load
from services.chassis.tracing import Tracer
from tests.support.tokens import LocalIssuer, identity_of
from tests.support.waiting import eventually

Context = grpc.aio.ServicerContext[Any, Any]
Half = grpc.aio.StreamUnaryCall[bytes, bytes]

ISSUER = LocalIssuer()
SHARE = 50  # of 200, the default
GET = "/coaching.goals.v1.GoalsService/GetGoal"
SUBMIT = "/coaching.surveys.v1.AdministrationsService/SubmitResponse"
CHECK = "/grpc.health.v1.Health/Check"
NOTHING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"  # and no settings


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


def made(servicer: Any) -> object:
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
]
POLICIES = {operation_of(m.name): None for s in SERVICES for m in s.descriptor.methods}


class Served:
    """A server with the bounds that it ships with, and connections to it."""

    def __init__(self, port: int, room: Room, stack: AsyncExitStack) -> None:
        self.room, self._port, self._stack = room, port, stack
        self.address = f"127.0.0.1:{port}"

    async def connection(self) -> grpc.aio.Channel:
        """One of its own: channels to one address would share theirs."""
        alone = [("grpc.use_local_subchannel_pool", 1)]
        channel = grpc.aio.insecure_channel(self.address, options=alone)
        return await self._stack.enter_async_context(channel)

    async def silent(self) -> asyncio.StreamReader:
        """A connection on which nothing is asked."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._stack.callback(writer.close)
        writer.write(NOTHING)
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


def made_server(connections: int = 2_000) -> tuple[GrpcServer, Room]:
    settings = load(
        ChassisSettings,
        environment="test",
        host="127.0.0.1",
        grpc_port=0,
        max_connections=connections,
    )
    room = Room(settings.max_concurrent_requests)
    server = GrpcServer(
        SERVICES,
        settings,
        identity_of(ISSUER),
        policies=POLICIES,
        metrics=Metrics(),
        tracer=Tracer("goals"),
        anonymous=frozenset({"submit_response"}),
        room=room,
    )
    return server, room


@asynccontextmanager
async def serving(connections: int = 2_000) -> AsyncIterator[Served]:
    server, room = made_server(connections)
    port = await server.start()
    try:
        async with AsyncExitStack() as stack:
            yield Served(port, room, stack)
    finally:
        await server.stop()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as each:
        yield each


def bearer(person: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {ISSUER.token(person)}"),)


def half_open(
    channel: grpc.aio.Channel, path: str, count: int, metadata: Sequence[tuple[str, str]] = ()
) -> list[Half]:
    """So many calls of a unary method: headers alone, no message."""
    ask: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(path)
    return [ask(metadata=tuple(metadata)) for _ in range(count)]


async def reason(call: Half) -> tuple[grpc.StatusCode, str]:
    """How a call ended: its status and the reason in its ErrorInfo."""
    async with asyncio.timeout(10):
        code = await call.code()
    status = rpc_status.from_call(cast(grpc.Call, await _ended(call)))
    info = error_details_pb2.ErrorInfo()
    for detail in status.details:
        detail.Unpack(info)
    return code, info.reason


async def _ended(call: Half) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value


async def test_without_a_token_a_call_ends_before_its_message(served: Served) -> None:
    held = [half_open(await served.connection(), GET, 42) for _ in range(5)]
    await served.is_served()
    for call in (call for calls in held for call in calls):
        assert await reason(call) == (grpc.StatusCode.UNAUTHENTICATED, "NO_TOKEN")


async def test_who_sends_no_messages_holds_nothing_of_others(served: Served) -> None:
    held = [
        half_open(await served.connection(), GET, SHARE, bearer(f"coach-{number}"))
        for number in range(4)
    ]
    await eventually(lambda: served.room.arriving == 4 * SHARE)
    await served.is_served()
    every = [call for calls in held for call in calls]
    await eventually(lambda: any(call.done() for call in every))  # the slowest gave way
    (given_up,) = (call for call in every if call.done())
    assert await reason(given_up) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_AT_ONCE")
    await served.is_served("coach-1")
    surveys = administration_pb2_grpc.AdministrationsServiceStub(await served.connection())
    await surveys.SubmitResponse(administration_pb2.SubmitResponseRequest(district_id="riverside"))
    assert served.room.held == 0


async def test_a_message_must_come_in_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "ANSWER_SECONDS", 0.05)
    channel = await served.connection()
    calls = half_open(channel, GET, 1, bearer("coach-1")) + half_open(channel, SUBMIT, 1)
    calls += half_open(channel, CHECK, 1)
    for call in calls:
        code, told = await reason(call)
        assert (code, told in ("DEADLINE", "BODY_TOO_SLOW")) == (grpc.StatusCode.UNAVAILABLE, True)


async def test_a_call_may_not_end_without_a_message(served: Served) -> None:
    (call,) = half_open(await served.connection(), GET, 1, bearer("coach-1"))
    await call.done_writing()
    assert await reason(call) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE")


async def test_respondents_who_send_nothing_give_way_to_those_who_do(served: Served) -> None:
    held: list[Half] = []
    for _ in range(4):
        held += half_open(await served.connection(), SUBMIT, STRANGERS // 2)
    surveys = administration_pb2_grpc.AdministrationsServiceStub(await served.connection())
    await surveys.SubmitResponse(administration_pb2.SubmitResponseRequest(district_id="riverside"))
    await eventually(lambda: sum(call.done() for call in held) >= STRANGERS)
    for call in [call for call in held if call.done()]:
        assert await reason(call) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_AT_ONCE")
    await served.is_served()


async def test_one_connection_has_a_hundred_calls_at_a_time(served: Served) -> None:
    channel = await served.connection()
    for number in range(120):
        half_open(channel, GET, 1, bearer(f"coach-{number}"))
    await eventually(lambda: served.room.arriving == 100)
    await served.is_served()
    assert served.room.arriving == 100


async def test_health_is_answered_whoever_holds_it(served: Served) -> None:
    held = [half_open(await served.connection(), CHECK, 40) for _ in range(4)]
    await served.is_served()
    assert len(held) == 4
    request = health_pb2.HealthCheckRequest()
    mine = health_pb2_grpc.HealthStub(await served.connection())
    watches = [mine.Watch(request) for _ in range(9)]
    async with asyncio.timeout(10):
        code = await next(asyncio.as_completed([each.code() for each in watches]))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    others = health_pb2_grpc.HealthStub(await served.connection())
    async for answer in others.Watch(request):
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        break


async def ended(silent: asyncio.StreamReader) -> None:
    """Returns once the other side has closed."""
    with suppress(ConnectionError):
        async with asyncio.timeout(10):
            await silent.read()


async def test_a_connection_without_an_rpc_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grpc_server, "IDLE_SECONDS", 0.2)
    async with serving() as served:
        await ended(await served.silent())
        await served.is_served()


async def test_who_asks_nothing_gives_way_to_who_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grpc_crowd, "ROUND_SECONDS", 0.05)
    async with serving(connections=8) as served:
        (held,) = half_open(await served.connection(), GET, 1, bearer("coach-1"))
        await eventually(lambda: served.room.arriving == 1)
        silent = [await served.silent() for _ in range(20)]
        await served.is_served()
        await ended(silent[0])
        assert (served.room.arriving, held.done()) == (1, False)  # hers is still under way


async def test_a_client_may_have_as_many_under_way_as_a_connection_takes() -> None:
    """Those that are answered, and not yet forgotten by grpc, do not count."""
    async with serving() as served:
        told = await asyncio.to_thread(_at_once, served.address, SHARE, 20)
    assert told == [True] * SHARE * 20


def _at_once(address: str, count: int, times: int) -> list[bool]:
    with grpc.insecure_channel(address) as channel, ThreadPoolExecutor(count) as threads:
        goals = goal_pb2_grpc.GoalsServiceStub(channel)
        ask = goal_pb2.GetGoalRequest(goal_id="g")

        def once(number: int) -> bool:
            who = bearer(f"teacher-{number % count}")
            return goals.GetGoal(ask, metadata=who).etag == "1"

        return list(threads.map(once, range(count * times)))


async def test_the_role_ends_with_who_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grpc_crowd, "ROUND_SECONDS", 0.01)
    monkeypatch.setattr(grpc_crowd.Crowd, "_make_room", AsyncMock(side_effect=RuntimeError("none")))
    server, _ = made_server()
    with pytest.raises(RuntimeError, match="none"):
        async with asyncio.timeout(10):
            await serve_grpc(server, asyncio.Event())(asyncio.Event())
