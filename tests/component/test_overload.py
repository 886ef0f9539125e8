"""More than can be done: what is refused, how, and who goes first, over both doors of a process."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Any, cast

import grpc
import pytest
from fastapi import FastAPI
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from structlog.testing import capture_logs

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from services.chassis.call import Principal
from services.chassis.edge.admission import Admission, Urgency
from services.chassis.edge.grpc_call import call_of, operation_of
from services.chassis.edge.grpc_server import GrpcServer, RpcService
from services.chassis.edge.http import door_of
from services.chassis.edge.shares import FEW, STRANGER, Room, holder_of, urgency_of
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import OVERLOAD_REFUSED, Metrics
from services.chassis.settings import ChassisSettings, load
from tests.support.raw_socket import Listening, Wire, listening, request
from tests.support.tiny_service import build, router
from tests.support.tokens import LocalIssuer
from tests.support.waiting import eventually

ISSUER = LocalIssuer()
MOST = 8  # run and wait at a time
THINGS = "/things/v1/things"
ORIGIN = "https://coach.example.org"


class Busy:
    """A process of which we take places."""

    def __init__(self, app: FastAPI, up: Listening, metrics: Metrics) -> None:
        self.app, self.up, self.metrics = app, up, metrics
        self.room: Room = app.state.gate.room
        self._places: list[AsyncExitStack] = []

    @property
    def admission(self) -> Admission:
        return self.room.admission

    async def take(self, places: int) -> None:
        for _ in range(places):
            place = AsyncExitStack()
            await place.enter_async_context(self.admission.work(Urgency.ORDINARY))
            self._places.append(place)

    async def give(self, places: int) -> None:
        for _ in range(places):
            await self._places.pop().aclose()

    async def ask(self, person: str = "p", method: str = "POST", *headers: str) -> Wire:
        """Make a thing, or ask for things: the one is ordinary, the other urgent."""
        (wire,) = await self.up.connect()
        body = b'{"name": "a"}' if method == "POST" else b""
        more = ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
        await wire.send(request(THINGS, bearer(person), *more, *headers, method=method, body=body))
        return wire


@pytest.fixture
async def busy() -> AsyncIterator[Busy]:
    metrics = Metrics()
    given: dict[str, Any] = {"max_concurrent_requests": MOST, "cors_origins": (ORIGIN,)}
    urgencies = {"list_things": Urgency.FIRST, "upload_thing": Urgency.BULK}
    app = build(router(), ISSUER, metrics, urgencies, **given)
    async with listening(app, door=door_of(app)) as up:
        yield Busy(app, up, metrics)


def bearer(person: str) -> str:
    return f"Authorization: {ISSUER.bearer(person)['Authorization']}"


async def test_what_cannot_be_done_is_refused_at_the_door(busy: Busy) -> None:
    await busy.take(MOST)
    wire = await busy.ask()
    head, body = await wire.answer()
    assert head.startswith("http/1.1 503 ")
    assert "retry-after: 1\r\n" in head
    assert json.loads(body)["code"] == "overloaded"
    assert "access-control" not in head
    assert busy.metrics.of(OVERLOAD_REFUSED, "ordinary")._value.get() == 1
    await busy.give(1)
    await wire.send(request(THINGS, bearer("p")))  # on the same connection
    assert await wire.status() == 200


async def test_a_refusal_is_whole_whatever_was_asked(busy: Busy) -> None:
    await busy.take(MOST)
    (wire,) = await busy.up.connect()
    ahead = request(THINGS, bearer("p")) * 3
    late = request(THINGS, "Content-Length: 4", method="POST", body=b"{")
    await wire.send(ahead + late)
    assert [await wire.status() for _ in range(4)] == [503] * 4
    await wire.send(b"}  " + request(THINGS, bearer("p")))
    assert await wire.status() == 503
    closing = await busy.ask("p", "GET", "Connection: close")
    assert [await closing.status(), await closing.status()] == [503, 0]


async def test_a_browsers_frontend_may_read_it(busy: Busy) -> None:
    await busy.take(MOST)
    for origin, allowed in ((ORIGIN, True), ("https://else.example.org", False)):
        head, _ = await (await busy.ask("p", "POST", f"Origin: {origin}")).answer()
        assert head.startswith("http/1.1 503 ")
        assert (f"access-control-allow-origin: {origin}\r\n" in head) is allowed
    asked = ("Access-Control-Request-Method: POST", f"Origin: {ORIGIN}")
    assert await (await busy.ask("p", "OPTIONS", *asked)).status() == 200


async def test_the_urgent_go_before_all_that_wait(busy: Busy) -> None:
    busy.admission.limit = MOST / 2
    await busy.take(MOST // 2)
    waiting = [await busy.ask(f"p{number}") for number in range(MOST // 2)]
    await eventually(lambda: busy.admission.waiting == MOST // 2)
    assert await (await busy.ask("one-more")).status() == 503
    with capture_logs() as logged:
        urgent = await busy.ask("coach", "GET")
        assert await waiting[-1].status() == 503  # the latest gives way
    assert logged == []  # there are too many for a line each
    assert busy.admission.running + busy.admission.waiting == MOST
    await busy.give(1)
    assert await urgent.status() == 200
    await busy.give(3)
    assert [await wire.status() for wire in waiting[:-1]] == [201] * 3
    assert (busy.admission.running, busy.admission.coming) == (0, 0)


async def test_bulk_work_begins_only_where_half_is_free(busy: Busy) -> None:
    await busy.take(MOST // 2)
    (wire,) = await busy.up.connect()
    await wire.send(request("/things/v1/upload", bearer("p"), method="PUT"))
    assert await wire.status() == 503
    assert await (await busy.ask()).status() == 201


def test_partners_wait_for_people() -> None:
    partner = Principal("d", partner="sis")
    assert urgency_of(partner, Urgency.FIRST) is Urgency.BULK
    assert urgency_of(Principal("d", person="p"), Urgency.FIRST) is Urgency.FIRST


async def test_while_others_wait_a_caller_has_a_quarter() -> None:
    room = Room(200)
    one, other = (holder_of(Principal("d", person=person)) for person in ("a", "b"))
    room.admission.limit = 40.0
    async with AsyncExitStack() as stack:
        for _ in range(40):
            await stack.enter_async_context(room.admission.work(Urgency.ORDINARY))
        held = [stack.enter_context(room.request(one)) for _ in range(10)]
        with pytest.raises(Fault) as refused:
            room.request(one).__enter__()
        assert (len(held), refused.value.kind) == (10, Kind.LIMITED)
        with room.request(other):
            room.admission.limit = 16.0
        for _ in range(FEW):
            stack.enter_context(room.request(other))


async def test_however_many_have_no_token_others_get_their_turns() -> None:
    """As many as may always wait for their turns."""
    room = Room(200)
    room.admission.limit = 16.0
    answered: Counter[bool] = Counter()

    async def ask(anonymous: bool) -> None:
        while answered.total() < 500:
            holder = STRANGER if anonymous else holder_of(Principal("d", person="a"))
            urgency = Urgency.STRANGER if anonymous else Urgency.ORDINARY
            with suppress(Fault), room.request(holder):
                async with room.admission.work(urgency):
                    await asyncio.sleep(0)
                answered[anonymous] += 1
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for number in range(108):
            group.create_task(ask(number < 100))
    assert answered[False] >= 250
    assert answered[True] >= 50


async def test_a_class_that_answers_at_once_is_answered() -> None:
    """Also where the process takes on as little at a time as it ever does."""
    room = Room(200)
    room.admission.limit = 16.0

    async def ask() -> bool:
        with room.request(STRANGER):
            async with room.admission.work(Urgency.STRANGER):
                await asyncio.sleep(0)
        return True

    assert await asyncio.gather(*(ask() for _ in range(30))) == [True] * 30


async def test_however_many_strangers_are_at_the_door_the_others_are_let_in() -> None:
    admission = Room(200).admission
    admission.limit = 16.0
    strangers = 0
    while admission.comes(Urgency.STRANGER):
        strangers += 1
    assert strangers >= 30  # a class
    let_in = 0
    for urgency in (Urgency.FIRST, Urgency.ORDINARY):
        for _ in range(30):
            let_in += admission.comes(urgency)
    assert let_in == 60
    for _ in range(strangers):
        admission.came(Urgency.STRANGER)
    assert admission.coming == 60


async def test_strangers_have_a_quarter_of_the_turns_while_others_wait() -> None:
    room = Room(200)
    admission = room.admission
    admission.limit = 16.0
    running: Counter[Urgency] = Counter()
    done = asyncio.Event()

    async def work(urgency: Urgency) -> None:
        async with admission.work(urgency):
            running[urgency] += 1
            await done.wait()

    async with AsyncExitStack() as places, asyncio.TaskGroup() as group:
        for _ in range(16):
            await places.enter_async_context(admission.work(Urgency.ORDINARY))
        for number in range(60):
            group.create_task(work(list(Urgency)[(0, 1, 3)[number % 3]]))
        await asyncio.sleep(0)
        await places.aclose()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert 4 <= running[Urgency.STRANGER] <= admission.limit / 4 + 1
        assert running.total() >= 16
        done.set()


async def test_whoever_is_less_urgent_is_let_in_while_the_others_fill_the_queue() -> None:
    room = Room(200)
    admission = room.admission
    admission.limit = 16.0
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        for _ in range(16):
            await stack.enter_async_context(admission.work(Urgency.FIRST))
        waiting = []
        while admission.open(Urgency.FIRST):
            waiting.append(group.create_task(admission.enter(Urgency.FIRST)))
            await asyncio.sleep(0)
        assert admission.comes(Urgency.ORDINARY)
        for each in waiting:
            each.cancel()


class Goals(goal_pb2_grpc.GoalsServiceServicer):
    async def GetGoal(self, request: goal_pb2.GetGoalRequest, context: Any) -> goal_pb2.Goal:
        call_of(context).decided = True
        return goal_pb2.Goal(etag="1")


@pytest.fixture
async def channel(busy: Busy) -> AsyncIterator[grpc.aio.Channel]:
    """To the other door of the same process."""
    servicer: Any = Goals
    service = RpcService(
        goal_pb2_grpc.add_GoalsServiceServicer_to_server,
        servicer(),
        goal_pb2.DESCRIPTOR.services_by_name["GoalsService"],
    )
    server = GrpcServer(
        [service],
        replace(
            busy.app.state.gate,
            settings=load(ChassisSettings, environment="test", host="127.0.0.1", grpc_port=0),
        ),
        policies={operation_of(each.name): None for each in service.descriptor.methods},
    )
    port = await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop()


def get_goal(channel: grpc.aio.Channel) -> Any:
    stub: Any = goal_pb2_grpc.GoalsServiceStub(channel)
    metadata = (("authorization", bearer("p").partition(": ")[2]),)
    return stub.GetGoal(goal_pb2.GetGoalRequest(goal_id="g"), metadata=metadata)


async def test_both_doors_count_together(busy: Busy, channel: grpc.aio.Channel) -> None:
    await busy.take(MOST)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await get_goal(channel)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    for detail in rpc_status.from_call(cast(grpc.Call, caught.value)).details:
        detail.Unpack(info)
        detail.Unpack(retry)
    assert (info.reason, retry.retry_delay.seconds) == ("OVERLOADED", 1)
    health = health_pb2_grpc.HealthStub(channel)
    await health.Check(health_pb2.HealthCheckRequest())
    await busy.give(1)
    assert (await get_goal(channel)).etag == "1"


async def test_who_hangs_up_while_waiting_keeps_no_place(
    busy: Busy, channel: grpc.aio.Channel
) -> None:
    busy.admission.limit = MOST / 2
    await busy.take(MOST // 2)
    called = get_goal(channel)
    await eventually(lambda: busy.admission.waiting == 1)
    called.cancel()
    await eventually(lambda: busy.admission.waiting == 0)
    await busy.give(MOST // 2)
    assert (busy.admission.running, busy.room.held) == (0, 0)
