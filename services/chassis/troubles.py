"""What is said of data that one district is hurt by while all others are served."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable

from services.chassis.metrics import TROUBLES, Metrics

log = logging.getLogger(__name__)

EVENT, STATE = EVERYWHERE = "an event", "a stored state"
EVERY_SECONDS = 60.0
MOST = 1_000  # of what and whose trouble is remembered


class Troubles:
    """Counts each, and logs each what of a district once a minute, with the places in the code
    and without the data: reading goes on, again and again."""

    def __init__(
        self,
        metrics: Metrics | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        known: Iterable[str] = (),
    ) -> None:
        """`known`: what is told, where it is known; the metric shows it from the start."""
        self._metrics = metrics or Metrics()
        self._metrics.begin(TROUBLES, *known)
        self._monotonic = monotonic
        self._said: dict[tuple[str, str], float] = {}

    def tell(self, what: str, district: str, error: BaseException | None = None) -> None:
        """`what` is one of a few words: it is a label of the metric."""
        self._metrics.of(TROUBLES, what).inc()
        now = self._monotonic()
        if now < self._said.get((what, district), 0.0):
            return
        if len(self._said) >= MOST:
            self._said.clear()
        self._said[what, district] = now + EVERY_SECONDS
        log.warning("district %s: %s: others are served", district, what, exc_info=error)
