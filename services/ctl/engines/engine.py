"""A started engine, and how one is brought up."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.ctl.engines.child import Child
from services.ctl.engines.errors import EngineError
from services.ctl.engines.ports import pick_port

ATTEMPTS = 3
PORT_TAKEN = ("Address already in use", "failed to bind")


@dataclass(frozen=True)
class Engine:
    """A server that answers at `address`, in the form its clients take."""

    address: str
    process: Child

    async def wait(self) -> int:
        """The exit status, once it has ended."""
        return await self.process.wait()

    async def stop(self) -> None:
        """Ends it, within about 15 s. Safe to call again."""
        await self.process.stop()


class PortTakenError(EngineError):
    """Another process took the port between the choice and the use."""


class Startup:
    """What one start may still wait for: the child's life and a deadline."""

    def __init__(self, child: Child, seconds: float) -> None:
        self.child = child
        self._deadline = time.monotonic() + seconds

    def check(self, why: str = "") -> None:
        """EngineError with the end of the child's log when it has ended or time is up."""
        status = self.child.returncode
        if status is None and time.monotonic() < self._deadline:
            return
        taken = any(sign in line for sign in PORT_TAKEN for line in self.child.output())
        what = "is not ready in time" if status is None else f"ended with status {status}"
        reason = f" ({why})" if why else ""
        kind = PortTakenError if status is not None and taken else EngineError
        raise kind(f"{self.child.name} {what}{reason}: {self.child.tail()} [{self.child.log}]")


async def attempt(preferred: int | None, start: Callable[[int], Awaitable[Engine]]) -> Engine:
    """`start` on the preferred port or a free one, and again on another when that was taken."""
    port = pick_port(preferred)
    for _ in range(ATTEMPTS - 1):
        try:
            return await start(port)
        except PortTakenError:
            port = pick_port()
    return await start(port)
