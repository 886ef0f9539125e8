"""A real listening server: it ends live streams and itself in an orderly way."""

from __future__ import annotations

import asyncio
import socket

import httpx2
import pytest
import uvicorn

from services.chassis.backing import memory
from services.chassis.edge.health import Health, build_internal, serve_internal
from services.chassis.edge.serving import PortTaken, http_config, listen, serve_until
from services.chassis.log.memory_log import MemoryLog
from services.chassis.metrics import Metrics
from services.chassis.settings import ChassisSettings, load
from services.goals import bootstrap
from services.goals.settings import Settings as GoalsSettings
from tests.support.tiny_service import build, router
from tests.support.tokens import LocalIssuer
from tests.support.waiting import HANGS


async def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.edge.http_strict.BODY_SECONDS", 0.05)
    issuer = LocalIssuer()
    app = build(router(), issuer, Metrics())
    listening, stop = listen("127.0.0.1", 0), asyncio.Event()
    host, port = listening.getsockname()
    server = uvicorn.Server(http_config(app, 100))
    running = asyncio.create_task(serve_until(stop, server, listening))
    async with asyncio.timeout(HANGS):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(
            b"POST /things/v1/things HTTP/1.1\r\nHost: t\r\n"
            b"Authorization: %b\r\n"
            b"Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{"
            % issuer.bearer()["Authorization"].encode()
        )
        answer = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        stop.set()
        await running
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_the_internal_port_tells_life_from_readiness() -> None:
    up = True
    asked = 0
    seconds = 0.0

    async def ping() -> None:
        nonlocal asked
        asked += 1
        if not up:
            raise OSError("the database is away")

    health = Health(ping, clock=lambda: seconds)
    settings = load(
        ChassisSettings, environment="test", mongodb_uri="mongodb://user:hush@db.example"
    )
    app = build_internal(health, Metrics(), settings.effective())
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://internal") as client:
        for _ in range(3):
            assert (await client.get("/readyz")).status_code == 200
        assert asked == 1
        up, seconds = False, 2.5
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/livez")).status_code == 200
        health.watch("projector", lambda: up)
        answer = await client.get("/livez")
        assert (answer.status_code, answer.json()["stuck"]) == (503, ["projector"])
        config = await client.get("/config")
        assert config.json()["environment"] == "test"
        assert "hush" not in config.text
        assert (await client.get("/metrics")).status_code == 200


@pytest.mark.parametrize(("internal_host", "served"), [("127.0.0.1", True), ("", False)])
async def test_the_internal_port_has_an_address_of_its_own(
    internal_host: str, served: bool
) -> None:
    settings = load(
        ChassisSettings,
        environment="test",
        host="192.0.2.1",  # nobody's
        internal_host=internal_host,
        internal_port=0,
    )
    stop = asyncio.Event()
    stop.set()
    serve = serve_internal(build_internal(Health(asyncio.Event().wait), Metrics(), {}), settings)
    if served:
        await serve(stop)
    else:
        with pytest.raises(PortTaken, match=r"192\.0\.2\.1"):
            await serve(stop)


@pytest.mark.parametrize("role", ["api.rest", "api.grpc", "internal"])
async def test_a_port_that_is_taken_is_named(role: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports = {"rest_port": port, "grpc_port": port, "internal_port": port}
        settings = load(GoalsSettings, environment="test", host="127.0.0.1", **ports)
        service = bootstrap.build(settings, memory(MemoryLog()))
        run = service.internal if role == "internal" else service.roles[role]
        with pytest.raises(PortTaken, match=f"port {port} of 127.0.0.1"):
            await run(asyncio.Event())
