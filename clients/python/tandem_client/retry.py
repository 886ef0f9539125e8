"""What is sent again, and when."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tandem_client.errors import TandemError

_random = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Retry:
    """At most `attempts` in all. Before the second one it waits for `pause` seconds, before each
    after it twice as long, at most `longest`; never shorter than a service asks for, and up to half
    as long again, so that many callers do not come back at once."""

    attempts: int = 5
    pause: float = 1.0
    longest: float = 10.0

    def seconds(self, failures: int, error: TandemError | None = None) -> float:
        """How long to wait after so many failures, the last of them this one."""
        pause: float = min(self.pause * 2 ** min(failures - 1, 32), self.longest)
        asked = (error and error.retry_after) or 0.0
        return max(pause, asked) * _random.uniform(1.0, 1.5)

    def again(self, failures: int, error: TandemError) -> bool:
        """Whether the same is sent once more: where that may help, and is safe."""
        return error.passing and failures < self.attempts
