"""`make fuzz`: hostile inputs at volume, the same for the same seed.

FUZZ_SEED (1) and FUZZ_INPUTS (50,000 of REST and of gRPC each; two fifths of it for
isolation, a fifth for walks, a tenth for real processes; of every kind of thing with states a
hundredth of it lives of 50 steps; of every route and mode of the OpenAPI
documents 200, as long as there is time). One line a part; the first wrong answer ends its part
with the input that got it, and the exit code is 1. `ONLY=rest,grpc` picks parts.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

import structlog

from tests.fuzz.documents import documents
from tests.fuzz.isolation import isolation
from tests.fuzz.lives import lives
from tests.fuzz.processes import processes
from tests.fuzz.rest import rest
from tests.fuzz.rpc import rpc
from tests.fuzz.stateful import stateful
from tests.fuzz.tally import Tally, Wrong

PARTS: dict[str, Callable[[int, int], Awaitable[Tally]]] = {
    "rest": rest,
    "grpc": rpc,
    "stateful": lambda seed, count: stateful(seed, count // 5),
    "isolation": lambda seed, count: isolation(seed, count * 2 // 5),
    "documents": lambda seed, count: documents(seed, max(1, count // 250)),
    "lives": lambda seed, count: lives(seed, max(1, count // 100)),
    "processes": lambda seed, count: processes(seed, count // 10),
}


structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # a line a part, and no other


async def fuzz(seed: int, count: int, only: list[str]) -> int:
    failed = 0
    for name, part in PARTS.items():
        if only and name not in only:
            continue
        try:
            line = (await part(seed, count)).line()
        except Wrong as wrong:
            failed = 1
            line = f"FAIL {name:<12} {wrong}"
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return failed


if __name__ == "__main__":
    picked = [name for name in os.environ.get("ONLY", "").split(",") if name]
    chosen = int(os.environ.get("FUZZ_SEED", "1")), int(os.environ.get("FUZZ_INPUTS", "50000"))
    sys.exit(asyncio.run(fuzz(*chosen, picked)))
