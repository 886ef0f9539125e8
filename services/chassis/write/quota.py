"""How many aggregates there may be of a kind: bounds where growth begins."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from services.chassis.kernel import Fault, conflict
from services.chassis.write.documents import Documents, Scalar

SECONDS = 60.0  # a count is believed
FULL_SECONDS = 1.0  # and one that leaves no place, since one may have become free
KEPT = 10_000  # counts in memory


@dataclass(frozen=True, slots=True)
class Bound:
    """At most `most` aggregates whose states have these top-level values, and none of those of
    `unless`; an index must hold them. `code` and `detail` are what a caller is told who wants
    more."""

    where: Mapping[str, Scalar]
    most: int
    code: str
    detail: str
    unless: Mapping[str, Scalar] = field(default_factory=dict)

    def fault(self) -> Fault:
        return conflict(self.code, self.detail)


class Quota:
    """Counts of one kind, kept for a minute with what is made here meanwhile: while it is warm
    it asks nothing of the database. What other processes make shows with the next count, so all
    together may make more than allowed, by what they make within a minute. The backstop is at
    the readers, who take up no more than a row holds."""

    def __init__(
        self, documents: Documents, kind: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._documents = documents
        self._kind = kind
        self._monotonic = monotonic
        self._counts: OrderedDict[object, tuple[int, float]] = OrderedDict()

    async def take_all(self, district: str, bounds: Sequence[Bound]) -> Bound | None:
        """Take a place within each of `bounds`, or none of them: the first that has no place.
        At most 1 command, whatever their number. Raises Fault UNAVAILABLE."""
        keys = [_key(district, bound) for bound in bounds]
        asked = [pair for pair in zip(keys, bounds, strict=True) if not self._knows(pair[0])]
        if asked:
            found = await self._documents.counts(district, self._kind, [each for _, each in asked])
            for (key, bound), count in zip(asked, found, strict=True):
                if not self._knows(key):  # nobody else has counted meanwhile
                    self._keep(key, count, self._monotonic() + SECONDS, bound)
        known = [self._counts.get(key, (0, 0.0)) for key in keys]
        for bound, (count, _) in zip(bounds, known, strict=True):
            if count >= bound.most:
                return bound
        for key, bound, (count, until) in zip(keys, bounds, known, strict=True):
            self._keep(key, count + 1, until, bound)
        return None

    def give_back(self, district: str, bounds: Sequence[Bound]) -> None:
        """It was not made after all."""
        for bound in bounds:
            key = _key(district, bound)
            if key in self._counts:
                count, until = self._counts[key]
                self._counts[key] = (count - 1, until)

    def _keep(self, key: object, count: int, until: float, bound: Bound) -> None:
        if count >= bound.most:
            until = min(until, self._monotonic() + FULL_SECONDS)
        self._counts[key] = (count, until)
        self._counts.move_to_end(key)
        while len(self._counts) > KEPT:
            self._counts.popitem(last=False)

    def _knows(self, key: object) -> bool:
        _, until = self._counts.get(key, (0, 0.0))
        return self._monotonic() < until


def _key(district: str, bound: Bound) -> object:
    """A count goes up to what its bound allows, so two bounds have two counts."""
    return district, bound.most, *bound.where.items(), "unless", *bound.unless.items()
