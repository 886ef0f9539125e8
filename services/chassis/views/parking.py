"""When too much is being parked, the fault is not in the messages."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.chassis.kernel import OperatorError
from services.chassis.views.decode import NEEDS_UPGRADE, ToPark
from services.chassis.views.parked import DISCARDED, Name, Parked, emptied, name_of

_FOR_EVER = 366 * 24 * 60.0  # minutes


class ParkingLimit(OperatorError):
    """The projector stops rather than empty a topic into the parked messages."""


@dataclass(frozen=True, slots=True)
class ParkingLimits:
    """More than `share` of the last `window` records and at least `least` of them, or more
    than `most` within `minutes`. Of the district that has most of them none counts: what is
    wrong with the data of one must not end what serves all. Of a district a member keeps
    about `kept` open messages; of what comes beyond, only its rows tell. What somebody has
    `given_up` before stays given up, in her name, and does not count."""

    share: float = 0.01
    window: int = 1_000
    least: int = 20
    most: int = 100
    minutes: float = 10.0
    kept: int = 10_000
    given_up: Mapping[Name, str] = field(default_factory=dict)

    def decided(self, parked: Parked) -> Parked:
        """Discarded where it was before."""
        name = name_of(parked.record)
        by = self.given_up.get(name) if name else None
        return parked if by is None else emptied(replace(parked, state=DISCARDED, by=by))


def as_decided(most: int, given_up: Mapping[Name, str]) -> ParkingLimits:
    """The limits of somebody who has looked: at most so many, however close together."""
    return ParkingLimits(share=1.0, most=most, minutes=_FOR_EVER, given_up=given_up)


class ParkingBreaker:
    def __init__(self, limits: ParkingLimits, group: str) -> None:
        self._limits, self._group = limits, group
        self._recent: deque[str | None] = deque(maxlen=limits.window)  # whose, None: all is well
        self._times: deque[tuple[datetime, str]] = deque()

    def check(self, records: int, refused: Sequence[ToPark], now: datetime) -> None:
        """Look at a batch that is about to be written, and may be tried again. Raises
        ParkingLimit."""
        refused = self._counted(refused)
        if not refused:
            return
        limits, whose = self._limits, [one.district for one in refused]
        self._forget(now)
        window = [*self._recent, *self._batch(records, whose)][-limits.window :]
        recent = _of_others([one for one in window if one is not None])
        times = _of_others([*(one for _, one in self._times), *whose])
        share = recent >= limits.least and recent > limits.share * len(window)
        if share or times > limits.most:
            raise ParkingLimit(
                f"projector {self._group} would park {recent} of the last {len(window)} "
                f"records, {times} within {limits.minutes:g} minutes, without those of the "
                f"district that has most; the newest reason is: {refused[-1].reason}. Nothing "
                "of this batch is written."
            )

    def count(self, records: int, refused: Sequence[ToPark], now: datetime) -> None:
        """Remember a batch that was written."""
        whose = [one.district for one in self._counted(refused)]
        self._recent.extend(self._batch(records, whose))
        self._forget(now)
        known = Counter(one for _, one in self._times)
        for one in whose:
            known[one] += 1
            if known[one] <= self._limits.most + 1:  # of one district more make no difference
                self._times.append((now, one))

    def _counted(self, refused: Sequence[ToPark]) -> Sequence[ToPark]:
        """Without what somebody has decided, and what waits for the next build: that is soon."""
        known = self._limits.given_up
        return [
            one
            for one in refused
            if not one.reason.startswith(NEEDS_UPGRADE)
            and not (known and name_of(one.record) in known)
        ]

    def _batch(self, records: int, whose: Sequence[str]) -> list[str | None]:
        good = min(records - len(whose), self._limits.window)
        return [*([None] * good), *whose]

    def _forget(self, now: datetime) -> None:
        since = now - timedelta(minutes=self._limits.minutes)
        while self._times and self._times[0][0] <= since:
            self._times.popleft()


def _of_others(whose: Sequence[str]) -> int:
    """How many are not the one district's that has most; nobody's are always counted."""
    counts = Counter(whose)
    unknown = counts.pop("", 0)
    return unknown + counts.total() - max(counts.values(), default=0)
