"""Tokens by client credentials: asked for once, kept until shortly before their end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import pytest

from services.chassis.log.security import TokenRefused
from services.chassis.log.token_endpoint import TokenEndpoint

GOOD = {"access_token": "one", "expires_in": 300}


class Endpoint:
    """Answers with `status` and `body`, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status, self.body = "200 OK", json.dumps(GOOD).encode()
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r")[0])
        form = parse_qs((await reader.readexactly(length)).decode())
        self.asked.append((head, form))
        size = f"Content-Length: {len(self.body)}\r\nConnection: close\r\n\r\n"
        writer.write(f"HTTP/1.1 {self.status}\r\n{size}".encode() + self.body)
        await writer.drain()
        writer.close()


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    made = Endpoint()
    serving = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    async with serving:
        made.url = f"http://127.0.0.1:{serving.sockets[0].getsockname()[1]}/token"
        yield made


async def test_a_token_is_asked_for_once_and_again_before_it_ends(endpoint: Endpoint) -> None:
    now = 1000.0
    token = TokenEndpoint(endpoint.url, "goals", lambda: "hush", "kafka", clock=lambda: now)
    assert await asyncio.gather(*(token() for _ in range(5))) == ["one"] * 5
    now += 239
    assert await token() == "one"
    ((head, form),) = endpoint.asked
    assert "authorization: basic z29hbhm6ahvzaa==" in head  # goals:hush, in lower case
    assert form == {"grant_type": ["client_credentials"], "scope": ["kafka"]}
    endpoint.body = json.dumps({**GOOD, "access_token": "two"}).encode()
    now += 2
    assert await token() == "two"


async def test_a_token_of_unknown_length_is_not_kept(endpoint: Endpoint) -> None:
    endpoint.body = b'{"access_token": "one"}'
    token = TokenEndpoint(endpoint.url, "goals", lambda: "hush")
    assert [await token(), await token()] == ["one", "one"]
    assert len(endpoint.asked) == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("401 Unauthorized", b"{}"),
        ("302 Found", json.dumps(GOOD).encode()),
        ("200 OK", b"<html>"),
        ("200 OK", b"[]"),
        ("200 OK", b'{"access_token": 7}'),
        ("200 OK", b'{"access_token": "a\\u0001b"}'),
        ("200 OK", b" " * 70_000),
    ],
)
async def test_an_endpoint_that_gives_none_refuses(
    endpoint: Endpoint, status: str, body: bytes
) -> None:
    endpoint.status, endpoint.body = status, body
    token = TokenEndpoint(endpoint.url, "goals", lambda: "hush")
    with pytest.raises(TokenRefused) as caught:
        await token()
    assert "hush" not in str(caught.value)


async def test_an_endpoint_that_is_away_is_no_refusal(unused_tcp_port: int) -> None:
    token: Any = TokenEndpoint(f"http://127.0.0.1:{unused_tcp_port}/", "goals", lambda: "hush")
    with pytest.raises(OSError, match="no token from http") as caught:
        await token()
    assert not isinstance(caught.value, TokenRefused)
