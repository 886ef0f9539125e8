"""Acknowledgments: between the domain, the stored state and the published events."""

from __future__ import annotations

from coaching.privacy.v1 import statement_events_pb2 as published
from services.chassis.write.states import AggregateCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.privacy.acknowledgment.domain import Acknowledgment, AcknowledgmentEvent


def encode_acknowledgment(
    acknowledgment: Acknowledgment, event: AcknowledgmentEvent
) -> EncodedEvent:
    said = published.AcknowledgmentSnapshot(
        acknowledgment_id=acknowledgment.id,
        statement_id=acknowledgment.statement,
        person_id=acknowledgment.person,
        acknowledged_at=stamp(acknowledgment.at),
    )
    message = published.StatementAcknowledged(acknowledgment=said)
    return encoded(message, (f"{acknowledgment.district}:{acknowledgment.person}",))


ACKNOWLEDGMENTS = AggregateCodec("acknowledgment", Acknowledgment, encode_acknowledgment)
