"""Rows in use, bounded by an estimate of their bytes; least recently used rows go first,
and only between batches."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from services.chassis.views.projection import Row

RowKey = tuple[str, str]
_NESTED = frozenset({dict, list, tuple, bytes})


def estimate(value: Any) -> int:
    """Roughly the bytes that a BSON-able value takes in memory; cheap rather than exact."""
    kind = type(value)
    if kind is str or kind is bytes:
        return 50 + len(value)
    if kind is dict:
        size, inside = 64 + 60 * len(value), value.values()
    elif kind is list or kind is tuple:
        size, inside = 56 + 8 * len(value), value
    else:
        return 32
    for inner in inside:
        if type(inner) in _NESTED:
            size += estimate(inner)
        else:  # no call for a leaf: a row has a hundred of them
            size += 50 + len(inner) if type(inner) is str else 32
    return size


class RowCache:
    def __init__(self, max_bytes: int) -> None:
        self._rows: OrderedDict[RowKey, Row] = OrderedDict()
        self._sizes: dict[RowKey, int] = {}
        self._bytes = 0
        self._max_bytes = max_bytes

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def bytes(self) -> int:
        return self._bytes

    def get(self, key: RowKey) -> Row | None:
        row = self._rows.get(key)
        if row is not None:
            self._rows.move_to_end(key)
        return row

    def __contains__(self, key: RowKey) -> bool:
        return key in self._rows

    def put(self, key: RowKey, row: Row) -> None:
        self._rows[key] = row
        self._rows.move_to_end(key)
        size = estimate(row)
        self._bytes += size - self._sizes.get(key, 0)
        self._sizes[key] = size

    def size(self, key: RowKey) -> int:
        """The estimate of a row; 0 where it is not here."""
        return self._sizes.get(key, 0)

    def grew(self, key: RowKey, by: int) -> None:
        self._sizes[key] += by
        self._bytes += by

    def trim(self) -> None:
        """Bring the cache under its bound. Never call it while a batch is in the making."""
        while self._bytes > self._max_bytes:
            key, _ = self._rows.popitem(last=False)
            self._bytes -= self._sizes.pop(key)

    def clear(self) -> None:
        self._rows.clear()
        self._sizes.clear()
        self._bytes = 0
