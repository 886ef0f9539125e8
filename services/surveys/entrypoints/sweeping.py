"""The role that deletes what is left of surveys that are over: at its start, then every ten
minutes."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from services.chassis.kernel import Fault
from services.surveys.application.ports import Ports
from services.surveys.application.sweep_seats import sweep_seats

EVERY_SECONDS = 600.0
AGAIN_SECONDS = 5.0  # after a round that could not be finished

log = structlog.get_logger(__name__)


async def sweep(ports: Ports, stop: asyncio.Event) -> None:
    """Until `stop` is set."""
    while not stop.is_set():
        pause = EVERY_SECONDS
        try:
            await sweep_seats(ports)
        except Fault as fault:
            log.warning("the seats of closed surveys were not all deleted", code=fault.code)
            pause = AGAIN_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
