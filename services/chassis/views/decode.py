"""From a fetched record to facts, or to the reason why there are none."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

from services.chassis.log.envelope import Envelope, Record, Unreadable, open_envelope
from services.chassis.views.projection import Event, Fact, Projection

MAX_BYTES = 1024 * 1024
READER = 1  # the newest `ce_minreader` that this build understands
FAILED = "failed"  # how the reason of what our own code could not do begins
NEEDS_UPGRADE = "needs upgrade"


class InvalidEvent(Exception):
    """The message decodes but says something that cannot be, or cannot be kept."""


class Decoded(NamedTuple):
    """Facts of one record; none for a type that the projection does not fold."""

    record: Record
    envelope: Envelope
    facts: tuple[Fact, ...]


class ToPark(NamedTuple):
    """A record to be parked; `envelope` where at least that can be read, `error` where our
    own code failed in a way that nobody foresaw."""

    record: Record
    envelope: Envelope | None
    reason: str
    error: Exception | None = None

    @property
    def district(self) -> str:
        """Whose data it is, as far as its key tells; empty where nobody can say."""
        if self.envelope is not None:
            return self.envelope.district
        name, colon, _ = (self.record.key or b"").partition(b":")
        return name.decode(errors="replace") if colon else ""


@cache
def message_class(full_name: str) -> type[Message]:
    """The message of that name among those that were imported. KeyError: there is none."""
    descriptor = descriptor_pool.Default().FindMessageTypeByName(full_name)
    return message_factory.GetMessageClass(descriptor)


def decode(projection: Projection, record: Record) -> Decoded | ToPark:
    """Never raises, whatever a record holds and a fold does."""
    event = read(projection, record)
    return folded(projection, record, event) if isinstance(event, Event) else event


def read(projection: Projection, record: Record) -> Event | Decoded | ToPark:
    """A record's envelope and message; Decoded where its type is ignored."""
    try:
        envelope = open_envelope(record.headers, record.key)
    except Unreadable as error:
        return ToPark(record, None, f"unreadable: {error}")
    if envelope.type not in projection.folds:
        return Decoded(record, envelope, ())
    refusal = _refusal(envelope, record)
    if refusal or record.value is None:
        return ToPark(record, envelope, refusal or "invalid: no value")
    try:
        return Event(envelope, message_class(envelope.type).FromString(record.value))
    except DecodeError:
        return ToPark(record, envelope, "undecodable: not such a protobuf message")


def folded(projection: Projection, record: Record, event: Event) -> Decoded | ToPark:
    """The facts of an event that was read."""
    envelope = event.envelope
    try:
        return Decoded(record, envelope, tuple(projection.folds[envelope.type](event)))
    except Exception as error:  # noqa: BLE001 # of one record: all others must flow on
        return failed(record, envelope, error)


def failed(record: Record, envelope: Envelope | None, error: Exception) -> ToPark:
    """A record with which our own code failed, unless the error says that it is the record's.
    Any other error's text may hold what the record says."""
    if isinstance(error, InvalidEvent):
        return ToPark(record, envelope, f"invalid: {error}")
    return ToPark(record, envelope, f"{FAILED}: {type(error).__name__}", error)


def _refusal(envelope: Envelope, record: Record) -> str:
    if record.value is not None and len(record.value) > MAX_BYTES:
        return f"too large: {len(record.value)} bytes"
    if not envelope.schema_is_type:
        return "invalid: ce_dataschema does not name ce_type"
    reader = envelope.min_reader
    if not (reader.isdigit() and len(reader) <= 9):
        return f"{NEEDS_UPGRADE}: its reader is no number"
    if int(reader) > READER:
        return f"{NEEDS_UPGRADE}: reader {int(reader)}"
    return ""


def upgraded(reason: str) -> bool:
    """Whether this build is the reader that a parked event waits for."""
    needs, _, reader = reason.partition(": reader ")
    return needs == NEEDS_UPGRADE and reader.isdigit() and int(reader) <= READER
