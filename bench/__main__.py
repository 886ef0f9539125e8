"""`python -m bench [NAME,NAME ...]`: all benchmarks, or those named. REPS sets the repetitions."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from bench import (
    caseload,
    edges,
    freshness,
    memory,
    overload,
    projector,
    ready,
    reassign,
    rebuild,
    roster,
    sizing,
    takeover,
    writes,
)

BENCHMARKS: dict[str, Callable[[], Awaitable[None]]] = {
    "projector": projector.run,
    "projector-more": projector.more,
    "projector-whole": projector.whole,
    "writes": writes.run,
    "rebuild": rebuild.run,
    "freshness": freshness.run,
    "caseload": caseload.run,
    "edges": edges.run,
    "overload": overload.run,
    "memory": memory.run,
    "takeover": takeover.run,
    "ready": ready.run,
    "roster": roster.run,
    "reassign": reassign.run,
    "sizing": sizing.run,
}


async def main(names: list[str]) -> None:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise SystemExit(f"no benchmark {unknown[0]}; there are {', '.join(BENCHMARKS)}")
    for name in names or BENCHMARKS:
        print(f"-- {name}", flush=True)
        await BENCHMARKS[name]()


asyncio.run(main([name for given in sys.argv[1:] for name in given.split(",")]))
