"""Everybody who reads the log, asked about events that are not on it yet."""

from __future__ import annotations

from collections.abc import Iterator

from bson import encode

from services.access.projection import access_projection
from services.assembly.registry import VIEWS
from services.chassis.log.envelope import PendingEvent, Record, headers_of
from services.chassis.views.decode import Decoded, decode
from services.chassis.views.fold import Folding
from services.chassis.views.projection import Fact, Projection
from services.chassis.views.row_cache import RowCache, RowKey
from services.ctl.rebuilding import view_of

# Of the access views, which are alike, one.
PROJECTIONS = (
    *(
        view_of(name, service).projection
        for name, service in VIEWS.items()
        if not name.endswith("-access")
    ),
    access_projection("any"),
)


def assert_readable(event: PendingEvent, district: str, aggregate: str) -> None:
    """Every view takes the event up, under each of its keys, into rows that can be stored."""
    for record in _records(event, district, aggregate):
        for projection in PROJECTIONS:
            _assert_folds(projection, record)


def facts_of(event: PendingEvent, district: str, aggregate: str) -> Iterator[Fact]:
    """What every view makes of it."""
    for record in _records(event, district, aggregate):
        for projection in PROJECTIONS:
            yield from _decoded(projection, record).facts


def _records(event: PendingEvent, district: str, aggregate: str) -> Iterator[Record]:
    for key in event.keys:
        headers = headers_of(
            event, source="/test", district=district, aggregate_id=aggregate, key=key
        )
        yield Record("t", 0, 0, key.encode(), event.data, headers)


def _decoded(projection: Projection, record: Record) -> Decoded:
    item = decode(projection, record)
    assert isinstance(item, Decoded), item.reason
    return item


def _assert_folds(projection: Projection, record: Record) -> None:
    barred: dict[RowKey, Exception] = {}
    folding = Folding(projection, RowCache(1_000_000), barred)
    assert folding.apply(_decoded(projection, record)) is None
    for change in folding.changes():
        encode({"_id": change.row, **change.sets})
    assert not barred
