"""The one address, served within `tandem up`."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import uvicorn

from services.assembly.registry import GATEWAY, LOOKS, TOPICS
from services.chassis.edge.serving import PortTaken, http_config, listen, serve_until
from services.chassis.log.tail import tail
from services.ctl.engines.ports import HOST, pick_port
from services.ctl.engines_target import kafka_proof
from services.ctl.gateway.application import application
from services.ctl.gateway.forward import CONNECTIONS, open_client
from services.ctl.gateway.health import health
from services.ctl.gateway.passing import Passing, Records
from services.ctl.gateway.people import people
from services.ctl.gateway.reference import reference
from services.ctl.gateway.sign_in import SignIn
from services.ctl.local.stack import Stack
from services.ctl.target import Local

GRACE_SECONDS = 1


def listen_somewhere() -> socket.socket:
    """At the usual port, or at another where that is taken. Raises PortTaken."""
    try:
        return listen(HOST, GATEWAY)
    except PortTaken:
        return listen(HOST, pick_port())


def published(stack: Stack) -> Records:
    """Of all topics but that of looks: there is one for each read, those of the page included."""
    topics = tuple(each for each in TOPICS if each != LOOKS)
    return partial(tail, stack.kafka, topics, kafka_proof())


@asynccontextmanager
async def open_gateway(
    here: Local, listening: socket.socket, records: Records
) -> AsyncIterator[None]:
    """Serves the stack's one address while it is open; `records` are those that pass."""
    stop = asyncio.Event()
    passing = Passing(records, stop)
    async with open_client() as client:
        routes = [
            *health(here.stack, client),
            *people(here),
            *SignIn(here).routes,
            passing.route,
            *reference(here.stack, client),
        ]
        app = application(here.stack, client, stop, routes)
        server = uvicorn.Server(http_config(app, CONNECTIONS, grace_seconds=GRACE_SECONDS))
        reading = asyncio.create_task(passing.run())
        serving = asyncio.create_task(serve_until(stop, server, listening))
        try:
            yield
        finally:
            stop.set()
            await serving
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
