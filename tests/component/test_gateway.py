"""The one address of a local stack: every service behind it, streams included, and nobody who was
led there by another site."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from services.assembly.registry import SERVICES
from services.chassis.log.envelope import PendingEvent, Record, headers_of
from services.chassis.metrics import CONSUMER_LAG, Metrics
from services.ctl.gateway import forward, passing
from services.ctl.local.districts import DEMO, write_districts
from services.ctl.local.keys import district_of
from tests.support.gateways import gateway
from tests.support.waiting import HANGS, eventually

MOMENT = datetime(2026, 11, 19, 20, tzinfo=UTC)


async def _echo(request: Request) -> Response:
    """What a service was asked."""
    body = await request.body()
    asked = {
        "method": request.method,
        "target": request.scope["raw_path"].decode() + "?" + request.url.query,
        "headers": [[name, value] for name, value in request.headers.items()],
        "length": len(body),
    }
    return JSONResponse(asked, 418, {"ETag": '"7"', "X-Request-Id": "its own"})


METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
ECHO = Starlette(routes=[Route("/{path:path}", _echo, methods=METHODS)])


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_is_asked_what_the_caller_asks(service: str) -> None:
    async with gateway(ECHO) as client:
        answer = await client.post(
            f"/{service}/v1/things/a%2Fb%20c?q=%C3%A4&q=2",
            content=b"x" * 300_000,
            headers={"Idempotency-Key": "k", "TE": "trailers"},
        )
    asked = answer.json()
    headers = dict(asked["headers"])
    assert (asked["method"], asked["length"]) == ("POST", 300_000)
    assert asked["target"] == f"/{service}/v1/things/a%2Fb%20c?q=%C3%A4&q=2"
    assert (headers["idempotency-key"], headers.get("te")) == ("k", None)
    assert headers["host"].startswith("127.0.0.1:")
    assert (answer.status_code, answer.headers["etag"]) == (418, '"7"')
    assert answer.headers.get_list("x-request-id") == ["its own"]
    assert len(answer.headers.get_list("date")) == 1


async def test_chunks_and_empty_bodies_arrive_as_they_are() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    async with gateway(ECHO) as client:
        chunked = (await client.put("/goals/v1/x", content=chunks())).json()
        empty = (await client.post("/goals/v1/x")).json()
        read = (await client.get("/goals/v1/x")).json()
    assert [each["length"] for each in (chunked, empty, read)] == [6, 0, 0]
    assert dict(empty["headers"])["content-length"] == "0"
    assert not {"content-length", "transfer-encoding"} & dict(read["headers"]).keys()


async def test_a_service_that_is_down_is_named() -> None:
    async with gateway(ECHO, down=["surveys"]) as client:
        answer = await client.get("/surveys/v1/instruments")
        other = await client.get("/goals/v1/goals")
        services = (await client.get("/local/services")).json()["services"]
    assert answer.status_code == 502
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "service_down"
    assert "The surveys service does not answer at http://127.0.0.1:" in answer.json()["detail"]
    assert other.status_code == 418
    assert {each["name"] for each in services} == set(SERVICES)


async def _tells(request: Request) -> Response:
    metrics = Metrics()
    for group, lag in (("insights-cards", 3), ("insights-timeline", 4)):
        metrics.of(CONSUMER_LAG, group).set(lag)
    return Response(metrics.exposition())


async def test_how_far_behind_a_service_is() -> None:
    """And one that does not tell is ready all the same."""
    telling = Starlette(routes=[Route("/readyz", _ready), Route("/metrics", _tells)])
    silent = Starlette(routes=[Route("/readyz", _ready)])
    for app, behind in ((telling, 7), (silent, None)):
        async with gateway(app) as client:
            services = (await client.get("/local/services")).json()["services"]
        assert {(each["ready"], each["behind"]) for each in services} == {(True, behind)}


async def _ready(request: Request) -> Response:
    return Response()


class _Stream:
    """An endless stream of a service; `ended` once its reader has gone."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[bytes] = asyncio.Queue()
        self.ended = asyncio.Event()

    async def answer(self, request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            try:
                while piece := await self.said.get():
                    yield piece
            finally:
                self.ended.set()

        return StreamingResponse(pieces(), media_type="text/event-stream")


async def test_a_stream_passes_piece_by_piece_and_ends_with_its_reader() -> None:
    stream = _Stream()
    app = Starlette(routes=[Route("/insights/v1/live", stream.answer)])
    async with asyncio.timeout(HANGS), gateway(app) as client:
        async with client.stream("GET", "/insights/v1/live") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            pieces = answer.aiter_raw()
            for said in (b"data: 1\n\n", b"data: 2\n\n"):
                stream.said.put_nowait(said)
                assert await anext(pieces) == said
        await stream.ended.wait()


async def test_a_stream_ends_with_its_service_and_with_the_stack() -> None:
    stream = _Stream()
    app = Starlette(routes=[Route("/insights/v1/live", stream.answer)])
    async with asyncio.timeout(HANGS), httpx2.AsyncClient() as reader:
        async with gateway(app) as client:
            url = client.base_url.join("/insights/v1/live")
            async with reader.stream("GET", url) as answer:
                for said in (b"data: 1\n\n", b""):
                    stream.said.put_nowait(said)
                assert await answer.aread() == b"data: 1\n\n"
            cut = await reader.send(reader.build_request("GET", url), stream=True)
            pieces = cut.aiter_raw()
            stream.said.put_nowait(b"data: 2\n\n")
            assert await anext(pieces) == b"data: 2\n\n"
        with pytest.raises(httpx2.RemoteProtocolError):
            await anext(pieces)
        await cut.aclose()


async def test_a_broken_answer_does_not_look_whole() -> None:
    async def broken(request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"half"
            raise RuntimeError

        return StreamingResponse(pieces())

    async with gateway(Starlette(routes=[Route("/goals/v1/x", broken)])) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.get("/goals/v1/x")


async def test_bodies_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "MOST_BYTES", 1_000)
    async with gateway(ECHO) as client:
        answer = await client.post("/roster/v1/imports", content=b"x" * 1_001)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_only_names_of_this_machine_are_answered() -> None:
    async with gateway(ECHO) as client:
        for host in ("evil.example", "127.0.0.1.evil.example", "", "[", "10.0.0.1"):
            for path in ("/", "/local/services", "/goals/v1/x"):
                answer = await client.get(path, headers={"Host": host})
                assert (answer.status_code, answer.json()["code"]) == (421, "unknown_host")
        for host in ("localhost:8080", "127.0.0.1", "[::1]:9"):
            assert (await client.get("/", headers={"Host": host})).status_code == 200


async def test_its_pages_load_nothing_from_elsewhere_and_run_nothing_inline() -> None:
    async with gateway(ECHO) as client:
        page = await client.get("/")
        style = await client.get("/pages/page.css")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["content-type"].startswith("text/html")
    assert style.headers["content-type"].startswith("text/css")
    assert style.headers["x-content-type-options"] == "nosniff"


async def test_a_service_by_its_name_alone_is_its_page() -> None:
    async with gateway(ECHO) as client:
        answer = await client.get("/goals")
    assert (answer.status_code, answer.headers["location"]) == (307, "/goals/docs")


async def test_an_unknown_route_says_where_the_services_are() -> None:
    async with gateway(ECHO) as client:
        answer = await client.get("/gaols/v1")
        method = await client.post("/")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_route")
    assert "/goals/v1" in answer.json()["detail"]
    assert (method.status_code, method.json()["code"]) == (405, "method_not_allowed")


def _published(version: int, teacher: str = "teacher-0001") -> Record:
    key = f"lakewood:{teacher}"
    event = PendingEvent(
        version, f"g:{version}", "coaching.goals.v1.GoalActivated", (key,), b"", MOMENT
    )
    said = headers_of(event, source="/tandem/goals", district="lakewood", aggregate_id="g", key=key)
    return Record("coaching.goals.v1", 0, version, key.encode(), b"", said)


class _Topics:
    """What is published, in batches."""

    def __init__(self) -> None:
        self.batches: asyncio.Queue[list[Record]] = asyncio.Queue()

    async def __call__(self) -> AsyncGenerator[Sequence[Record]]:
        while True:
            yield await self.batches.get()


async def test_events_pass_as_they_are_published_and_what_is_no_event_does_not() -> None:
    topics = _Topics()
    async with (
        asyncio.timeout(HANGS),
        gateway(ECHO, records=topics) as client,
        client.stream("GET", "/local/events") as answer,
    ):
        lines = answer.aiter_lines()
        assert (await anext(lines)).startswith(":")
        broken = Record("coaching.goals.v1", 0, 2, None, b"", [])
        topics.batches.put_nowait([_published(1), broken, _published(2)])
        said = [await anext(lines) for _ in range(7)]
    events = [json.loads(line.removeprefix("data: ")) for line in said if "data" in line]
    assert events == [
        {
            "type": "GoalActivated",
            "service": "goals",
            "district": "lakewood",
            "about": "teacher-0001",
            "version": version,
            "at": "2026-11-19T20:00:00Z",
        }
        for version in (1, 2)
    ]


async def test_a_slow_reader_of_events_loses_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "WAITING", 2)
    topics = _Topics()
    reading = passing.Passing(topics, asyncio.Event())
    running = asyncio.create_task(reading.run())
    messages = reading.messages()
    await anext(messages)
    topics.batches.put_nowait([_published(version) for version in range(1, 6)])
    seen = [json.loads((await anext(messages)).partition(b"data: ")[2]) for _ in range(2)]
    assert [each["version"] for each in seen] == [4, 5]
    await messages.aclose()
    running.cancel()


