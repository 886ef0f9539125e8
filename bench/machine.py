"""What a measurement was made on, without names or paths of the machine."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import distributions
from typing import Any

PACKAGES = (
    "aiokafka", "motor", "pymongo", "fastapi", "starlette", "uvicorn", "uvloop", "pydantic",
    "grpcio", "protobuf", "faststream", "quixstreams", "confluent-kafka",
)  # fmt: skip


def described() -> dict[str, Any]:
    with open("/proc/cpuinfo") as file:
        model = next((line.partition(":")[2].strip() for line in file if "model name" in line), "")
    installed = {each.metadata["Name"].lower(): each.version for each in distributions()}
    with open("/proc/meminfo") as file:
        total = int(file.readline().split()[1]) // 1024
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)),
        "cpu": model,
        "memory_mb": total,
        "python": platform.python_version(),
        "kafka": "4.3 (one KRaft node)",
        "mongodb": "6.0.5 (one-node replica set)",
        "packages": {name: installed[name] for name in PACKAGES if name in installed},
    }


def load() -> float:
    """Processes that ran or waited to run in the last minute, on all cores."""
    return round(os.getloadavg()[0], 1)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process since its start. Source: /proc."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> dict[str, float]:
    """Resident memory in MB, and the part of it that is fairly this process's (PSS: a page
    that several processes share is divided among them). Source: /proc."""
    held = {}
    with open(f"/proc/{pid}/smaps_rollup") as file:
        for line in file:
            name, _, rest = line.partition(":")
            if name in ("Rss", "Pss"):
                held[name.lower()] = round(int(rest.split()[0]) / 1024, 1)
    return held


def peak_rss_mb(pid: int | str = "self") -> float:
    """The most resident memory that a process has had, this one unless told, in MB. Source:
    /proc."""
    with open(f"/proc/{pid}/status") as file:
        kb = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    return round(kb / 1024, 1)
