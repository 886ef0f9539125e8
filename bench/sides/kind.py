"""Our fold and our batching, lent to the peers: what is left is how they consume, read rows
and write. A consumer without fences must read the rows of each batch anew: whatever it keeps
may have been changed by another member since a rebalance, and would overwrite that. Our cache
can be lent, too, to show what it is worth; a consumer that used it so would lose updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import MongoClient, UpdateOne

from services.chassis.log.envelope import Record
from services.chassis.views.decode import Decoded, decode
from services.chassis.views.fold import Barred, Folding, missing, rows_of
from services.chassis.views.mongo_views import _update
from services.chassis.views.row_cache import RowCache
from services.insights.caseload.fold import CARDS, insights_projection

CACHE_BYTES = 32 * 1024 * 1024  # four times ours: peers read all partitions at once
INDEX = [("district", 1), ("coaches", 1), ("school_year", 1)]


class Kind:
    """One batch: `decoded`, then load what `unknown` names, then `updates`. With `keeps` rows
    are kept from batch to batch: unsafe, see above."""

    def __init__(self, *, keeps: bool = False) -> None:
        self._projection = insights_projection()
        self._cache = RowCache(CACHE_BYTES)
        self._keeps = keeps

    def decoded(self, records: Sequence[Record]) -> list[Decoded]:
        if not self._keeps:
            self._cache.clear()
        items = []
        for record in records:
            item = decode(self._projection, record)
            assert isinstance(item, Decoded), item
            items.append(item)
        return items

    def unknown(self, items: Sequence[Decoded]) -> list[str]:
        keys = (key for item in items for key in rows_of(self._projection, item))
        return missing(self._cache, keys).get(CARDS, [])

    def learn(self, rows: Sequence[Mapping[str, Any]]) -> None:
        for row in rows:
            self._cache.put((CARDS, row["_id"]), dict(row))

    def updates(self, items: Sequence[Decoded]) -> list[UpdateOne]:
        barred: Barred = {}
        folding = Folding(self._projection, self._cache, barred)
        for item in items:
            assert folding.apply(item) is None
        made = [_update(change) for change in folding.changes()]
        assert not barred
        self._cache.trim()
        return made


class Writer:
    """A batch is one read of its rows and one unordered bulk write with a majority, by the
    blocking driver."""

    def __init__(self, mongodb: str, name: str) -> None:
        client: MongoClient[dict[str, Any]] = MongoClient(
            mongodb, w="majority", journal=True, tz_aware=True
        )
        self._cards = client[name][CARDS]
        self._cards.create_index(INDEX)
        self._kind = Kind()

    def write(self, records: Sequence[Record]) -> None:
        items = self._kind.decoded(records)
        if wanted := self._kind.unknown(items):
            self._kind.learn(list(self._cards.find({"_id": {"$in": wanted}})))
        if updates := self._kind.updates(items):
            self._cards.bulk_write(updates, ordered=False)
