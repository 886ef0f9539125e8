"""When too much is being parked, the fault is not in the messages."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chassis.kernel import OperatorError


class ParkingLimit(OperatorError):
    """The projector stops rather than empty a topic into the parked messages."""


@dataclass(frozen=True, slots=True)
class ParkingLimits:
    """More than `share` of the last `window` records and at least `least` of them, or more
    than `most` within `minutes`."""

    share: float = 0.01
    window: int = 1_000
    least: int = 20
    most: int = 100
    minutes: float = 10.0


class ParkingBreaker:
    def __init__(self, limits: ParkingLimits, group: str) -> None:
        self._limits, self._group = limits, group
        self._recent: deque[bool] = deque(maxlen=limits.window)
        self._times: deque[datetime] = deque()

    def check(self, records: int, reasons: list[str], now: datetime) -> None:
        """Look at a batch that is about to be written, and may be tried again. Raises
        ParkingLimit."""
        if not reasons:
            return
        limits, parked = self._limits, len(reasons)
        self._forget(now)
        window = [*self._recent, *self._batch(records, parked)][-limits.window :]
        recent, times = sum(window), len(self._times) + parked
        share = recent >= limits.least and recent > limits.share * len(window)
        if share or times > limits.most:
            raise ParkingLimit(
                f"projector {self._group} would park {recent} of the last {len(window)} "
                f"records, {times} within {limits.minutes:g} minutes; the newest "
                f"reason is: {reasons[-1]}. Nothing of this batch is written."
            )

    def count(self, records: int, parked: int, now: datetime) -> None:
        """Remember a batch that was written."""
        self._recent.extend(self._batch(records, parked))
        self._times.extend([now] * parked)
        self._forget(now)

    def _batch(self, records: int, parked: int) -> list[bool]:
        good = min(records - parked, self._limits.window)
        return [False] * good + [True] * parked

    def _forget(self, now: datetime) -> None:
        since = now - timedelta(minutes=self._limits.minutes)
        while self._times and self._times[0] <= since:
            self._times.popleft()
