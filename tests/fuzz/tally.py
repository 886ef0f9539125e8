"""What a run of inputs came to, as one line; and what one input may come to."""

from __future__ import annotations

import gc
import os
import resource
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.garbage import let_be

MOST_GROWTH = 50.0  # MiB
_PAGE = resource.getpagesize()


class Wrong(AssertionError):
    """An input that got what no input may get; its text says how to send it again."""


def resident(pid: int = 0) -> float:
    """MiB of a process, of this one unless told."""
    fields = Path(f"/proc/{pid or os.getpid()}/statm").read_text().split()
    return int(fields[1]) * _PAGE / 2**20


@dataclass
class Tally:
    """Counts answers by class (`2xx`, or a gRPC code's name)."""

    part: str
    seed: int
    answers: Counter[str] = field(default_factory=Counter)
    targets: set[str] = field(default_factory=set)
    growth: float = 0.0
    note: str = ""
    _began: float = field(default_factory=time.monotonic)
    _warm: float = 0.0

    def add(self, target: str, answer: str) -> None:
        self.targets.add(target)
        self.answers[answer] += 1

    def warm(self) -> None:
        """From here on memory may not grow. What is there is looked through no more."""
        let_be()
        self._warm = resident()

    def end(self) -> None:
        """Raises Wrong where this process has grown too much since it was warm."""
        gc.collect()
        self.grown(resident() - self._warm)

    def grown(self, by: float) -> None:
        self.growth = by
        if by > MOST_GROWTH:
            raise Wrong(f"{self.part}: memory grew by {by:.1f} MiB")

    def line(self) -> str:
        told = "  ".join(f"{name} {count}" for name, count in sorted(self.answers.items()))
        return (
            f"ok   {self.part:<12} {self.answers.total()} inputs  seed {self.seed}"
            f"  {len(self.targets)} operations  {told}  memory {self.growth:+.1f} MiB"
            f"  {time.monotonic() - self._began:.0f} s{self.note}"
        )
