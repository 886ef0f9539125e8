"""Named places at which a test may let the process die.

Armed only by `TANDEM_CRASH_AT=NAME[:count[:STOP]]` together with `ENVIRONMENT=test`;
everywhere else a crash point is two look-ups that find nothing. With `STOP` the process stands
still there (SIGSTOP) until it is woken. A test that runs several "processes" as
tasks of one loop lets one of them die instead: `with crashing(hook):` reaches the tasks
started inside it and no others.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# W: a command. R: the relay. E: what is erased. C: the projector. D: a duty.
POINTS = {
    "W1": "a command is decided, not yet written",
    "W2": "a command is written, not yet answered",
    "W3": "a command is answered",
    "R1": "the relay is about to read the outbox",
    "R2": "pending events are read, not yet sent",
    "R3": "an event is sent, its ack not awaited",
    "R4": "events are acked (1st) and journaled (2nd), the outbox not yet cleared",
    "R5": "the outbox is cleared",
    "E1": "a tombstone is in the journal, what was said before it is there still",
    "C1": "a batch is fetched, nothing is written",
    "C2": "a batch is written inside the transaction, not yet committed",
    "C3": "a batch is committed",
    "D1": "a duty is taken, not yet run",
    "D2": "a duty has had its effect, and is not yet marked as done",
}


def _armed() -> tuple[dict[str, int], signal.Signals]:
    wanted = os.environ.get("TANDEM_CRASH_AT", "")
    if not wanted or os.environ.get("ENVIRONMENT") != "test":
        return {}, signal.SIGKILL
    name, count, how = (*wanted.split(":"), "", "")[:3]
    if name not in POINTS or how not in ("", "STOP"):
        raise ValueError(f"TANDEM_CRASH_AT names no crash point: {wanted}")
    return {name: int(count or 1)}, signal.SIGSTOP if how else signal.SIGKILL


_ARMED, _SIGNAL = _armed()
_hook: ContextVar[Callable[[str], None] | None] = ContextVar("crash_hook", default=None)


class Crashed(BaseException):
    """Stands for the death of a process in one task: code that handles errors must let it
    through, as it could not have handled SIGKILL."""


@contextmanager
def crashing(hook: Callable[[str], None]) -> Iterator[None]:
    """Call `hook` with the name of each point passed by this task and those it starts; the
    hook raises Crashed where the task is to die."""
    token = _hook.set(hook)
    try:
        yield
    finally:
        _hook.reset(token)


def armed(name: str) -> bool:
    """Whether it is worth arranging for this point to be passed."""
    return name in _ARMED


def crash_point(name: str) -> None:
    """Die by SIGKILL (or stand still) here, once this point is armed and was passed often
    enough."""
    hook = _hook.get()
    if hook is not None:
        hook(name)
    left = _ARMED.get(name)
    if left is None:
        return
    _ARMED[name] = left - 1
    if left == 1:
        os.kill(os.getpid(), _SIGNAL)
