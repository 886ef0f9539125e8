"""The internal port: /livez, /readyz, /metrics and /config, for the cluster only.

Alive is a matter of the process alone; ready asks whether MongoDB answers. That Kafka is down is
in neither: a service goes on writing and reading. Only a process that Kafka turns away from its
start is not ready: its settings are wrong.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.chassis.edge.serving import http_config, listen, serve_until
from services.chassis.kernel import OperatorError
from services.chassis.metrics import Metrics
from services.chassis.settings import ChassisSettings

log = structlog.get_logger(__name__)

CONNECTIONS = 100  # a cluster asks on a few
READY_SECONDS = 2.0  # a ping's answer counts for this long
PING_SECONDS = 2.0

Ping = Callable[[], Awaitable[object]]


class Health:
    """What a process knows of its own health. `ping` raises while the process cannot do its
    work: an OperatorError where the operator can mend it."""

    def __init__(self, ping: Ping, clock: Callable[[], float] = time.monotonic) -> None:
        self._ping = ping
        self._clock = clock
        self._progress: dict[str, Callable[[], bool]] = {}
        self._waits: dict[str, Callable[[], str]] = {}
        self._asked_at = float("-inf")
        self._ready = False
        self._reason = ""
        self._asking = asyncio.Lock()
        self.leaving = asyncio.Event()  # set when the process has been told to end

    def watch(self, name: str, moves: Callable[[], bool]) -> None:
        """Register a progress check: it says False when `name` is stuck for good and only
        a restart helps. It must not block."""
        self._progress[name] = moves

    def stuck(self) -> list[str]:
        """The names of what no longer moves."""
        return [name for name, moves in self._progress.items() if not moves()]

    def note(self, name: str, waits: Callable[[], str]) -> None:
        """Register what `name` waits for, "" for nothing: it is alive, and no restart helps."""
        self._waits[name] = waits

    def waiting(self) -> Mapping[str, str]:
        """What waits, and for what."""
        found = {name: waits() for name, waits in self._waits.items()}
        return {name: told for name, told in found.items() if told}

    async def ready(self) -> bool:
        """Whether `ping` returned within the last 2 s; asks it if need be. Not ready is also a
        process that is leaving: whoever sends it requests should send them to others."""
        if self.leaving.is_set():
            return False
        async with self._asking:
            if self._clock() - self._asked_at >= READY_SECONDS:
                try:
                    async with asyncio.timeout(PING_SECONDS):
                        await self._ping()
                    self._tell("")
                except Exception as error:  # noqa: BLE001 - whatever it is, it is not ready
                    self._tell(str(error) if isinstance(error, OperatorError) else _name(error))
                self._asked_at = self._clock()
        return self._ready

    def _tell(self, reason: str) -> None:
        """Log why it is not ready, once for each reason."""
        if reason and reason != self._reason:
            log.warning("not_ready", reason=reason)
        elif not reason and self._reason:
            log.info("ready_again")
        self._ready, self._reason = not reason, reason


def _name(error: Exception) -> str:
    return type(error).__name__


def build_internal(health: Health, metrics: Metrics, effective: Mapping[str, Any]) -> Starlette:
    """The internal application. That it answers at all shows that the event loop turns.
    `effective`: the configuration as it took effect, JSON-able, without secrets."""

    async def livez(request: Request) -> Response:
        stuck = health.stuck()
        status = "stuck" if stuck else "ok"
        return _json({"status": status, "stuck": stuck, "waits": health.waiting()}, bool(stuck))

    async def readyz(request: Request) -> Response:
        ready = await health.ready()
        return _json({"status": "ready" if ready else "not_ready"}, not ready)

    async def metricsz(request: Request) -> Response:
        return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

    async def config(request: Request) -> Response:
        return _json(effective, False)

    return Starlette(
        routes=[
            Route("/livez", livez),
            Route("/readyz", readyz),
            Route("/metrics", metricsz),
            Route("/config", config),
        ]
    )


def serve_internal(
    app: Starlette, settings: ChassisSettings
) -> Callable[[asyncio.Event], Awaitable[None]]:
    """The role that serves the internal port until `stop` is set."""

    async def serve(stop: asyncio.Event) -> None:
        listening = listen(settings.internal_host or settings.host, settings.internal_port)
        await serve_until(stop, uvicorn.Server(http_config(app, CONNECTIONS, 1)), listening)

    return serve


def _json(body: object, failing: bool) -> Response:
    return Response(orjson.dumps(body), 503 if failing else 200, media_type="application/json")
