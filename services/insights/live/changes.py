"""The newest changes that a process has heard of: what a reader who comes back may miss."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Collection

REMEMBERED = 10_000
REPLAYED = 500  # more of them and a reader starts anew


class Changes:
    """Row ids (`district:teacher:school_year`, or `district:person` for all years) by a rising
    number. `epoch` is another one in every process, and after changes may have been missed."""

    def __init__(self) -> None:
        # 0 stands for a reader who has not got her whole caseload yet
        self.newest = 1
        self._known: deque[tuple[int, str]] = deque(maxlen=REMEMBERED)
        self.epoch = secrets.token_hex(6)

    def add(self, row_id: str) -> int:
        self.newest += 1
        self._known.append((self.newest, row_id))
        return self.newest

    def forget(self) -> None:
        self.epoch = secrets.token_hex(6)
        self._known.clear()

    def since(
        self, epoch: str, seq: int, district: str, school_years: Collection[int]
    ) -> set[str] | None:
        """The teachers of a district of whom a card of these years, or what is known of
        herself, changed after `seq`; None: not known here, or too many to look at."""
        oldest = self._known[0][0] if self._known else self.newest + 1
        if epoch != self.epoch or not seq or not oldest - 1 <= seq <= self.newest:
            return None
        found: set[str] = set()
        for number, row_id in reversed(self._known):
            if number <= seq:
                break
            place = place_of(row_id)
            if row_id.startswith(f"{district}:") and (place is None or place[1] in school_years):
                found.add(row_id.split(":")[1])
        return found if len(found) <= REPLAYED else None


def place_of(row_id: str) -> tuple[str, int] | None:
    """District and school year of a row id; None where it is no card's."""
    district, *rest = row_id.split(":")
    return (district, int(rest[1])) if len(rest) == 2 and rest[1].isdecimal() else None
