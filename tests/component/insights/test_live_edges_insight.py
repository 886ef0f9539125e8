"""A live caseload on the wire: server-sent events from a real server, and gRPC."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import httpx2
import orjson
import pytest
import uvicorn

from coaching.insights.v1 import caseload_pb2 as pb
from coaching.insights.v1.caseload_pb2_grpc import CaseloadsServiceStub
from services.chassis.edge.grpc_server import GrpcServer
from services.chassis.edge.serving import listen, serve_until
from services.chassis.metrics import SSE_CLIENTS, Metrics
from services.chassis.settings import load
from services.insights.bootstrap import edges, policies
from services.insights.live import sse
from services.insights.live.read import watch_caseload
from services.insights.live.resources import LiveEvent
from services.insights.settings import Settings
from tests.support.asking import plain_client
from tests.support.edges import gate
from tests.support.insight import COACH, Insights, small_district
from tests.support.platform import NamedCallers
from tests.support.waiting import eventually

LIVE = f"/insights/v1/caseloads/{COACH}/live"
Event = tuple[str, str, dict[str, Any]]


class Running:
    """The service with its API roles running; `stop` is the process's SIGTERM."""

    def __init__(self, insights: Insights, base: str, port: int) -> None:
        self.insights = insights
        self.base = base
        self.port = port
        self.stop = asyncio.Event()

    @property
    def clients(self) -> float:
        metrics = self.insights.service.app.state.gate.metrics
        return float(metrics.of(SSE_CLIENTS)._value.get())


@asynccontextmanager
async def running() -> AsyncIterator[Running]:
    insights = await small_district()
    service = insights.service
    listening = listen("127.0.0.1", 0)
    port = await service.grpc.start()
    up = Running(insights, f"http://127.0.0.1:{listening.getsockname()[1]}", port)
    config = uvicorn.Config(
        service.app, http="httptools", loop="none", lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    tasks = [
        asyncio.create_task(serve_until(up.stop, server, listening)),
        asyncio.ensure_future(service.roles["api.live"](up.stop)),
        asyncio.ensure_future(service.roles["api.almanac"](up.stop)),
    ]
    try:
        yield up
    finally:
        up.stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 10)
        await service.grpc.stop()


async def events(answer: httpx2.Response) -> AsyncIterator[Event]:
    kind = token = ""
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "id":
            token = value
        elif name == "data":
            body = orjson.loads(value)
            LiveEvent.model_validate({"event": kind, "id": token, "data": body})
            yield kind, token, body
        elif name == "retry":
            assert value == "2000"


async def new(stream: AsyncIterator[Event], known: dict[str, Any] | None = None) -> Event:
    """The next event that is neither a heartbeat nor an entry that shows what is known: her card
    may hear of an end before who may see it does, and no field shows that."""
    return await anext(
        event
        async for event in stream
        if event[0] != "heartbeat" and (known is None or event[2].get("entry") != known)
    )


async def read_all(call: Any, told: list[Any]) -> None:
    while True:
        told.append(await call.read())


