"""From a record of the topic of looks to what it tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp

from coaching.looks.v1 import look_events_pb2 as published
from services.chassis.log.envelope import Record, Unreadable, open_envelope
from services.privacy.look.domain import ToldLook

LOOKED = published.Looked.DESCRIPTOR.full_name
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END = int(datetime(2201, 1, 1, tzinfo=UTC).timestamp())


class NoLook(Exception):
    """A record that tells of no look of a person. `district`: whose it is, as far as it says."""

    def __init__(self, district: str, why: str) -> None:
        super().__init__(why)
        self.district = district


def look_of(record: Record) -> ToldLook:
    """Raises NoLook."""
    try:
        envelope = open_envelope(record.headers, record.key)
    except Unreadable as error:
        raise NoLook("", str(error)) from None
    person = envelope.key.partition(":")[2]
    if envelope.type != LOOKED or not person or ":" in person:
        raise NoLook(envelope.district, "it is of another type, or its key names nobody")
    if person == envelope.aggregate_id:
        person = ""
    try:
        message: Any = published.Looked.FromString(record.value or b"")
    except DecodeError:
        raise NoLook(envelope.district, "it is no such message") from None
    look = message.look
    at = envelope.occurred_at
    return ToldLook(
        event=envelope.event_id,
        district=envelope.district,
        person=person,
        viewer=look.viewer_id,
        partner=look.partner_id,
        service=look.service,
        kind=look.kind,
        operation=look.operation,
        purpose=look.purpose,
        relation=look.relation,
        grant=look.grant_id,
        decision=look.decision,
        first_at=_instant(look, "first_at", at),
        last_at=_instant(look, "last_at", at),
        times=max(look.times, 1),
        artifact=look.artifact_id,
    )


def _instant(look: Any, name: str, otherwise: datetime) -> datetime:
    """A time of the look as UTC cut to milliseconds; where it says none, when it was told."""
    stamp: Timestamp = getattr(look, name)
    if not look.HasField(name) or not 0 <= stamp.seconds < _END:
        return otherwise
    return _EPOCH + timedelta(0, stamp.seconds, stamp.nanos // 1_000_000 * 1_000)
