"""Waiting for what happens soon, without sleeping for longer than it takes."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

STEP, LONGEST_STEP = 0.01, 0.25
PRESSURE = Path("/proc/pressure/cpu")
BUSY = 10  # times as long, at most, things may take on a busy machine
# After so many seconds a test gives up what does not come. How long a thing may take is another
# matter, and a `Stopwatch`'s.
HANGS = 300.0


class Stopwatch:
    """How long something takes on a machine that has a CPU for whoever wants one: a second in
    which some process had to wait for one (Linux tells) counts for as little as a tenth."""

    def __init__(self) -> None:
        self._began, self._waited = time.monotonic(), _waited()

    def seconds(self) -> float:
        passed = time.monotonic() - self._began
        return max(passed - (_waited() - self._waited), passed / BUSY)


def _waited() -> float:
    """Seconds for which some process waited for a CPU; 0 where the system does not tell."""
    try:
        some = PRESSURE.read_text().partition("\n")[0]
        return int(some.rpartition("total=")[2]) / 1e6
    except (OSError, ValueError):
        return 0.0


async def eventually(check: Callable[[], bool | Awaitable[bool]], timeout: float = 10.0) -> None:
    """Returns soon after `check` says yes; AssertionError after `timeout` seconds, as a
    `Stopwatch` has them. It rests for as long as a check takes: what it waits for needs the CPU,
    too."""
    watch, deadline = Stopwatch(), time.monotonic() + timeout
    while True:
        began = time.monotonic()
        answer = check()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return
        in_time = time.monotonic() < deadline or watch.seconds() < timeout
        assert in_time, f"not within {timeout} s"
        await asyncio.sleep(min(max(STEP, time.monotonic() - began), LONGEST_STEP))
