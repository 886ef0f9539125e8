"""A process that was told to end goes on while those who send it requests learn of it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc
import httpx2
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.access.districts import Districts
from services.assembly.service import Service
from services.chassis.backing import memory
from services.chassis.log.memory_log import MemoryLog
from services.chassis.runner import run
from services.chassis.settings import load
from services.ctl.local.stack import PortNumbers
from services.roster import bootstrap
from services.roster.settings import Settings
from tests.support.platform import NamedCallers
from tests.support.waiting import HANGS, eventually

PAGE = b"GET /roster/openapi.json HTTP/1.1\r\nHost: t\r\n\r\n"
CLOSE = b"\r\nconnection: close\r\n"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Connection:
    """One that is kept alive, as by a gateway."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> bytes:
        """The head of the answer."""
        self.writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        await self._reader.readexactly(length)
        return head

    async def is_closed(self) -> bool:
        try:
            return await self._reader.read() == b""
        finally:
            self.writer.close()


@dataclass
class Process:
    """The roster service as a process runs it: a partner's program may send it a body."""

    ports: PortNumbers
    running: asyncio.Task[int]

    async def says(self, path: str) -> int:
        async with httpx2.AsyncClient() as client:
            url = f"http://127.0.0.1:{self.ports.internal}{path}"
            return (await client.get(url, timeout=5)).status_code

    async def serving(self) -> int:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{self.ports.grpc}") as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            answer = await stub.Check(health_pb2.HealthCheckRequest())
            return int(answer.status)


@asynccontextmanager
async def process(leave_seconds: float) -> AsyncIterator[Process]:
    ports = PortNumbers.free()
    settings = load(
        Settings,
        environment="test",
        host="127.0.0.1",
        rest_port=ports.rest,
        grpc_port=ports.grpc,
        internal_port=ports.internal,
        leave_seconds=leave_seconds,
    )
    built: Service = bootstrap.build(
        settings, memory(MemoryLog()), districts=Districts(), identity=NamedCallers()
    )
    always = {"internal": built.internal}
    running = asyncio.create_task(
        run("roster", settings, built.roles, always=always, leaving=built.health.leaving)
    )
    made = Process(ports, running)

    async def ready() -> bool:
        try:
            return await made.says("/readyz") == 200 and await made.serving() == SERVING
        except (httpx2.HTTPError, grpc.aio.AioRpcError):
            return False

    try:
        async with asyncio.timeout(HANGS):
            await eventually(ready, timeout=30)
            yield made
            await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_it_answers_everybody_and_closes_connections_one_by_one() -> None:
    body = b"not a zip"
    head = b"POST /roster/v1/imports HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer "
    head += b"north/app?imports.write\r\nContent-Type: application/zip\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(body)
    async with process(leave_seconds=60) as roster:
        idle = await Connection.open(roster.ports.rest)
        busy = await Connection.open(roster.ports.rest)
        assert CLOSE not in await idle.ask(PAGE)
        busy.writer.write(head + body[:5])

        signal.raise_signal(signal.SIGTERM)

        async def not_ready() -> bool:
            return await roster.says("/readyz") == 503

        await eventually(not_ready)
        assert await roster.says("/livez") == 200
        assert await roster.serving() == NOT_SERVING
        for each in (idle, await Connection.open(roster.ports.rest)):
            answer = await each.ask(PAGE)
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert CLOSE in answer
            assert await each.is_closed()
        assert not roster.running.done()

        signal.raise_signal(signal.SIGTERM)  # a second one: it need not wait any longer
        answer = await busy.ask(body[5:])
        assert answer.startswith(b"HTTP/1.1 422 ")
        assert CLOSE in answer
        assert await busy.is_closed()
        assert await roster.running == 0


@pytest.mark.parametrize("seconds", [0, 0.01])
async def test_it_ends_when_its_time_to_leave_is_over(seconds: float) -> None:
    async with process(seconds) as roster:
        signal.raise_signal(signal.SIGTERM)
        assert await roster.running == 0


async def test_a_role_that_ends_while_the_process_leaves_is_a_failure() -> None:
    left = asyncio.Event()

    async def dies(stop: asyncio.Event) -> None:
        await left.wait()
        raise RuntimeError("gone")

    async def drains(stop: asyncio.Event) -> None:
        await stop.wait()

    settings = load(Settings, environment="test", leave_seconds=60)
    running = asyncio.create_task(
        run("things", settings, {"api": drains, "relay": dies}, leaving=left)
    )
    await asyncio.sleep(0)
    signal.raise_signal(signal.SIGTERM)
    assert await running == 1
