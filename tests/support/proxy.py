"""A TCP proxy whose connections can be made slow, cut, reset, silent or refused.

It runs on a thread of its own, so that a busy test does not slow down what it carries.
`calm` heals it: what was held back goes on, and new connections are as any other.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from services.ctl.engines.ports import HOST, pick_port

T = TypeVar("T")
CHUNK = 64 * 1024
DEAF_SECONDS = 0.05  # how often a silent connection looks whether it may speak again
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST


async def _first(*work: Coroutine[Any, Any, None]) -> None:
    """Until one of them ends, however; then the others are ended, too."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Proxy:
    """From `address` to `upstream_port` on this machine."""

    def __init__(self, upstream_port: int) -> None:
        self.upstream_port = upstream_port
        self.port = pick_port()
        self._latency = 0.0  # seconds, each way
        self._silent = False
        self._down = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: asyncio.Server = self._run(
            asyncio.start_server(self._accepted, HOST, self.port)
        )

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def slow(self, seconds: float) -> None:
        """Hold everything back for so long, each way."""
        self._latency = seconds

    def silent(self) -> None:
        """Half-open: connections stay, new ones are taken, and nothing passes any more."""
        self._silent = True

    def down(self) -> None:
        """Refuse new connections and reset those there are."""
        self._down = True
        self.reset()

    def reset(self) -> None:
        """Reset every connection there is; new ones work."""
        self._run(self._reset())

    def calm(self) -> None:
        """As if it were not there. Connections that were silent are reset: what they held
        back would otherwise come out of nowhere."""
        silent, self._silent, self._down, self._latency = self._silent, False, False, 0.0
        if silent:
            self.reset()

    def close(self) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _reset(self) -> None:
        for writer in self._writers:
            sock: socket.socket | None = writer.get_extra_info("socket")
            if sock is not None:
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()

    async def _close(self) -> None:
        self._down = True  # for who has connected just now
        self._server.close()
        await self._reset()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._down:
            writer.transport.abort()
            return
        self._writers.add(writer)
        there: asyncio.StreamWriter | None = None
        try:
            answers, there = await asyncio.open_connection(HOST, self.upstream_port)
            self._writers.add(there)
            await _first(self._carry(reader, there), self._carry(answers, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for each in (writer, there):
                if each is not None:
                    self._writers.discard(each)
                    each.transport.abort()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """One way of a connection, in order; each chunk is late by itself, not by those
        before it."""
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        await _first(self._read(source, waiting), self._write(waiting, target))

    async def _read(
        self, source: asyncio.StreamReader, waiting: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        """Never ends by itself: the writer does, at the empty chunk."""
        while chunk := await source.read(CHUNK):
            waiting.put_nowait((self._loop.time() + self._latency, chunk))
        waiting.put_nowait((self._loop.time() + self._latency, b""))
        await self._loop.create_future()

    async def _write(
        self, waiting: asyncio.Queue[tuple[float, bytes]], target: asyncio.StreamWriter
    ) -> None:
        while True:
            due, chunk = await waiting.get()
            while self._silent or self._loop.time() < due:
                left = due - self._loop.time()
                await asyncio.sleep(DEAF_SECONDS if self._silent else max(left, 0))
            if not chunk:
                raise ConnectionResetError  # one side is done: so is the other
            try:
                target.write(chunk)
                await target.drain()
            except OSError:
                target.transport.abort()  # the other way notices, and ends both
                raise
