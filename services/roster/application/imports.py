"""Which imports are under way in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from services.chassis.kernel import Fault, Kind

MOST_ARRIVING = 4  # files of one district


class Imports:
    """Districts neither wait for each other nor refuse each other."""

    def __init__(self) -> None:
        self._running: set[str] = set()
        self._arriving: Counter[str] = Counter()

    @contextmanager
    def arriving(self, district: str) -> Iterator[None]:
        """Held while a file is received. Raises Fault LIMITED while an import of the district
        runs, and where 4 of its files arrive already."""
        self._check(district)
        if self._arriving[district] >= MOST_ARRIVING:
            raise Fault(Kind.LIMITED, "too_many_uploads", "Other uploads are under way; try later.")
        self._arriving[district] += 1
        try:
            yield
        finally:
            self._arriving[district] -= 1

    @contextmanager
    def running(self, district: str) -> Iterator[None]:
        """Held by the one import of a district. Raises Fault LIMITED while there is another."""
        self._check(district)
        self._running.add(district)
        try:
            yield
        finally:
            self._running.discard(district)

    def _check(self, district: str) -> None:
        if district in self._running:
            raise Fault(Kind.LIMITED, "import_running", "Another import is running; try later.")
