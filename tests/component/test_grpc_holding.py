"""Nobody keeps others out of gRPC by holding calls open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import cast
from unittest.mock import AsyncMock

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from coaching.surveys.v1 import administration_pb2, administration_pb2_grpc
from services.chassis.edge import deadline, grpc_crowd, grpc_server
from services.chassis.edge.grpc_server import serve_grpc
from services.chassis.edge.shares import STRANGERS
from tests.support.served_grpc import (
    CHECK,
    GET,
    SUBMIT,
    Served,
    bearer,
    made_server,
    serving,
)
from tests.support.waiting import HANGS, eventually

Half = grpc.aio.StreamUnaryCall[bytes, bytes]

SHARE = 50  # of 200, the default


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as each:
        yield each


def half_open(
    channel: grpc.aio.Channel, path: str, count: int, metadata: Sequence[tuple[str, str]] = ()
) -> list[Half]:
    """So many calls of a unary method: headers alone, no message."""
    ask: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(path)
    return [ask(metadata=tuple(metadata)) for _ in range(count)]


async def reason(call: Half) -> tuple[grpc.StatusCode, str]:
    """How a call ended: its status and the reason in its ErrorInfo."""
    async with asyncio.timeout(HANGS):
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
    async with asyncio.timeout(HANGS):
        code = await next(asyncio.as_completed([each.code() for each in watches]))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    others = health_pb2_grpc.HealthStub(await served.connection())
    async for answer in others.Watch(request):
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        break


async def ended(silent: asyncio.StreamReader) -> None:
    """Returns once the other side has closed."""
    with suppress(ConnectionError):
        async with asyncio.timeout(HANGS):
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
        async with asyncio.timeout(HANGS):
            await serve_grpc(server, asyncio.Event())(asyncio.Event())
