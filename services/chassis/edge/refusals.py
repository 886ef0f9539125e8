"""A line in the log for a request that was refused, unless there are too many of them."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

EACH_SECOND = 10
AT_ONCE = 100


class Refusals:
    """Of one server: AT_ONCE lines, and EACH_SECOND more with each second that goes by. The next
    line after those that were too many has in `count` how many were left out."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lines = float(AT_ONCE)
        self._at = monotonic()
        self._left_out = 0

    def tell(self, **fields: object) -> None:
        """Fields as `logs.FIELDS` allows them; none that a caller has chosen."""
        now = self._monotonic()
        self._lines = min(AT_ONCE, self._lines + (now - self._at) * EACH_SECOND)
        self._at = now
        if self._lines < 1:
            self._left_out += 1
            return
        self._lines -= 1
        if self._left_out:
            fields["count"], self._left_out = self._left_out, 0
        log.info("refused", **fields)
