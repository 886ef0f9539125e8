"""How long `make run` takes until the demo can be used: the first start, then later ones."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from typing import Any

from bench.measure import Sample, alternate, median, repetitions, report
from bench.stage import FOLDER

READY = "demo simulate"  # the last line of the screen
FIRST, LATER = "first start, with the demo's past", "later start"


async def run() -> None:
    folder = FOLDER / f"ready-{os.getpid()}"
    try:
        samples: dict[str, list[Sample]] = {FIRST: [await _start(str(folder))]}
        samples |= await alternate([LATER], lambda _: _start(str(folder)), repetitions(5))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    lines = [
        f"{label}: ready after {median([each['seconds'] for each in those])} s"
        for label, those in samples.items()
    ]
    report("ready", samples, lines)


async def _start(folder: str) -> dict[str, Any]:
    """One start in `folder`, ended by Ctrl-C's signal once it is ready."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.ctl", "up",
        env={**os.environ, "TANDEM_LOCAL": folder}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(600):
        async for line in process.stdout:
            if READY in line.decode():
                break
    took = time.monotonic() - began
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
    if await process.wait():
        raise SystemExit("tandem up failed")
    return {"seconds": round(took, 2)}
