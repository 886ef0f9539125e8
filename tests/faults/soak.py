"""`make soak`: the fault matrix with its full counts, and what is too long for `make test`.

SOAK_MINUTES (30) bounds it: counts shrink in proportion, and what there is no time left for
is named as not run. One line a cell; exit code 1 when one failed. `ONLY=a,b` picks cells;
BACKLOG_EVENTS (1,000,000) is the size of the backlog.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from tests.faults import backlog
from tests.faults.matrix import CELLS, FAILOVERS, Run, large
from tests.support.faults import FaultyEngines, faulty_stack
from tests.support.replica_set import ThreeNodes

FULL_MINUTES = 45.0  # that all cells with their full counts take, about
BACKLOG_EVENTS = int(os.environ.get("BACKLOG_EVENTS", "1000000"))


class Summary:
    def __init__(self, minutes: float, only: Sequence[str]) -> None:
        self._deadline = time.monotonic() + minutes * 60
        self._only = only
        self.failed = 0

    async def cell(self, name: str, run: Callable[[], Awaitable[str]]) -> None:
        if self._only and name not in self._only:
            return
        if time.monotonic() > self._deadline:
            self._line("--  ", name, 0, "not run: no time left")
            return
        began = time.monotonic()
        try:
            told = await run()
            self._line("ok  ", name, time.monotonic() - began, told)
        except (Exception, ExceptionGroup) as error:  # noqa: BLE001 # whatever a cell finds
            self.failed += 1
            self._line("FAIL", name, time.monotonic() - began, f"{type(error).__name__}: {error}")
            traceback.print_exc()

    def _line(self, how: str, name: str, seconds: float, told: str) -> None:
        sys.stdout.write(f"{how} {name:<18} {seconds:6.1f} s  {told}\n")
        sys.stdout.flush()


async def soak(minutes: float, only: Sequence[str]) -> int:
    summary = Summary(minutes, only)
    share = min(1.0, minutes / FULL_MINUTES)
    # theirs is a stack of their own: the districts that come with imports are no other cell's
    apart = ("random-kills", "imports-killed")
    order = [name for name in CELLS if name not in apart]
    wide: dict[str, Run] = {"backlog": lambda f: backlog.backlog(f, BACKLOG_EVENTS)}
    groups: list[tuple[type[FaultyEngines], dict[str, Run]]] = [
        (FaultyEngines, {name: large(name, share) for name in order}),
        (ThreeNodes, {name: large(name, share) for name in FAILOVERS}),
        (FaultyEngines, {name: large(name, share) for name in apart}),
        (FaultyEngines, wide),
    ]
    for engines, cells in groups:
        if only and not set(only) & cells.keys():
            continue
        with tempfile.TemporaryDirectory(prefix="tandem-soak-") as folder:
            async with faulty_stack(Path(folder), engines) as f:
                for name, run in cells.items():
                    await summary.cell(name, partial(run, f))
    return 1 if summary.failed else 0


if __name__ == "__main__":
    picked = [name for name in os.environ.get("ONLY", "").split(",") if name]
    sys.exit(asyncio.run(soak(float(os.environ.get("SOAK_MINUTES", "30")), picked)))
