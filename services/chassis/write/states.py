"""Between an aggregate's dataclass, the state stored for it and its published events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import TypeAdapter

from services.chassis.kernel import Aggregate
from services.chassis.write.write_path import EncodedEvent

A = TypeVar("A", bound=Aggregate)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_APART = {"id", "district", "version", "_event"}  # the document's own fields


class AggregateCodec(Generic[A]):
    """The `Codec` of one aggregate class.

    Stored fields are str, StrEnum, bool, int, float, bytes, aware datetimes, frozen
    dataclasses of these, and lists, tuples or dicts of all that. `encode` is the service's
    own: it decides what leaves the service.
    """

    def __init__(
        self, kind: str, aggregate: type[A], encode: Callable[[A, Any], EncodedEvent]
    ) -> None:
        self.kind = kind
        self.encode = encode
        self._adapter: TypeAdapter[A] = TypeAdapter(aggregate)

    def to_state(self, aggregate: A) -> dict[str, Any]:
        state: dict[str, Any] = self._adapter.dump_python(aggregate, exclude=_APART)
        return state

    def from_state(self, id: str, district: str, version: int, state: Mapping[str, Any]) -> A:
        return self._adapter.validate_python(
            {**state, "id": id, "district": district, "version": version}
        )


def encoded(message: Message, keys: tuple[str, ...], school_year: int = 0) -> EncodedEvent:
    """A published message with its Kafka keys (`district:teacher` or `district:aggregate`)."""
    return EncodedEvent(
        type=message.DESCRIPTOR.full_name,
        keys=keys,
        data=message.SerializeToString(deterministic=True),
        school_year=school_year,
    )


def stamp(instant: datetime | None) -> Timestamp | None:
    """An aware datetime as a protobuf Timestamp."""
    if instant is None:
        return None
    since = instant - _EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1_000)
