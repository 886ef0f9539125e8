"""Nobody keeps others out of HTTP, or fills a process, by what is no request yet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from services.chassis.call import Principal
from services.chassis.edge import deadline, http_protocol, http_strict
from services.chassis.edge.health import Health, build_internal
from services.chassis.edge.http_protocol import AHEAD, MAX_HEAD
from services.chassis.edge.shares import STRANGERS, Room
from services.chassis.edge.turnstile import Turnstile
from services.chassis.metrics import Metrics
from tests.support.raw_socket import Listening, Wire, listening, request
from tests.support.tiny_service import build, router
from tests.support.tokens import LocalIssuer
from tests.support.waiting import HANGS, eventually

ISSUER = LocalIssuer()
SHARE = 50  # of 200, the default
THINGS = "/things/v1/things"
PLAIN = b"GET /things/openapi.json HTTP/1.1\r\nHost: t\r\n\r\n"
TOO_MUCH = http_protocol.refusal(503, "overloaded", "Too much")
JSON = "Content-Type: application/json"


class KnowsAll:
    """A door that nobody waits at."""

    def knows(self, scope: Any) -> bool:
        return True

    @property
    def turnstile(self) -> Turnstile:
        return Turnstile()


@pytest.fixture
def app() -> FastAPI:
    return build(router(), ISSUER, Metrics())


@pytest.fixture
async def up(app: FastAPI) -> AsyncIterator[Listening]:
    async with listening(app) as started:
        yield started


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.1)
    monkeypatch.setattr(http_protocol, "UNREAD_SECONDS", 0.1)
    monkeypatch.setattr(http_strict, "BODY_SECONDS", 0.1)


def read(person: str = "teacher-1") -> bytes:
    return request(THINGS, bearer(person))


def bearer(person: str) -> str:
    return f"Authorization: {ISSUER.bearer(person)['Authorization']}"


def begun(*headers: str, target: str = THINGS) -> bytes:
    """A request whose body does not follow."""
    return request(target, JSON, "Content-Length: 1000", *headers, method="POST", body=b"{")


def made(name: str, *headers: str) -> bytes:
    return posted(THINGS, b'{"name": "%b"}' % name.encode(), *headers)


def submitted() -> bytes:
    """An answer without a token."""
    return posted("/things/v1/submissions", b'{"district_id": "riverside", "text": "good"}')


def posted(target: str, body: bytes, *headers: str) -> bytes:
    length = f"Content-Length: {len(body)}"
    return request(target, JSON, length, *headers, method="POST", body=body)


async def until_cut(wire: Wire, piece: bytes) -> None:
    """Goes on sending until the other side takes no more."""
    async with asyncio.timeout(HANGS):
        while await wire.send(piece):
            pass


def large_heads() -> Iterator[tuple[str, bytes]]:
    yield "many headers", request(THINGS, *(f"X-{n}: {'x' * 100}" for n in range(400)))
    yield "one header", request(THINGS, f"X-Long: {'x' * MAX_HEAD}")
    yield "a line without end", b"GET /things/v1/things HTTP/1.1\r\nX-Long: " + b"x" * 40_000
    yield "a target", request(f"{THINGS}?{'x' * MAX_HEAD}")
    yield "a target without end", b"GET /" + b"x" * 40_000
    yield "a name without end", b"GET / HTTP/1.1\r\n" + b"x" * 40_000


@pytest.mark.parametrize(("what", "head"), list(large_heads()))
async def test_a_head_is_at_most_32_kib(up: Listening, what: str, head: bytes) -> None:
    assert await up.ask(head) == 431, what
    assert await up.ask(read()) == 200


async def test_a_head_that_never_ends_is_cut(up: Listening) -> None:
    (wire,) = await up.connect()
    await wire.send(b"GET / HTTP/1.1\r\n")
    await until_cut(wire, b"X: %b\r\n" % (b"x" * 1_000))


async def test_a_large_head_is_one_in_whatever_pieces(up: Listening) -> None:
    (wire,) = await up.connect()
    head = request(THINGS, bearer("teacher-1"), *(f"X-{n}: {'x' * 1_000}" for n in range(28)))
    for at in range(0, len(head), 3_000):
        await wire.send(head[at : at + 3_000])
    assert await wire.status() == 200
    await wire.send(head)  # what came before does not count
    assert await wire.status() == 200


async def test_a_large_body_is_no_large_head(up: Listening) -> None:
    body = b'{"name": "%b"}' % (b"x" * 100_000)
    head = (JSON, f"Content-Length: {len(body)}", bearer("teacher-1"))
    both = request(THINGS, *head, method="POST", body=body) + read()
    (wire,) = await up.connect()
    await wire.send(both)
    assert await wire.status() == 422  # such a long name
    assert await wire.status() == 200


@pytest.mark.parametrize("half", [b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: t\r\n"])
async def test_half_a_head_is_given_up(hurried: None, up: Listening, half: bytes) -> None:
    assert await up.ask(half) == 408


async def test_it_does_not_help_to_go_on_slowly(hurried: None, up: Listening) -> None:
    first, second = await up.connect(2)
    await second.send(read())
    assert await second.status() == 200

    await first.send(b"GET / HTTP/1.1\r\nX-Slow: ")
    await asyncio.gather(until_cut(first, b"x"), until_cut(second, b"\r\n"))
    assert await up.ask(read()) == 200


async def test_a_connection_without_a_request_is_closed(hurried: None, up: Listening) -> None:
    (wire,) = await up.connect()
    assert await wire.status() == 0


async def test_half_a_second_request_is_given_up(hurried: None, up: Listening) -> None:
    (wire,) = await up.connect()
    await wire.send(read() + b"GET / HT")
    assert [await wire.status(), await wire.status()] == [200, 408]


async def test_the_body_that_nobody_wants_ends(hurried: None, up: Listening) -> None:
    (wire,) = await up.connect()
    await wire.send(request(THINGS, JSON, "Transfer-Encoding: chunked", method="POST"))
    assert await wire.status() == 401  # before any of it has come
    await until_cut(wire, b"1000\r\n" + b"x" * 0x1000 + b"\r\n")


@pytest.mark.parametrize("end", [b"d;", b'd\r\n{"name": "a"}\r\n0\r\nX-Trailer: '])
async def test_no_body_has_endless_words_around_it(up: Listening, end: bytes) -> None:
    (wire,) = await up.connect()
    chunked = (JSON, "Transfer-Encoding: chunked", bearer("teacher-1"))
    await wire.send(request(THINGS, *chunked, method="POST", body=end))
    await until_cut(wire, b"x" * 10_000)


async def test_trailers_are_not_taken_for_headers(up: Listening) -> None:
    (wire,) = await up.connect()
    chunked = (JSON, "Transfer-Encoding: chunked", bearer("teacher-1"))
    await wire.send(request(THINGS, *chunked, method="POST"))
    await wire.send(b'd\r\n{"name": "a"}\r\n0\r\nIdempotency-Key: a b\r\n\r\n' + read())
    assert [await wire.status(), await wire.status()] == [201, 200]


async def test_few_requests_may_be_sent_ahead(up: Listening) -> None:
    few, many = await up.connect(2)
    await few.send(read() * 5)
    assert [await few.status() for _ in range(5)] == [200] * 5
    await many.send(read() * 1_000)
    answered = 0
    while await many.status():
        answered += 1
    assert answered <= AHEAD + 1
    assert await up.ask(read()) == 200


async def test_who_does_nothing_gives_way_to_who_comes(app: FastAPI) -> None:
    async with listening(app, connections=8) as up:
        (waiting,) = await up.connect()
        await waiting.send(begun(bearer("coach-1")))
        await eventually(lambda: app.state.gate.room.arriving == 1)
        idle = await up.connect(20)
        assert await idle[0].status() == 0
        for _ in range(3):
            assert await up.ask(read()) == 200
        assert app.state.gate.room.arriving == 1  # hers is still under way


async def test_one_caller_holds_her_share_and_others_are_served(
    app: FastAPI, up: Listening
) -> None:
    room = app.state.gate.room
    hers = await up.connect(SHARE)
    for wire in hers:
        await wire.send(made("slow", bearer("coach-1")))
    await eventually(lambda: room.held == SHARE)
    assert await up.ask(read("coach-1")) == 429
    assert await up.ask(read()) == 200
    for wire in hers:
        wire.close()


async def test_who_sends_no_bodies_holds_nothing_of_others(app: FastAPI, up: Listening) -> None:
    room = app.state.gate.room
    coaches = [f"coach-{number}" for number in range(4)]
    assert [await up.ask(read(coach)) for coach in coaches] == [200] * 4
    begin = [begun(bearer(coach)) for coach in coaches] * SHARE
    wires = await up.connect(len(begin))
    for wire, half in zip(wires, begin, strict=True):
        await wire.send(half)
    await eventually(lambda: room.arriving == 4 * SHARE)
    for person in ("teacher-1", "coach-1"):
        assert await up.ask(read(person)) == 200
        assert await up.ask(made("a", bearer(person))) == 201
    assert await up.ask(submitted()) == 200
    assert (room.held, room.arriving) == (0, 4 * SHARE), "what comes whole takes nobody's place"
    for person, wire in zip(("teacher-1", "coach-1"), await up.connect(2), strict=True):
        await wire.send(begun(bearer(person)))
    assert [await wires[0].status(), await wires[1].status()] == [429, 429]
    assert (room.held, room.arriving) == (0, 4 * SHARE)


async def test_a_body_may_not_come_where_none_is_asked_for(app: FastAPI, up: Listening) -> None:
    room = app.state.gate.room
    (wire,) = await up.connect()
    keyed = ("Idempotency-Key: k", "Content-Length: 1000", bearer("coach-1"))
    await wire.send(request("/things/v1/forgetful", *keyed, body=b"{"))
    await eventually(lambda: room.arriving == 1)
    assert (room.held, room.admission.running) == (0, 0)


async def test_who_is_not_known_gives_way_among_her_like() -> None:
    async def knows(principal: Principal, operation: str) -> bool:
        return principal.person.startswith("teacher")

    room = Room(200, knows=knows)
    app = build(router(), ISSUER, Metrics(), room=room)
    async with listening(app) as up:
        (known,) = await up.connect()
        await known.send(begun(bearer("teacher-2")))
        await eventually(lambda: room.arriving == 1)
        for number in range(20):
            for wire in await up.connect(SHARE // 2):
                await wire.send(begun(bearer(f"nobody-{number}")))
        await eventually(lambda: room.arriving == 1 + STRANGERS)
        assert await up.ask(made("a", bearer("new"))) == 201  # before she is known
        assert await up.ask(made("a", bearer("teacher-1"))) == 201
        assert await up.ask(submitted()) == 200
        await known.send(b" " * 998 + b"}")
        assert await known.status() == 422  # an empty thing


async def test_looking_somebody_up_counts_in_the_time_of_her_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deadline, "ANSWER_SECONDS", 0.05)

    async def knows(principal: Principal, operation: str) -> bool:
        await asyncio.Event().wait()
        return True

    room = Room(200, knows=knows)
    async with listening(build(router(), ISSUER, Metrics(), room=room)) as up:
        (wire,) = await up.connect()
        await wire.send(begun(bearer("teacher-1")))
        assert await wire.status() == 503
    assert (room.held, room.arriving) == (0, 0)


async def test_bodies_without_a_token_are_few(up: Listening) -> None:
    wires = await up.connect(2 * STRANGERS)
    for wire in wires:
        await wire.send(begun(target="/things/v1/submissions"))
    assert await up.ask(submitted()) == 200
    given_up = [await wire.status() for wire in wires[:STRANGERS]]
    assert given_up == [429] * STRANGERS


async def test_who_does_not_read_gives_way_to_who_comes(app: FastAPI) -> None:
    async with listening(app, connections=8) as up:
        for _ in range(20):
            up.unread(PLAIN * 14)
        await eventually(lambda: up.stuck == 8)
        for _ in range(3):
            assert await up.ask(read()) == 200


async def test_the_answers_of_few_wait_for_their_readers(
    monkeypatch: pytest.MonkeyPatch, up: Listening
) -> None:
    monkeypatch.setattr(http_protocol, "UNREAD", 3)
    for _ in range(20):
        up.unread(PLAIN * 14)
    assert await up.ask(read()) == 200
    await eventually(lambda: up.open <= 4)


@pytest.mark.parametrize("last", [b"", request("/things/openapi.json", "Connection: close")])
async def test_who_does_not_read_for_long_is_cut(
    monkeypatch: pytest.MonkeyPatch, up: Listening, last: bytes
) -> None:
    monkeypatch.setattr(http_protocol, "UNREAD_SECONDS", 0.1)
    assert await up.unread(last or PLAIN * 14).read(1)
    await eventually(lambda: up.open == 0)


async def test_who_reads_slowly_reads_all(monkeypatch: pytest.MonkeyPatch, up: Listening) -> None:
    monkeypatch.setattr(http_protocol, "UNREAD_BYTES", 1)
    (wire,) = await up.connect()
    await wire.send(PLAIN)
    _, whole = await wire.answer()
    slow = up.unread(PLAIN * 14)
    taken = b""
    while taken.count(whole) < 14:
        taken += (piece := await slow.read(1_000))
        assert piece


async def test_who_reads_no_answers_is_sent_no_refusals(app: FastAPI) -> None:
    class Closed(KnowsAll):
        def refuses(self, scope: Any) -> bytes | None:
            return TOO_MUCH if scope["method"] == "POST" else None

    refused = request(THINGS, "Content-Length: 0", method="POST")
    async with listening(app, door=Closed()) as up:
        assert await up.ask(refused) == 503
        (unread,) = await up.connect()
        await until_cut(unread, refused * 100)
        assert await up.ask(read()) == 200


async def test_the_internal_port_has_the_same_limits(hurried: None) -> None:
    async def ping() -> None:
        return

    app = build_internal(Health(ping), Metrics(), {"long": "x" * 100_000})
    async with listening(app) as up:
        assert await up.ask(request("/livez", f"X-Long: {'x' * MAX_HEAD}")) == 431
        assert await up.ask(b"GET /livez HTTP/1.1\r\n") == 408
        unread = up.unread(request("/config", "Connection: close"))
        assert await unread.read(1)
        await eventually(lambda: up.open == 0)
        assert await up.ask(request("/livez")) == 200
