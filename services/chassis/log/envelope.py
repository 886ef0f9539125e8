"""An event as a Kafka record: CloudEvents 1.0, Kafka binary mode, protobuf value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, NamedTuple, cast

Headers = Sequence[tuple[str, bytes]]


_REQUIRED = ("ce_id", "ce_type", "ce_time", "ce_subject", "ce_sequence", "ce_districtid")
_required = itemgetter(*_REQUIRED)
_MOST_ID = 1_024  # bytes: ids become names of rows and fields
_SPEC = b"1.0"
_FIRST_READER = b"1"
# CloudEvents wants an absolute URI, and another one where the schema is another: the full name of a
# message has the version of its package.
SCHEMA = "urn:tandem:message:"
_SCHEMA = SCHEMA.encode()


class Unreadable(Exception):
    """A record that is not an event of ours: the text says which header and why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A part that has left its aggregate, by its number among those of its kind: see
    `write.entries`. `state` holds BSON-able values in the shape that `schema` numbers; `version`
    is that of the event with which it left, 0 as long as it goes along with it."""

    kind: str
    number: int
    schema: int
    state: Mapping[str, Any]
    version: int = 0


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An event as it will be published. `type` is the full protobuf name, `data` the bare
    message; one Kafka record goes out per key (`district:person`). `year`: the one that it belongs
    to, 0 where there is none. `entries` go along with it as far as the service's own database,
    and no further. `erases`: of its aggregate there is nothing else any more. `made_at`: when it
    happened by the clock of a device that was offline, which is its word alone; None of any
    other."""

    version: int
    event_id: str
    type: str
    keys: tuple[str, ...]
    data: bytes
    occurred_at: datetime
    year: int = 0
    trace: str = ""
    correlation: str = ""
    causation: str = ""
    entries: tuple[Entry, ...] = ()
    erases: bool = False
    made_at: datetime | None = None


class Record(NamedTuple):
    """A record as fetched: nothing in it is trusted yet."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Envelope(NamedTuple):  # tuples, like all that is made once a record: cheap to make
    """What the headers of a record say. `key` is `district:person` (or `district:aggregate`),
    `version` the aggregate's, `year` 0 where the event belongs to none. `schema_is_type`:
    `ce_dataschema` names `ce_type` or is missing. `min_reader` is as it came, even if no number.
    `made_at`: see `PendingEvent`; None too where it cannot be read, since nothing hangs on it."""

    event_id: str
    type: str
    district: str
    key: str
    aggregate_id: str
    version: int
    occurred_at: datetime
    year: int = 0
    trace: str = ""
    correlation: str = ""
    schema_is_type: bool = True
    min_reader: bytes = _FIRST_READER
    made_at: datetime | None = None


def headers_of(
    event: PendingEvent, *, source: str, district: str, aggregate_id: str, key: str
) -> list[tuple[str, bytes]]:
    """The record headers of one published event. `source` is such as `/tandem/things`."""
    pairs = [
        ("content-type", "application/protobuf"),
        ("ce_specversion", "1.0"),
        ("ce_id", event.event_id),
        ("ce_type", event.type),
        ("ce_dataschema", f"{SCHEMA}{event.type}"),
        ("ce_source", source),
        ("ce_time", _text(event.occurred_at)),
        ("ce_subject", aggregate_id),
        ("ce_partitionkey", key),
        ("ce_sequence", f"{event.version:012d}"),
        ("ce_districtid", district),
        ("ce_dataclassification", "confidential"),
        ("ce_year", str(event.year) if event.year else ""),
        ("ce_correlationid", event.correlation),
        ("ce_causationid", event.causation),
        ("ce_devicetime", _text(event.made_at) if event.made_at is not None else ""),
        ("traceparent", event.trace),
    ]
    return [(name, value.encode()) for name, value in pairs if value]


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def open_envelope(headers: Headers, key: bytes | None) -> Envelope:
    """Read the headers of a record. Raises Unreadable; never anything else."""
    raw = dict(headers)
    if len(raw) != len(headers):
        raw = dict(reversed(headers))  # of a header that comes twice the first counts
    try:
        _check_text(raw.values())
        record_key = key.decode() if key else ""
    except UnicodeDecodeError:
        raise Unreadable("a header or the key is not UTF-8") from None
    try:
        required = _required(raw)
    except KeyError as error:
        raise Unreadable(f"header {error.args[0]} is missing") from None
    if not all(required):
        raise Unreadable(f"header {_REQUIRED[[*map(bool, required)].index(False)]} is missing")
    event_id, type_, time, subject, sequence, owner = required
    if len(subject) > _MOST_ID or len(record_key) > _MOST_ID:
        raise Unreadable("ce_subject or the key is too long")
    get = raw.get
    if get("ce_specversion", _SPEC) not in (_SPEC, None):
        raise Unreadable("header ce_specversion is not 1.0")
    try:
        occurred_at = datetime.fromisoformat(time.decode())
    except ValueError:
        raise Unreadable("ce_time does not parse") from None
    if occurred_at.tzinfo is None or not 1970 < occurred_at.year < 2200:
        raise Unreadable("ce_time is out of range")
    version = _number("ce_sequence", sequence)
    year = _number("ce_year", get("ce_year") or b"0")
    if not 1 <= version <= 2**53:
        raise Unreadable("ce_sequence is out of range")
    if year and not 2000 <= year <= 2100:
        raise Unreadable("ce_year is out of range")
    district = owner.decode()
    if record_key.partition(":")[0] != district:
        raise Unreadable("the key and ce_districtid name different districts")
    return Envelope(  # by position: made once a record
        event_id.decode(),
        type_.decode(),
        district,
        record_key,
        subject.decode(),
        version,
        occurred_at,
        year,
        (get("traceparent") or b"").decode(),
        (get("ce_correlationid") or b"").decode(),
        get("ce_dataschema", schema := _SCHEMA + type_) == schema,
        get("ce_minreader", _FIRST_READER) or b"",
        _made_at(get("ce_devicetime")),
    )


def _made_at(said: bytes | None) -> datetime | None:
    if not said:
        return None
    try:
        found = datetime.fromisoformat(said.decode())
    except ValueError:
        return None
    known = found.tzinfo is not None and 2000 <= found.year <= 2100
    return found.astimezone(UTC) if known else None


def _check_text(values: Collection[bytes | None]) -> None:
    """Raises UnicodeDecodeError. All at once where all is ASCII, as nearly always."""
    try:
        ascii_ = b"".join(cast(Collection[bytes], values)).isascii()
    except TypeError:  # Kafka has headers without a value
        ascii_ = False
    if not ascii_:
        for value in values:
            (value or b"").decode()


def _number(name: str, text: bytes) -> int:
    if len(text) > 16 or not text.isdigit():
        raise Unreadable(f"header {name} is no number")
    return int(text)
