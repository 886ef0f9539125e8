"""Aggregates that do not change any more, kept in memory: nothing of them needs to be forgotten."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from services.chassis.kernel import Aggregate, if_there
from services.chassis.write.write_path import WritePath

A = TypeVar("A", bound=Aggregate)
MOST = 200


class SettledAggregates(Generic[A]):
    """At most MOST of those that are `settled`; another, or an absence, is asked for again."""

    def __init__(self, path: WritePath[A], settled: Callable[[A], bool]) -> None:
        self._path = path
        self._settled = settled
        self._known: OrderedDict[tuple[str, str], A] = OrderedDict()

    async def get(self, district: str, id: str) -> A | None:
        """None where there is none that is settled. To be read only."""
        key = (district, id)
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        found = await if_there(self._path.get(district, id))
        if found is None or not self._settled(found):
            return None
        self._known[key] = found
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        return found
