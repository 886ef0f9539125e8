"""HTTP as bytes on real connections: whatever a client may send, in whatever pieces."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from services.chassis.edge.http_protocol import Doorkeeper
from services.chassis.edge.serving import http_config, listen, serve_until

SMALL = 4 * 1024  # bytes of a socket's buffer, so that little is under way unseen


class Wire:
    """One connection. Everything waits for 10 s at most."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def put(self, data: bytes) -> None:
        """Send it when the loop turns next."""
        self._writer.write(data)

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


class Unread:
    """A connection on which something is asked and nothing read. Close it."""

    def __init__(self, address: tuple[str, int], sent: bytes) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        self._socket.connect(address)
        self._socket.sendall(sent)
        self._socket.setblocking(False)

    async def read(self, most: int) -> bytes:
        """What comes next; nothing where the other side has closed. Waits for 10 s at most."""
        async with asyncio.timeout(10):
            try:
                return await asyncio.get_running_loop().sock_recv(self._socket, most)
            except ConnectionError:
                return b""

    def close(self) -> None:
        self._socket.close()


class Listening:
    """A served application. Its connections are closed with it."""

    def __init__(self, address: tuple[str, int], server: uvicorn.Server) -> None:
        self.address, self._server = address, server
        self.wires: list[Wire | Unread] = []

    @property
    def open(self) -> int:
        """Connections that the server has."""
        return len(self._server.server_state.connections)

    @property
    def stuck(self) -> int:
        """Those of them that wait for the other side to read."""
        connections: Any = self._server.server_state.connections
        return sum(each.flow.write_paused for each in connections)

    def unread(self, sent: bytes) -> Unread:
        self.wires.append(one := Unread(self.address, sent))
        return one

    async def connect(self, count: int = 1) -> list[Wire]:
        wires = [Wire(*await asyncio.open_connection(*self.address)) for _ in range(count)]
        self.wires += wires
        return wires

    def cut(self) -> None:
        """End all connections, as the server sees it when their other sides have gone."""
        connections: Any = self._server.server_state.connections
        for each in connections:
            each.transport.abort()

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
    stop, listener = asyncio.Event(), listen("127.0.0.1", 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)  # of its connections, too
    server = uvicorn.Server(http_config(app, connections, 1, door))
    running = asyncio.create_task(serve_until(stop, server, listener))
    up = Listening(listener.getsockname(), server)
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
