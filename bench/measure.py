"""Repetitions with alternated sides, and what comes out of them."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.machine import described, load

RESULTS = Path(".local/bench/results")
Sample = Mapping[str, Any]


def repetitions(default: int = 9) -> int:
    return int(os.environ.get("REPS", default))


async def alternate(
    sides: Sequence[str], run: Callable[[str], Awaitable[Sample]], reps: int
) -> dict[str, list[Sample]]:
    """Each side once a repetition, in order and then in reverse (ABBA)."""
    samples: dict[str, list[Sample]] = {side: [] for side in sides}
    for index in range(reps):
        for side in sides if index % 2 == 0 else list(reversed(sides)):
            sample = {**await run(side), "load": load()}
            samples[side].append(sample)
            shown = ", ".join(f"{key} {value}" for key, value in sample.items())
            print(f"  {index + 1}/{reps} {side}: {shown}", flush=True)
    return samples


def median(values: Sequence[float]) -> str:
    """`median (least-most)` with three digits that matter."""
    return f"{statistics.median(values):.4g} ({min(values):.4g}-{max(values):.4g})"


def ratio(ours: Sequence[Sample], theirs: Sequence[Sample], key: str) -> str:
    """Ours to theirs, paired by repetition."""
    return median([a[key] / b[key] for a, b in zip(ours, theirs, strict=True)])


def report(name: str, samples: Mapping[str, Any], lines: Sequence[str]) -> None:
    """Print the lines and keep everything in `.local/bench/results/NAME.json`."""
    machine = described()
    RESULTS.mkdir(parents=True, exist_ok=True)
    kept = {"machine": machine, "samples": samples, "lines": list(lines)}
    (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=1, default=str) + "\n")
    print(f"\n== {name} ==")
    print(f"{machine['cores']} cores, {machine['cpu']}, Python {machine['python']}, load {load()}")
    print(", ".join(f"{package} {number}" for package, number in machine["packages"].items()))
    for line in lines:
        print(line)
    print(flush=True)
