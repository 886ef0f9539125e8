"""How many aggregates there may be of a kind: bounds where growth begins."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from services.chassis.kernel import Fault, conflict
from services.chassis.write.documents import Documents, Scalar

SECONDS = 60.0  # a count is believed
AN_EIGHTH = 8  # of the places that are free are taken before there is another count
FULL_SECONDS = 1.0  # and one that leaves no place, since one may have become free
KEPT = 10_000  # counts in memory


@dataclass(frozen=True, slots=True)
class ToCount:
    """What is only counted, up to `most`, as a `Bound` says what."""

    where: Mapping[str, Scalar]
    most: int
    unless: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bound:
    """At most `most` aggregates whose states have these top-level values, and none of those of
    `unless`; an index must hold them. `code` and `detail` are what a caller is told who wants
    more. `places`: how many are taken at once, all or none."""

    where: Mapping[str, Scalar]
    most: int
    code: str
    detail: str
    unless: Mapping[str, Scalar] = field(default_factory=dict)
    places: int = 1

    def fault(self) -> Fault:
        return conflict(self.code, self.detail)


@dataclass(slots=True)
class _Count:
    """Believed `until` then, while it is less than `up_to` or leaves no place of `most`."""

    count: int
    until: float
    up_to: int
    most: int


_NEVER = _Count(0, -math.inf, 0, 0)


class Quota:
    """Counts of one kind, kept for a minute with what is made here meanwhile: while it is warm
    it asks nothing of the database. What other processes make shows with the next count: one
    counts anew before it takes more than an eighth of the places that it found free. So each
    other process adds at most an eighth of the bound, and near it at most one. Exact it would
    be only with a second document to write for each create. The backstop is at the readers, who
    take up no more than a row holds."""

    def __init__(
        self, documents: Documents, kind: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._documents = documents
        self._kind = kind
        self._monotonic = monotonic
        self._counts: OrderedDict[object, _Count] = OrderedDict()

    async def take_all(self, district: str, bounds: Sequence[Bound]) -> Bound | None:
        """Take its places within each of `bounds`, or none of them: the first that has too few.
        At most 1 command, whatever their number. Raises Fault UNAVAILABLE."""
        keys = [_key(district, bound) for bound in bounds]
        known = [self._counts.get(key) or _NEVER for key in keys]
        asked = [
            place
            for place, (bound, each) in enumerate(zip(bounds, known, strict=True))
            if not self._believed(each, bound.places)
        ]
        if asked:
            wanted = [bounds[place] for place in asked]
            found = await self._documents.counts(district, self._kind, wanted)
            for place, count in zip(asked, found, strict=True):
                key, before = keys[place], known[place]
                if self._counts.get(key, before) is before:  # nobody else has counted
                    self._keep(key, self._counted(before, count, bounds[place]))
            # those that were believed may have been counted meanwhile, too
            known = [self._counts.get(key, each) for key, each in zip(keys, known, strict=True)]
        for bound, each in zip(bounds, known, strict=True):
            if each.count + bound.places > bound.most:
                return bound
        for bound, each in zip(bounds, known, strict=True):
            each.count += bound.places
            if each.count >= bound.most:
                each.until = min(each.until, self._monotonic() + FULL_SECONDS)
        return None

    def give_back(self, district: str, bounds: Sequence[Bound]) -> None:
        """It was not made after all."""
        for bound in bounds:
            known = self._counts.get(_key(district, bound))
            if known is not None:
                known.count -= bound.places

    def _believed(self, known: _Count, places: int) -> bool:
        return self._monotonic() < known.until and (
            known.count + places <= known.up_to or known.count >= known.most
        )

    def _counted(self, old: _Count, found: int, bound: Bound) -> _Count:
        """`old` knows of what is being made here and is not there to be counted."""
        now = self._monotonic()
        until = now + SECONDS
        if now < old.until:
            found, until = max(found, old.count), old.until
        left = max(bound.most - found, 0)
        if not left:
            until = min(until, now + FULL_SECONDS)
        return _Count(found, until, found + max(left // AN_EIGHTH, 1), bound.most)

    def _keep(self, key: object, known: _Count) -> None:
        self._counts[key] = known
        self._counts.move_to_end(key)
        while len(self._counts) > KEPT:
            self._counts.popitem(last=False)


def _key(district: str, bound: Bound) -> object:
    """A count goes up to what its bound allows, so two bounds have two counts."""
    return district, bound.most, *bound.where.items(), "unless", *bound.unless.items()
