"""From a command to one document write.

`WritePath` joins a service's typed aggregates to the document store: it honors
idempotency keys and etags, retries a lost race, and never writes more than once.
Create: 1 database command. Change: 2 (a read and a conditional write).
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from services.chassis.call import Call
from services.chassis.crash_points import crash_point
from services.chassis.kernel import Aggregate, Clock, Fault, Kind, not_found
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import (
    AlreadyExists,
    Document,
    Documents,
    KeyUse,
    OutboxFull,
    Scalar,
)

A = TypeVar("A", bound=Aggregate)
RACES = 5  # lost races before the caller is asked to try again
RACE_SECONDS = 0.005  # the longest pause after the first lost race, doubled by each
EVENT_BYTES = 900_000  # a Kafka record holds 1 MiB with its headers
_OF_THE_STATE = (Kind.CONFLICT, Kind.INVALID, Kind.LIMITED)  # no refusal of access
_random = random.SystemRandom()

_IDS = uuid.UUID("6f0c5a1e-4f0b-5c57-9a5e-7a6d3f1f2b11")


@dataclass(frozen=True, slots=True)
class EncodedEvent:
    """A domain event in the published language. `keys`: one Kafka record each."""

    type: str
    keys: tuple[str, ...]
    data: bytes
    school_year: int = 0


class Codec(Protocol[A]):
    """Between one kind of aggregate, its stored state and its published events."""

    kind: str

    def to_state(self, aggregate: A) -> dict[str, Any]:
        """BSON-able values only; top-level names are what `find` can ask for."""

    def from_state(self, id: str, district: str, version: int, state: Mapping[str, Any]) -> A: ...

    def encode(self, aggregate: A, event: Any) -> EncodedEvent: ...


class Bell(Protocol):
    def ring(self) -> None:
        """Wake the relay: something waits to be published. Never blocks."""


class WritePath(Generic[A]):
    def __init__(self, documents: Documents, codec: Codec[A], clock: Clock, bell: Bell) -> None:
        self._documents = documents
        self._codec = codec
        self._clock = clock
        self._bell = bell

    async def get(self, district: str, id: str) -> A:
        """Raises Fault NOT_FOUND, alike for what is missing and what is another district's."""
        found = await self._documents.get(district, self._codec.kind, id)
        if found is None:
            raise not_found()
        return self._load(found)

    async def find(
        self, district: str, where: Mapping[str, Scalar], after: str, limit: int
    ) -> Sequence[A]:
        """By id, after `after`; `where` names top-level values of the stored state."""
        found = await self._documents.find(district, self._codec.kind, where, after, limit)
        return [self._load(each) for each in found]

    def new_id(self, call: Call) -> str:
        """The id of what this call creates: fixed by district, operation and key, so that a
        retried create meets its own first result; random without a key."""
        if not call.key:
            return str(uuid.uuid4())
        return str(uuid.uuid5(_IDS, f"{call.district}\n{call.operation}\n{call.key}"))

    async def create(self, call: Call, new: A) -> A:
        """Store `new`, whose id came from `new_id(call)` or from the outside. A create that
        happened before under the same key answers with the aggregate as it is now.
        Raises Fault KEY_REUSED, or CONFLICT where the id is taken without a key."""
        event = self._event(call, new, version=1)
        assert event is not None, "a create records an event"
        document = Document(
            id=new.id,
            kind=self._codec.kind,
            district=new.district,
            version=1,
            state=self._codec.to_state(new),
            keys=(KeyUse(call.key, call.fingerprint, 1),) if call.key else (),
        )
        crash_point("W1")
        try:
            await self._documents.insert(document, event)
        except AlreadyExists:
            return await self._first_result(call, new)
        crash_point("W2")
        self._bell.ring()
        new.version = 1
        return new

    async def change(self, call: Call, id: str, act: Callable[[A], Awaitable[None] | None]) -> A:
        """Load, let `act` decide and change, write once. `act` is run again on the newer
        state when another command came first (at most 5 times), unless the caller named the
        version it saw. An `act` that records no event writes nothing."""
        for race in range(RACES):
            before = await self._documents.get(call.district, self._codec.kind, id)
            if before is None:
                raise not_found()
            aggregate = self._load(before)
            used = _use_of(before, call.key)
            if used is not None:
                await _acted(act, self._load(before), replayed=True)
                _check_same(used, call)
                call.replayed = True
                return aggregate
            await _acted(act, aggregate)
            if call.if_match is not None and call.if_match != before.version:
                raise Fault(Kind.STALE, "stale_version", "The resource has changed since.")
            event = self._event(call, aggregate, version=before.version + 1)
            if event is None:
                return aggregate
            use = KeyUse(call.key, call.fingerprint, before.version + 1) if call.key else None
            crash_point("W1")
            try:
                written = await self._documents.replace(
                    before, self._codec.to_state(aggregate), event, use
                )
            except OutboxFull:
                raise Fault(
                    Kind.UNAVAILABLE, "outbox_full", "Too many unpublished changes; try later."
                ) from None
            if written:
                crash_point("W2")
                self._bell.ring()
                aggregate.version = before.version + 1
                return aggregate
            # A majority read sees the winner only when a majority has it.
            await asyncio.sleep(_random.uniform(0, RACE_SECONDS * 2**race))
        raise Fault(Kind.UNAVAILABLE, "contention", "Many changes at once; try again.")

    def _load(self, stored: Document) -> A:
        return self._codec.from_state(stored.id, stored.district, stored.version, stored.state)

    def _event(self, call: Call, aggregate: A, version: int) -> PendingEvent | None:
        event = aggregate.take_event()
        if event is None:
            return None
        encoded = self._codec.encode(aggregate, event)
        assert encoded.keys, "an event has a key"
        if len(encoded.data) > EVENT_BYTES:
            raise Fault(Kind.TOO_LARGE, "event_too_large", "The resource has grown too large.")
        return PendingEvent(
            version=version,
            event_id=f"{aggregate.id}:{version}",
            type=encoded.type,
            keys=encoded.keys,
            data=encoded.data,
            occurred_at=_millis(self._clock.now()),
            school_year=encoded.school_year,
            trace=call.trace,
            correlation=call.correlation,
        )

    async def _first_result(self, call: Call, new: A) -> A:
        first = await self._documents.get(new.district, self._codec.kind, new.id)
        used = _use_of(first, call.key) if first is not None else None
        if first is None or used is None:
            raise Fault(Kind.CONFLICT, "already_exists", "The resource exists already.")
        _check_same(used, call)
        call.replayed = True
        return self._load(first)


def _use_of(document: Document, key: str) -> KeyUse | None:
    return next((use for use in document.keys if key and use.key == key), None)


def _check_same(use: KeyUse, call: Call) -> None:
    if use.fingerprint != call.fingerprint:
        raise Fault(
            Kind.KEY_REUSED, "idempotency_key_reused", "This key was used for another request."
        )


async def _acted(
    act: Callable[[A], Awaitable[None] | None], aggregate: A, replayed: bool = False
) -> None:
    """Run `act`; on a replay only its access decision counts: the state has moved on."""
    try:
        result = act(aggregate)
        if result is not None:
            await result
    except Fault as fault:
        if not (replayed and fault.kind in _OF_THE_STATE):
            raise


def _millis(instant: datetime) -> datetime:
    """MongoDB keeps milliseconds: events carry no more, so that both sides agree."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
