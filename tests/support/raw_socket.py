"""HTTP as bytes on real connections: whatever a client may send, in whatever pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from services.chassis.edge.http_protocol import Doorkeeper
from services.chassis.edge.serving import http_config, listen, serve_until


class Wire:
    """One connection. Everything waits for 10 s at most."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes) -> bool:
        """Whether the other side still took something."""
        try:
            async with asyncio.timeout(10):
                self._writer.write(data)
                await self._writer.drain()
                await asyncio.sleep(0)  # it is heard of a cut only when the loop turns
        except ConnectionError:
            return False
        return not self._writer.is_closing()

    async def status(self) -> int:
        """That of the next answer; 0 when the other side has closed instead."""
        head, _ = await self.answer()
        return int(head.split(" ", 2)[1]) if head else 0

    async def answer(self) -> tuple[str, bytes]:
        """Head, in lower case, and body of the next answer; nothing when there is none."""
        try:
            async with asyncio.timeout(10):
                head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = head.partition("content-length: ")[2].partition("\r\n")[0]
                return head, await self._reader.readexactly(int(length or 0))
        except (asyncio.IncompleteReadError, ConnectionError):
            return "", b""

    def close(self) -> None:
        self._writer.close()


class Listening:
    """A served application. Its connections are closed with it."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.wires: list[Wire] = []

    async def connect(self, count: int = 1) -> list[Wire]:
        for _ in range(count):
            self.wires.append(Wire(*await asyncio.open_connection(*self.address)))
        return self.wires[-count:]

    async def ask(self, request: bytes) -> int:
        """The status that one request gets on a connection of its own."""
        (wire,) = await self.connect()
        await wire.send(request)
        return await wire.status()


@asynccontextmanager
async def listening(
    app: ASGIApp, connections: int = 1_000, door: Doorkeeper | None = None
) -> AsyncIterator[Listening]:
    """`app` as it is served in a process, until the end of the block."""
    stop, socket = asyncio.Event(), listen("127.0.0.1", 0)
    server = uvicorn.Server(http_config(app, connections, 1, door))
    running = asyncio.create_task(serve_until(stop, server, socket))
    up = Listening(socket.getsockname())
    try:
        yield up
    finally:
        for wire in up.wires:
            wire.close()
        stop.set()
        await running


def request(target: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    """The bytes of a request; a Content-Length is yours to give."""
    lines = [f"{method} {target} HTTP/1.1", "Host: t", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