async def test_readers_of_events_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "READERS", 1)
    async with asyncio.timeout(HANGS), gateway(ECHO) as client:
        async with client.stream("GET", "/local/events") as first:
            await anext(first.aiter_lines())
            second = await client.get("/local/events")
            assert (second.status_code, second.json()["code"]) == (503, "overloaded")
        await eventually(lambda: _is_let_in(client))


async def _is_let_in(client: httpx2.AsyncClient) -> bool:
    async with client.stream("GET", "/local/events") as answer:
        return answer.status_code == 200


async def test_it_hands_out_tokens_of_the_demo_where_there_is_one(tmp_path: Path) -> None:
    write_districts(tmp_path, DEMO)
    async with gateway(ECHO, tmp_path, people={"coach": "coach-01"}) as client:
        told = (await client.get("/local/people")).json()
        write_districts(tmp_path, {"cedar": {}})
        none = (await client.get("/local/people")).json()
    assert told["district"] == "lakewood"
    (coach,) = told["people"]
    assert (coach["role"], coach["person"]) == ("coach", "coach-01")
    assert district_of(coach["token"]) == "lakewood"
    assert none["people"] == []


async def test_another_origin_lets_nobody_work_and_reads_no_token(tmp_path: Path) -> None:
    write_districts(tmp_path, DEMO)
    origin = {"Origin": "http://localhost:5173"}
    async with gateway(ECHO, tmp_path, people={"coach": "coach-01"}) as client:
        work = await client.post("/local/work", headers=origin)
        people = await client.get("/local/people", headers=origin)
    assert (work.status_code, work.json()["code"]) == (403, "other_origin")
    assert "access-control-allow-origin" not in people.headers


async def test_work_that_cannot_be_done_says_why(tmp_path: Path) -> None:
    write_districts(tmp_path, DEMO)
    async with gateway(ECHO, tmp_path, down=list(SERVICES)) as client:
        answer = await client.post("/local/work")
    assert (answer.status_code, answer.json()["code"]) == (502, "cannot_work")
    assert "cannot reach the roster service" in answer.json()["detail"]
