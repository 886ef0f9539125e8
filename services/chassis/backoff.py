"""How long to wait before trying again what keeps failing for a reason that will pass."""

from __future__ import annotations

import random

_random = random.SystemRandom()


class Backoff:
    """Doubling pauses with jitter, from `first` to at most `longest` seconds."""

    def __init__(self, first: float = 0.1, longest: float = 5.0) -> None:
        self._first = first
        self._longest = longest
        self._pause = first

    def next(self) -> float:
        """Seconds to wait now: half to all of a pause that doubles with each call."""
        pause, self._pause = self._pause, min(self._pause * 2, self._longest)
        return pause * _random.uniform(0.5, 1.0)

    def reset(self) -> None:
        self._pause = self._first
