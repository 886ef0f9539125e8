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
        """Count a batch that is about to be written. Raises ParkingLimit."""
        limits = self._limits
        parked = len(reasons)
        self._recent.extend([False] * min(records - parked, limits.window))
        self._recent.extend([True] * parked)
        self._times.extend([now] * parked)
        since = now - timedelta(minutes=limits.minutes)
        while self._times and self._times[0] <= since:
            self._times.popleft()
        if not parked:
            return
        recent = sum(self._recent)
        share = recent >= limits.least and recent > limits.share * len(self._recent)
        if share or len(self._times) > limits.most:
            raise ParkingLimit(
                f"projector {self._group} would park {recent} of the last {len(self._recent)} "
                f"records, {len(self._times)} within {limits.minutes:g} minutes; the newest "
                f"reason is: {reasons[-1]}. Nothing of this batch is written."
            )
