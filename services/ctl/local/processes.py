"""The services as child processes of `tandem up`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import httpx2

from services.assembly.registry import SERVICES
from services.ctl.engines.child import Child, Folder
from services.ctl.engines.errors import EngineError
from services.ctl.local.stack import Stack

READY_SECONDS = 60.0
# Where the development servers of frontends listen: Vite, Angular, others.
ORIGINS = [
    f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, 4200, 5173)
]
_TOLD = ("LOG_LEVEL", "TRACE_RATIO", "OTLP_ENDPOINT", "CORS_ORIGINS", "ENVIRONMENT", "SECRETS_DIR")
_TOLD_OF_ENGINES = ("KAFKA_", "MONGODB_", "ALLOW_PLAINTEXT")  # how those of others are reached


def environment(stack: Stack, service: str, districts: Path) -> dict[str, str]:
    """The settings of one service of a local stack; a few may be overridden by ours."""
    ports = stack.ports[service]
    told = {name: value for name, value in os.environ.items() if name in _TOLD}
    engines = {n: value for n, value in os.environ.items() if n.startswith(_TOLD_OF_ENGINES)}
    return {
        **engines,
        "ENVIRONMENT": "development",
        "HOST": "127.0.0.1",
        "REST_PORT": str(ports.rest),
        "GRPC_PORT": str(ports.grpc),
        "INTERNAL_PORT": str(ports.internal),
        "LEAVE_SECONDS": "0",
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka,
        "MONGODB_URI": stack.mongodb,
        "MONGODB_DATABASE": SERVICES[service].database,
        "GRPC_REFLECTION": "true",
        "BACKDATING": "true",  # the demo plays its past
        "DISTRICTS_FILE": str(districts),
        "CORS_ORIGINS": json.dumps(ORIGINS),
        **told,
    }


class Services:
    """Running service processes. Leaving none behind is the caller's `stop`."""

    def __init__(self, stack: Stack, folder: Path, districts: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._districts = districts
        self._children: dict[str, Child] = {}

    def start(self) -> None:
        for service in SERVICES:
            self._children[service] = Child(
                Folder(self._folder / "services" / service),
                service,
                [sys.executable, "-m", f"services.{service}"],
                environment(self._stack, service, self._districts),
            )

    async def ready(self) -> None:
        """Return when every service answers that it is ready. Raises EngineError, with the
        last lines of its log, when one ends or is not ready within 60 s."""
        async with httpx2.AsyncClient(timeout=2.0) as client:
            async with asyncio.timeout(READY_SECONDS):
                await asyncio.gather(*(self._ready(client, each) for each in SERVICES))

    async def _ready(self, client: httpx2.AsyncClient, service: str) -> None:
        while True:
            self._alive(service)
            try:
                answer = await client.get(f"{self._stack.internal(service)}/readyz")
                if answer.status_code == httpx2.codes.OK:
                    return
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(0.1)

    def _alive(self, service: str) -> None:
        child = self._children[service]
        if child.returncode is not None:
            raise EngineError(f"the service {child.end()}")

    async def watch(self) -> None:
        """Raise EngineError as soon as one of them ends."""
        while True:
            for service in self._children:
                self._alive(service)
            await asyncio.sleep(0.5)

    async def stop(self) -> None:
        await asyncio.gather(*(child.stop() for child in self._children.values()))
