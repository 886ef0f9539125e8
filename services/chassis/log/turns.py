"""The order in which a backlog is read: a few partition numbers at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

FAR = 500  # records behind
TURN_RECORDS = 50_000
PATIENCE, LONGEST = 2.0, 30.0  # seconds of waiting for the number whose turn it is


class NumberTurns:
    """Numbers that are far behind take turns; all others are read along with them.

    What is read together then holds many events of few rows: most are replaced by a newer
    one, and a row is written once for many. And no more is fetched ahead than is soon used.

    A turn lasts until its number is not far behind any more, has had `TURN_RECORDS` (another
    may be behind for longer), or brings nothing while the reader waits. What arrives after
    its turn is lost and fetched again, so whenever a turn brought nothing at all the next
    has twice the patience: answers may take long.
    """

    def __init__(self) -> None:
        self._at, self._read, self._waited, self._patience = -1, 0, 0.0, PATIENCE

    def waiting(self, lags: Iterable[tuple[int, int]], enough: int) -> set[int]:
        """The numbers not to read now, where the others have `enough` records. `lags` are of
        each topic, by number."""
        behind: Counter[int] = Counter()
        for number, lag in lags:
            behind[number] += max(lag, 0)
        far = sorted(number for number, lag in behind.items() if lag > FAR)
        in_vain = self._waited >= self._patience
        if far and (in_vain or self._read >= TURN_RECORDS or self._at not in far):
            factor = 2 if in_vain and not self._read else 0.5
            self._patience = min(max(self._patience * factor, PATIENCE), LONGEST)
            self._at = next((number for number in far if number > self._at), far[0])
            self._read, self._waited = 0, 0.0
        order = [n for n in far if n >= self._at] + [n for n in far if n < self._at]
        while order and enough > 0:
            enough -= behind[order.pop(0)]
        return set(order)

    def came(self, counts: Mapping[int, int], seconds: float) -> None:
        """Say how many records of which numbers a reading of so many seconds brought."""
        read = counts.get(self._at, 0)
        self._read += read
        self._waited = 0.0 if read else self._waited + seconds
