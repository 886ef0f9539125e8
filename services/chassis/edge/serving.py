"""ASGI applications under uvicorn, as tasks of this process. A service's API and the internal
port are served alike; nothing here needs FastAPI."""

from __future__ import annotations

import asyncio
import resource
import socket
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from services.chassis.edge.http_protocol import (
    IDLE_SECONDS,
    BoundedHttp,
    Connections,
    Doorkeeper,
)
from services.chassis.kernel import OperatorError

OTHER_FILES = 1_000  # connections to engines, gRPC's own, what is open besides


class PortTaken(OperatorError):
    """It cannot be listened on: mostly another process does."""


def http_config(
    app: ASGIApp, connections: int, grace_seconds: int = 3, door: Doorkeeper | None = None
) -> uvicorn.Config:
    """uvicorn on the running loop, without its own logs, signals, lifespan and websockets,
    with at most so many connections."""
    protocol: Any = partial(BoundedHttp, crowd=Connections(connections), door=door)
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=grace_seconds,
    )


def allow_connections(count: int) -> None:
    """Let this process have so many open, as far as the system lets it. A process out of
    files loses its engines, too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; the port may be taken again at once after a crash. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise PortTaken(f"port {port} of {host}: {error.strerror}") from None
    return listening


async def serve_until(
    stop: asyncio.Event, server: uvicorn.Server, listening: socket.socket
) -> None:
    """Run a uvicorn server, which takes no signals here, until `stop` is set."""
    serving = asyncio.create_task(server._serve([listening]))
    waiting = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        waiting.cancel()
        listening.close()
