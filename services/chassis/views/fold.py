"""The folding of decoded records into cached rows, and what that changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.chassis.field_names import field_name
from services.chassis.log.envelope import Envelope
from services.chassis.views.decode import Decoded, ToPark, failed
from services.chassis.views.followed import TRACE
from services.chassis.views.projection import (
    Fact,
    Projection,
    Row,
    apply_fact,
    derived,
    is_known,
    mark_incomplete,
    new_row,
)
from services.chassis.views.row_cache import RowCache, RowKey, estimate
from services.chassis.views.rows import Change

Barred = dict[RowKey, Exception]
"""Rows that are left alone in one batch, and why."""

_UNSET = object()
FACT_BYTES = 250  # of a fact's name, version and time in memory
# By `estimate`, which is 6 to 8 times what MongoDB stores: about 1 MB of its 16.
FULL_BYTES = 6 * 1024 * 1024
LARGE_RECORD = 1024  # a known fact grows by less than this by the event of a smaller record


def rows_of(projection: Projection, item: Decoded | ToPark) -> Sequence[RowKey]:
    """The rows that a record touches, or that may know better than one that is to be parked."""
    if isinstance(item, Decoded):
        return [(fact.collection, fact.row) for fact in item.facts] if item.facts else ()
    if item.envelope is None:
        return []
    marked, known = (
        of(item.envelope) for of in (projection.row_of_parked, projection.row_of_known)
    )
    return list(dict.fromkeys((*marked, *known)))


def is_overtaken(projection: Projection, cache: RowCache, barred: Barred, refused: ToPark) -> bool:
    """Whether one of its rows, which must be in the cache where they exist, has what it may have
    said, or newer."""
    envelope = refused.envelope
    if envelope is None:
        return False
    keys = rows_of(projection, refused)
    rows = [row for key in keys if key not in barred and (row := cache.get(key)) is not None]
    return any(row["district"] == envelope.district and is_known(row, envelope) for row in rows)


def missing(cache: RowCache, wanted: Iterable[RowKey]) -> Mapping[str, list[str]]:
    """Row ids to load, by collection."""
    load: dict[str, dict[str, None]] = {}
    for key in wanted:
        if key not in cache:
            load.setdefault(key[0], {})[key[1]] = None
    return {collection: list(ids) for collection, ids in load.items()}


class Folding:
    """One batch in the making. Rows are changed in place in the cache, which must hold
    every row that exists: when the batch does not commit, drop the cache.

    `barred` are rows that cannot be folded, with the error: nothing of them is touched, and
    what would change them is refused. Both methods add to them; the cache then holds halves, and
    all must be folded again from what is stored."""

    def __init__(
        self,
        projection: Projection,
        cache: RowCache,
        barred: Barred,
        traces: Mapping[str, str] | None = None,
    ) -> None:
        """`traces`: of events by their ids, those that are followed."""
        self._projection = projection
        self._cache = cache
        self._paths: dict[RowKey, dict[str, Any]] = {}
        self._new: set[RowKey] = set()
        self._barred = barred
        self._at: RowKey = ("", "")  # the row in hand
        self._traces = traces or {}
        self._followed: dict[RowKey, str] = {}

    def apply(self, item: Decoded | ToPark) -> ToPark | None:
        """Fold one record. Returns what is to be parked: the item itself, or a decoded one
        whose rows are barred or belong to another district."""
        try:
            if isinstance(item, ToPark):
                self._mark(item)
                return item
            return self._apply(item)
        except Exception as error:  # noqa: BLE001 # whatever a row holds that was stored
            self._barred[self._at] = error
            return item if isinstance(item, ToPark) else failed(item.record, item.envelope, error)

    def changes(self) -> list[Change]:
        """What the batch changed, one per row; derived fields are brought up to date."""
        result = []
        for key, paths in self._paths.items():
            row = self._cache.get(key)
            assert row is not None
            if paths or key in self._new:
                self._trace(key, row, paths)
            try:
                paths.update(derived(self._projection, key[0], row))
            except Exception as error:  # noqa: BLE001 # of one row
                self._barred[key] = error
                continue
            if key in self._new:
                sets = {name: value for name, value in row.items() if name != "_id"}
                result.append(Change(*key, sets, new=True))
                continue
            sets = {path: value for path, value in paths.items() if value is not _UNSET}
            unsets = tuple(path for path, value in paths.items() if value is _UNSET)
            result.append(Change(*key, sets, unsets))
        return result

    def _apply(self, item: Decoded) -> ToPark | None:
        envelope, full = item.envelope, False
        large = len(item.record.value or b"") > LARGE_RECORD
        for fact in item.facts:
            self._at = key = (fact.collection, fact.row)
            if key in self._barred:
                return failed(item.record, envelope, self._barred[key])
            row = self._cache.get(key)
            if row is not None and row["district"] != envelope.district:
                return ToPark(item.record, envelope, "invalid: the row is another district's")
            # one comparison tells, nearly always
            if (large or self._cache.size(key) > FULL_BYTES - 10 * LARGE_RECORD) and (
                not self._has_room(key, row, fact, envelope)
            ):
                full = True
        if full:
            return self._full(item)
        for fact in item.facts:
            self._at = key = (fact.collection, fact.row)
            row = self._row(key, envelope)
            before = len(row["facts"].get(fact.group, ()))
            changed = apply_fact(row, fact, envelope)
            if changed:
                self._followed[key] = self._traces.get(envelope.event_id, "")
            self._note(key, changed)
            if len(row["facts"][fact.group]) > before:
                self._cache.grew(key, FACT_BYTES + estimate(fact.value))
        return None

    def _has_room(self, key: RowKey, row: Row | None, fact: Fact, envelope: Envelope) -> bool:
        """Whether a row may take a fact. A full row takes no new one; those it has may grow on,
        up to twice as far."""
        size = self._cache.size(key)
        known = row and row["facts"].get(fact.group, {}).get(field_name(fact.id))
        if known is None:
            return size + FACT_BYTES + estimate(fact.value) <= FULL_BYTES
        if known["v"] >= envelope.version:
            return True
        growth = estimate({"v": 0, "at": None, **fact.value}) - estimate(known)
        if growth > 0 and size + growth > 2 * FULL_BYTES:
            return False
        self._cache.grew(key, growth)
        return True

    def _full(self, item: Decoded) -> ToPark:
        refused = ToPark(item.record, item.envelope, "invalid: the row is full")
        for fact in item.facts:
            key = (fact.collection, fact.row)
            row = self._row(key, item.envelope)
            if changed := mark_incomplete(row, item.envelope):
                self._note(key, changed)
                self._cache.grew(key, FACT_BYTES)
        return refused

    def _mark(self, item: ToPark) -> None:
        envelope = item.envelope
        for key in self._projection.row_of_parked(envelope) if envelope else ():
            assert envelope is not None
            self._at = key
            if key in self._barred:
                continue
            row = self._cache.get(key)
            if row is None or row["district"] == envelope.district:
                self._note(key, mark_incomplete(self._row(key, envelope), envelope))
                self._cache.grew(key, FACT_BYTES)

    def _row(self, key: RowKey, envelope: Envelope) -> Row:
        row = self._cache.get(key)
        if row is None:
            row = new_row(key[1], envelope.district)
            self._cache.put(key, row)
            self._new.add(key)
            self._paths[key] = {}
        return row

    def _trace(self, key: RowKey, row: Row, paths: dict[str, Any]) -> None:
        """What the row says of the trace that changed it last."""
        if trace := self._followed.get(key):
            row[TRACE] = paths[TRACE] = trace
        elif row.pop(TRACE, None) is not None:
            paths[TRACE] = _UNSET

    def _note(self, key: RowKey, changed: Mapping[str, Any]) -> None:
        if not changed:
            return
        paths = self._paths.setdefault(key, {})
        for path, value in changed.items():
            paths[path] = _UNSET if value is None else value
