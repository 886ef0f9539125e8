"""Which files arrive in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from services.chassis.kernel import Fault, Kind

MOST_ARRIVING = 4  # files of one district


def import_running() -> Fault:
    return Fault(Kind.LIMITED, "import_running", "Another import is running; try later.")


class Imports:
    """Files of all districts arrive side by side, each on disk."""

    def __init__(self) -> None:
        self._arriving: Counter[str] = Counter()

    @contextmanager
    def arriving(self, district: str) -> Iterator[None]:
        """Held while a file is received. Raises Fault LIMITED where 4 of the district's arrive
        already."""
        if self._arriving[district] >= MOST_ARRIVING:
            raise Fault(Kind.LIMITED, "too_many_uploads", "Other uploads are under way; try later.")
        self._arriving[district] += 1
        try:
            yield
        finally:
            self._arriving[district] -= 1
