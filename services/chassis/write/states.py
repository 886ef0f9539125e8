"""Between an aggregate's dataclass, the state stored for it and its published events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import TypeAdapter

from services.chassis.kernel import Aggregate
from services.chassis.log.envelope import Entry
from services.chassis.write.parts import cut, dataclasses_in, parts_of
from services.chassis.write.write_path import EncodedEvent

A = TypeVar("A", bound=Aggregate)
S = TypeVar("S")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# the document's own fields
_APART = {"id", "district", "version", "last_event_at", "device_times", "_event", "_left"}

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""A pure function from a state of one schema to the same in the next."""


class AggregateCodec(Generic[A]):
    """The `Codec` of one aggregate class.

    Stored fields are str, StrEnum, bool, int, float, bytes, aware datetimes, frozen
    dataclasses of these, and lists, tuples or dicts of all that. `encode` is the service's
    own: it decides what leaves the service.

    Whatever changes what is stored (a field, the values of an enum, within a part too) gives
    the schema a new number: one more of `upcasters`, of which the first makes schema 2 of 1.
    """

    def __init__(
        self,
        kind: str,
        aggregate: type[A],
        encode: Callable[[A, Any], EncodedEvent],
        upcasters: Sequence[Upcaster] = (),
    ) -> None:
        self.kind = kind
        self.aggregate = aggregate
        self.encode = encode
        self.schema = 1 + len(upcasters)
        self._adapter: TypeAdapter[A] = closed(aggregate)
        self._upcasters = upcasters

    def to_state(self, aggregate: A) -> dict[str, Any]:
        state: dict[str, Any] = self._adapter.dump_python(aggregate, exclude=_APART)
        return state

    def from_state(self, id: str, district: str, version: int, state: Mapping[str, Any]) -> A:
        return self._adapter.validate_python(
            {**state, "id": id, "district": district, "version": version}
        )

    def upcast(self, schema: int, state: Mapping[str, Any]) -> Mapping[str, Any]:
        """A state of an older schema in today's."""
        for upcaster in self._upcasters[schema - 1 :]:
            state = upcaster(dict(state))
        return state


class SummaryCodec(Generic[S]):
    """What a list shows of each aggregate: `summary` is a dataclass with `id`, `district`,
    `version` and some of the aggregate's fields, or of their parts."""

    def __init__(self, of: AggregateCodec[Any], summary: type[S]) -> None:
        self.kind, self.schema = of.kind, of.schema
        self.parts = parts_of(summary)
        self._of = of
        self._adapter: TypeAdapter[S] = closed(summary)

    def upcast(self, schema: int, state: Mapping[str, Any]) -> Mapping[str, Any]:
        """The parts of a state that came whole."""
        return cut(self._of.upcast(schema, state), self.parts)

    def from_state(self, id: str, district: str, version: int, state: Mapping[str, Any]) -> S:
        return self._adapter.validate_python(
            {**state, "id": id, "district": district, "version": version}
        )


def closed(stored: type[S]) -> TypeAdapter[S]:
    """An adapter that refuses what it does not know, in every part: what is not read would be
    lost with the next write."""
    for each in dataclasses_in(stored):
        each.__pydantic_config__ = {"extra": "forbid"}
    return TypeAdapter(stored)


def encoded(
    message: Message,
    keys: tuple[str, ...],
    year: int = 0,
    entries: tuple[Entry, ...] = (),
) -> EncodedEvent:
    """A published message with its Kafka keys (`district:person` or `district:aggregate`), and
    what leaves the aggregate with it."""
    return EncodedEvent(
        type=message.DESCRIPTOR.full_name,
        keys=keys,
        data=message.SerializeToString(deterministic=True),
        year=year,
        entries=entries,
    )


def keys_about(
    district: str, *subjects: str, left: Iterable[str] = (), nobody: str = ""
) -> tuple[str, ...]:
    """The Kafka keys of an event about several subjects: it is published once for each, and for
    those who have just `left`, so that their rows learn of it, too. Each comes once, whoever names
    her twice. Where there is none, that of `nobody`: the aggregate itself."""
    about = dict.fromkeys((*subjects, *left)) or (nobody,)
    return tuple(f"{district}:{each}" for each in about)


def stamp(instant: datetime | None) -> Timestamp | None:
    """An aware datetime as a protobuf Timestamp."""
    if instant is None:
        return None
    since = instant - _EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1_000)
