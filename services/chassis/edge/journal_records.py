"""Entries of a journal as messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from coaching.journal.v1 import journal_pb2
from services.chassis.write.documents import JournalEntry

BATCH_BYTES = 1_000_000
OVERHEAD = 200  # bytes of a record besides its data, about


def batches(found: Sequence[JournalEntry], most: int) -> Iterator[Sequence[JournalEntry]]:
    """All of them, cut where a batch has `most` entries or more than fits: at least one."""
    start = size = 0
    for index, entry in enumerate(found):
        more = len(entry.event.data) + OVERHEAD
        if index > start and (index - start == most or size + more > BATCH_BYTES):
            yield found[start:index]
            start, size = index, 0
        size += more
    if start < len(found):
        yield found[start:]


def record_of(entry: JournalEntry) -> journal_pb2.JournalRecord:
    event = entry.event
    record = journal_pb2.JournalRecord(
        aggregate_id=entry.aggregate_id,
        version=event.version,
        event_id=event.event_id,
        type=event.type,
        district_id=entry.district,
        keys=event.keys,
        data=event.data,
        year=event.year,
    )
    record.occurred_at.FromDatetime(_utc(event.occurred_at))
    if event.made_at is not None:
        record.device_time.FromDatetime(_utc(event.made_at))
    return record


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