@asynccontextmanager
async def listening_to(up: Running, **headers: str) -> AsyncIterator[AsyncIterator[Event]]:
    async with (
        plain_client(base_url=up.base, timeout=10) as client,
        client.stream(
            "GET", LIVE, headers={"Authorization": f"Bearer north/{COACH}", **headers}
        ) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "gzip" in answer.request.headers["accept-encoding"]
        assert "content-encoding" not in answer.headers  # which would hold back what is to be live
        yield events(answer)


async def test_server_sent_events_begin_with_all_and_go_on_with_changes() -> None:
    async with running() as up, listening_to(up) as stream:
        kind, _, body = await anext(stream)
        assert (kind, body["entries"], body["school_year"]) == ("reset", 2, 2027)
        entries = [(await anext(stream))[2] for _ in range(2)]
        first = [each["entry"]["teacher_id"] for each in entries]
        assert [each["after_teacher_id"] for each in entries] == [None, first[0]]
        assert sorted(first) == ["t1", "t2"]
        kind, _, body = await anext(stream)
        assert (kind, body["teacher_ids"]) == ("order", first)
        up.insights.progress("t1", 15)
        await up.insights.project()
        kind, _, body = await new(stream)
        assert kind == "entry"
        assert body["entry"]["open_goals"][0]["progress_share"] == 0.5
        assert set(body) == {"entry", "need", "after_teacher_id", "as_of", "stale"}
        assert body["need"] == 0
        up.insights.coached("t1", active=False)
        await up.insights.project()
        kind, _, body = await new(stream, known=body["entry"])
        assert (kind, body["teacher_id"]) == ("gone", "t1")


async def test_a_browser_that_comes_back_gets_what_it_missed() -> None:
    async with running() as up:
        async with listening_to(up) as stream:
            token = [await anext(stream) for _ in range(4)][-1][1]
        await eventually(lambda: up.clients == 0)
        up.insights.progress("t2", 15)
        await up.insights.project()
        async with listening_to(up, **{"Last-Event-ID": token}) as stream:
            kind, _, body = await new(stream)
            if kind == "order":  # of before: told first where the change is not heard of yet
                kind, _, body = await new(stream)
            assert (kind, body["entry"]["teacher_id"]) == ("entry", "t2")


async def test_sigterm_says_goodbye_to_both() -> None:
    async with running() as up, grpc.aio.insecure_channel(f"127.0.0.1:{up.port}") as channel:
        call: Any = CaseloadsServiceStub(channel).WatchCaseload(
            pb.WatchCaseloadRequest(coach_id=COACH),
            metadata=(("authorization", f"Bearer north/{COACH}"),),
        )
        told = [await call.read() for _ in range(4)]
        assert [each.kind for each in told] == [1, 2, 2, 6]
        assert told[3].teacher_ids == [each.entry.teacher_id for each in told[1:3]]
        assert told[0].entry_count == 2
        assert [each.HasField("after_teacher_id") for each in told] == [False, False, True, False]
        assert told[2].after_teacher_id == told[1].entry.teacher_id
        async with listening_to(up) as stream:
            last = [await anext(stream) for _ in range(4)][-1]
            up.stop.set()
            kind, token, body = await new(stream)
            assert (kind, token, body["reason"]) == ("bye", last[1], "resume")
            assert [each async for each in stream] == []
        bye = await call.read()
        assert bye.kind == pb.WatchCaseloadResponse.KIND_BYE
        assert bye.resume_token == told[-1].resume_token
        assert await call.read() is grpc.aio.EOF
        assert await call.code() is grpc.StatusCode.OK


async def test_one_person_has_five_streams_over_both_together() -> None:
    async with (
        running() as up,
        grpc.aio.insecure_channel(f"127.0.0.1:{up.port}") as channel,
        listening_to(up) as stream,
    ):
        last = [await anext(stream) for _ in range(4)][-1]
        for _ in range(5):
            call: Any = CaseloadsServiceStub(channel).WatchCaseload(
                pb.WatchCaseloadRequest(coach_id=COACH),
                metadata=(("authorization", f"Bearer north/{COACH}"),),
            )
            assert (await call.read()).entry_count == 2
        kind, token, _ = await new(stream)
        assert (kind, token) == ("bye", last[1])


async def test_a_stream_that_is_refused_is_no_stream() -> None:
    async with running() as up, plain_client(base_url=up.base) as client:
        answer = await client.get(LIVE, headers={"Authorization": "Bearer north/t1"})
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("place", ["?", "a" * 5_000, "MS5hLmIuYy5k"])
async def test_a_place_that_never_was_one_begins_anew_over_both(place: str) -> None:
    """A reader that keeps it would come back with it for ever."""
    async with running() as up:
        async with listening_to(up, **{"Last-Event-ID": place}) as stream:
            told = [await anext(stream) for _ in range(4)]
        assert [kind for kind, _, _ in told] == ["reset", "entry", "entry", "order"]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{up.port}") as channel:
            call: Any = CaseloadsServiceStub(channel).WatchCaseload(
                pb.WatchCaseloadRequest(resume_token=f"{place}\0"),
                metadata=(("authorization", f"Bearer north/{COACH}"),),
            )
            sent = [await call.read() for _ in range(4)]
            call.cancel()
        assert [each.kind for each in sent] == [1, 2, 2, 6]
        assert sent[3].teacher_ids == told[3][2]["teacher_ids"]


async def test_a_slow_grpc_reader_is_told_where_to_resume() -> None:
    """64 messages may wait; she takes none while more are made than fit there and into the
    connection's own buffers."""
    insights = await small_district()
    server = GrpcServer(
        edges(insights.ports)[1],
        gate(load(Settings, environment="test", host="127.0.0.1", grpc_port=0), NamedCallers()),
        policies=policies(),
    )
    port = await server.start()
    options = [("grpc.http2.lookahead_bytes", 1024), ("grpc.http2.bdp_probe", 0)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        call: Any = CaseloadsServiceStub(channel).WatchCaseload(
            pb.WatchCaseloadRequest(coach_id=COACH),
            metadata=(("authorization", f"Bearer north/{COACH}"),),
        )
        told = [await call.read() for _ in range(4)]
        for value in range(200):
            for goal in range(40):
                insights.progress("t1", value, f"goal-{goal}")
            await insights.settle()
        with pytest.raises(grpc.aio.AioRpcError) as dropped:
            await read_all(call, told)
        assert dropped.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert told[-1].kind == pb.WatchCaseloadResponse.KIND_BYE
        assert told[-1].resume_token == told[-2].resume_token
    await server.stop()
    assert insights.ports.live.hub.readers == 0


async def test_a_reader_who_takes_nothing_at_all_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sse, "SEND_SECONDS", 0.05)
    insights = await small_district()
    call = insights.call("watch_caseload")
    watch = await watch_caseload(insights.ports.live, call, coach=COACH)
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) > 3:
            await asyncio.Event().wait()

    await asyncio.wait_for(sse.LiveResponse(watch, Metrics())({}, receive, send), 10)
    assert len(sent) == 4
    assert insights.ports.live.hub.readers == 0
