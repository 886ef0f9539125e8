"""The order in which a backlog is read: a few partition numbers at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

FAR = 500  # records behind


class Turns:
    """Numbers that are far behind take turns; all others are read along with them.

    What is read together then holds many events of few rows: most are replaced by a newer
    one, and a row is written once for many. And no more is fetched ahead than is soon used.
    """

    def __init__(self) -> None:
        self._at = 0

    def waiting(self, lags: Iterable[tuple[int, int]], enough: int) -> set[int]:
        """The numbers not to read now, where the others have `enough` records. `lags` are of
        each topic, by number. A turn lasts until its number is not far behind any more, or
        brings nothing."""
        behind: Counter[int] = Counter()
        for number, lag in lags:
            behind[number] += max(lag, 0)
        far = sorted(number for number, lag in behind.items() if lag > FAR)
        order = [n for n in far if n >= self._at] + [n for n in far if n < self._at]
        if order:
            self._at = order[0]
        while order and enough > 0:
            enough -= behind[order.pop(0)]
        return set(order)

    def came(self, numbers: set[int]) -> None:
        """Say of which numbers records came: a turn that brings none is over."""
        if self._at not in numbers:
            self._at += 1
