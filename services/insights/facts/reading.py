"""What the folds share: how a published message is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from services.access.row_facts import day as day
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import GONE, Event, Fact, Fold, is_tombstone

SCHOOL_YEARS = range(2000, 2101)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END = int(datetime(2201, 1, 1, tzinfo=UTC).timestamp())


def about_teacher(event: Event, snapshot: Any) -> None:
    """Raises InvalidEvent unless the event's key names a teacher, and the snapshot is hers and of
    the school year that the envelope says."""
    envelope = event.envelope
    if envelope.key.count(":") != 1:
        raise InvalidEvent("the key names no teacher")
    whose = f"{envelope.district}:{snapshot.teacher_id}"
    if envelope.key != whose and not has_left(event, snapshot):
        raise InvalidEvent("the key names another teacher")
    if snapshot.school_year not in SCHOOL_YEARS:
        raise InvalidEvent("no school year")
    if envelope.year not in (0, snapshot.school_year):
        raise InvalidEvent("ce_year is another year")


def of_one(fold: Callable[[Event], Fact], place: Callable[[Event], Fact]) -> Fold:
    """The fold of events that tell one fact each, by `fold`; of what was erased the fact is gone
    from where it was, which `place` tells by the envelope alone."""

    def told(event: Event) -> Sequence[Fact]:
        if not is_tombstone(event.envelope):
            return [fold(event)]
        if event.envelope.key.count(":") != 1:
            raise InvalidEvent("the key names no teacher")
        return [place(event)._replace(value=GONE)]

    return told


def has_left(event: Event, snapshot: Any) -> bool:
    """Whether it tells her who had it before that it is another record's now: of two records of
    one person."""
    before = snapshot.transferred_from_id
    return bool(before) and event.envelope.key == f"{event.envelope.district}:{before}"


def instant(message: Message, name: str) -> datetime | None:
    """A timestamp field as UTC cut to milliseconds, None where it is not set. Raises
    InvalidEvent for what cannot be an instant of anybody's work."""
    if not message.HasField(name):
        return None
    stamp: Timestamp = getattr(message, name)
    seconds, nanos = stamp.seconds, stamp.nanos
    if not (0 <= seconds < _END and 0 <= nanos < 1_000_000_000):
        raise InvalidEvent(f"{name} is no time")
    return _EPOCH + timedelta(0, seconds, nanos // 1_000_000 * 1_000)


def state_name(names: Mapping[int, str], number: int, whose: str) -> str:
    """The name of a state; `#7` of one that this build does not know: those that read it later
    may (`cards`), and all else that the event says is kept. Raises InvalidEvent where none is
    said."""
    if not number:
        raise InvalidEvent(f"{whose} without a state")
    return names.get(number, f"#{number}")


def number(message: Message, name: str) -> Any:
    """An optional field's value, None where it is not set."""
    return getattr(message, name) if message.HasField(name) else None


def full_name(message: type[Message]) -> str:
    return message.DESCRIPTOR.full_name
