"""Named places at which a test may let the process die.

Armed only by `TANDEM_CRASH_AT=NAME[:count]` together with `ENVIRONMENT=test`; everywhere
else a crash point is one dictionary lookup that finds nothing.
"""

from __future__ import annotations

import os
import signal

# W: a command. R: the relay. C: the projector.
POINTS = {
    "W1": "a command is decided, not yet written",
    "W2": "a command is written, not yet answered",
    "W3": "a command is answered",
    "R1": "the relay is about to read the outbox",
    "R2": "pending events are read, not yet sent",
    "R3": "an event is sent, its ack not awaited",
    "R4": "events are acked, the outbox not yet cleared",
    "R5": "the outbox is cleared",
    "C1": "a batch is fetched, nothing is written",
    "C2": "a batch is written inside the transaction, not yet committed",
    "C3": "a batch is committed",
}


def _armed() -> dict[str, int]:
    wanted = os.environ.get("TANDEM_CRASH_AT", "")
    if not wanted or os.environ.get("ENVIRONMENT") != "test":
        return {}
    name, _, count = wanted.partition(":")
    if name not in POINTS:
        raise ValueError(f"TANDEM_CRASH_AT names no crash point: {name}")
    return {name: int(count or 1)}


_ARMED = _armed()


def crash_point(name: str) -> None:
    """Die by SIGKILL here if this point is armed and has been passed often enough."""
    left = _ARMED.get(name)
    if left is None:
        return
    _ARMED[name] = left - 1
    if left <= 1:
        os.kill(os.getpid(), signal.SIGKILL)
