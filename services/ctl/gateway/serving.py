"""The one address, served within `tandem up`."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from services.assembly.registry import GATEWAY
from services.chassis.edge.serving import PortTaken, http_config, listen, serve_until
from services.ctl.engines.ports import HOST, pick_port
from services.ctl.gateway.application import application
from services.ctl.gateway.forward import CONNECTIONS, open_client
from services.ctl.gateway.health import health
from services.ctl.local.stack import Stack

GRACE_SECONDS = 1


def listen_somewhere() -> socket.socket:
    """At the usual port, or at another where that is taken. Raises PortTaken."""
    try:
        return listen(HOST, GATEWAY)
    except PortTaken:
        return listen(HOST, pick_port())


@asynccontextmanager
async def open_gateway(stack: Stack, listening: socket.socket) -> AsyncIterator[None]:
    """Serves the stack's one address while it is open."""
    stop, stopping = asyncio.Event(), asyncio.Event()
    async with open_client() as client:
        app = application(stack, client, stopping, health(stack, client))
        server = uvicorn.Server(http_config(app, CONNECTIONS, grace_seconds=GRACE_SECONDS))
        serving = asyncio.create_task(serve_until(stop, server, listening, stopping))
        try:
            yield
        finally:
            stop.set()
            await serving
