"""The clock of retention: between the domain, the stored state and the published events."""

from __future__ import annotations

from coaching.privacy.v1 import retention_events_pb2 as published
from services.chassis.words import messages_of
from services.chassis.write.states import AggregateCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.privacy.retention.domain import RetentionClock, RetentionEvent

RETENTION_EVENTS = messages_of(published.DESCRIPTOR, "Retention", RetentionEvent)


def retention_snapshot(retention: RetentionClock) -> published.RetentionSnapshot:
    """Without what services have said: their own events say that."""
    return published.RetentionSnapshot(
        retention_id=retention.id,
        policy_number=retention.policy,
        round=retention.round,
        asked_at=stamp(retention.asked_at),
        day=retention.day,
        terms=[
            published.RetentionTerm(record=each.record, days=each.days) for each in retention.terms
        ],
        erases=retention.erases,
        held_person_ids=retention.held,
    )


def encode_retention(retention: RetentionClock, event: RetentionEvent) -> EncodedEvent:
    message = RETENTION_EVENTS[event](retention=retention_snapshot(retention))
    return encoded(message, (f"{retention.district}:{retention.id}",))


RETENTIONS = AggregateCodec("retention", RetentionClock, encode_retention)
