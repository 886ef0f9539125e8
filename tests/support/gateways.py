"""A gateway that listens, before services that tests write themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import uvicorn
from starlette.types import ASGIApp

from services.assembly.registry import SERVICES
from services.chassis.edge.serving import http_config, listen, serve_until
from services.chassis.log.envelope import Record
from services.ctl.engines.ports import pick_port
from services.ctl.gateway.passing import Records
from services.ctl.gateway.serving import open_gateway
from services.ctl.local.stack import PortNumbers, Stack
from services.ctl.target import Local
from tests.support.asking import plain_client


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[int]:
    """Its port."""
    listening, stop = listen("127.0.0.1", 0), asyncio.Event()
    server = uvicorn.Server(http_config(app, 100, grace_seconds=1))
    serving = asyncio.create_task(serve_until(stop, server, listening))
    try:
        yield listening.getsockname()[1]
    finally:
        stop.set()
        await serving


async def _nothing() -> AsyncGenerator[Sequence[Record]]:
    yield ()
    await asyncio.Event().wait()


@asynccontextmanager
async def gateway(
    services: ASGIApp,
    folder: Path = Path(),
    *,
    people: Mapping[str, str] | None = None,
    down: Sequence[str] = (),
    records: Records = _nothing,
) -> AsyncIterator[httpx2.AsyncClient]:
    """Asks a gateway before `services`, which answers for all of them but those that are `down`;
    the stack is that of `folder`, where something is asked that needs one."""
    async with served(services) as port:
        nobody = pick_port()
        ports = {each: PortNumbers(*[nobody if each in down else port] * 3) for each in SERVICES}
        listening = listen("127.0.0.1", 0)
        stack = Stack("k", "m", ports, dict(people or {}), listening.getsockname()[1])
        async with (
            open_gateway(Local(folder, stack), listening, records),
            plain_client(base_url=stack.address, trust_env=False) as client,
        ):
            yield client
