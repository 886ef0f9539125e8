"""What the live rows must equal, byte for byte, after every fault: folds in one process
into plain dictionaries, without cache, batches, fences or a store."""

from collections.abc import AsyncIterator, Iterable

from services.chassis.log.envelope import Envelope, Record
from services.chassis.views.canonical import canonical
from services.chassis.views.decode import Decoded, ToPark, decode, message_class
from services.chassis.views.projection import (
    Event,
    Projection,
    Row,
    apply_fact,
    derived,
    mark_incomplete,
    new_row,
)

Rows = dict[str, dict[str, bytes]]
"""Canonical rows by id, by collection."""


def replay_log(projection: Projection, records: Iterable[Record]) -> Rows:
    """Fold a log from offset 0: `records` hold each partition in order."""
    return replay_items(projection, (decode(projection, record) for record in records))


def replay_items(projection: Projection, items: Iterable[Decoded | ToPark]) -> Rows:
    """Fold records that were decoded, in this order."""
    rows: dict[tuple[str, str], Row] = {}
    for item in items:
        _fold(projection, rows, item)
    return _canonical(projection, rows)


def fold_state(projection: Projection, events: Iterable[tuple[Envelope, bytes]]) -> Rows:
    """Fold what the services themselves hold (journals, or outboxes and states)."""
    rows: dict[tuple[str, str], Row] = {}
    for envelope, data in events:
        fold = projection.folds.get(envelope.type)
        if fold is None:
            continue
        message = message_class(envelope.type).FromString(data)
        facts = tuple(fold(Event(envelope, message)))
        _fold(projection, rows, Decoded(Record("", 0, 0, None, data, ()), envelope, facts))
    return _canonical(projection, rows)


def _fold(projection: Projection, rows: dict[tuple[str, str], Row], item: Decoded | ToPark) -> None:
    envelope = item.envelope
    if envelope is None:
        return
    if isinstance(item, ToPark):
        for key in projection.row_of_parked(envelope):
            mark_incomplete(rows.setdefault(key, new_row(key[1], envelope.district)), envelope)
        return
    for fact in item.facts:
        key = (fact.collection, fact.row)
        apply_fact(rows.setdefault(key, new_row(key[1], envelope.district)), fact, envelope)


def _canonical(projection: Projection, rows: dict[tuple[str, str], Row]) -> Rows:
    result: Rows = {}
    for (collection, id_), row in rows.items():
        derived(projection, collection, row)
        result.setdefault(collection, {})[id_] = canonical(row)
    return result


async def live_rows(rows: AsyncIterator[Row]) -> dict[str, bytes]:
    """Rows of a store, made comparable with an oracle's."""
    return {row["_id"]: canonical(row) async for row in rows}
