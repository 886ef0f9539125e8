"""What every side of the projector benchmark reports."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from bench.machine import peak_rss_mb


def given() -> dict[str, Any]:
    arguments: dict[str, Any] = json.loads(sys.argv[1])
    return arguments


class Meter:
    """From just before the consumer starts (imports are over) to the last write's answer."""

    def __init__(self) -> None:
        self._began, self._cpu = time.perf_counter(), time.process_time()

    def done(self, events: int, **more: Any) -> None:
        seconds = time.perf_counter() - self._began
        cpu = time.process_time() - self._cpu
        said = {
            "rate": round(events / seconds),
            "cpu_us": round(cpu / events * 1e6, 1),
            "rss_mb": peak_rss_mb(),
            "events": events,
        }
        print(json.dumps({**said, **more}), flush=True)
