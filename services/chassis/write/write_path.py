"""From a command to one document write.

`WritePath` joins a service's typed aggregates to the document store: it honors
idempotency keys and etags, retries a lost race, and never writes more than once.
Create: 1 database command. Change: 2 (a read and a conditional write).
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from services.chassis.call import Call
from services.chassis.crash_points import crash_point
from services.chassis.kernel import Aggregate, Clock, Fault, Kind, conflict, if_there, not_found
from services.chassis.log.envelope import Entry, PendingEvent
from services.chassis.troubles import Troubles
from services.chassis.write.by_date import ByDate
from services.chassis.write.checks import Check, refusal
from services.chassis.write.documents import (
    AlreadyExists,
    Document,
    Documents,
    KeyUse,
    OutboxFull,
    Scalar,
    Wanted,
)
from services.chassis.write.ids import created_id, derived_id
from services.chassis.write.keys import Act, acted, decided_again, earlier_use, replayed, use_of
from services.chassis.write.loading import Found, load, load_page
from services.chassis.write.pending import erasing, pending_event, written
from services.chassis.write.quota import Bound, Quota
from services.chassis.write.races import RACES, lost
from services.chassis.write.state_change import check_size

A = TypeVar("A", bound=Aggregate)
_Write = Callable[[Document, A, PendingEvent, KeyUse | None], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class EncodedEvent:
    """A domain event in the published language. `keys`: one Kafka record each. `entries`: what
    leaves the aggregate with it, see `write.entries`."""

    type: str
    keys: tuple[str, ...]
    data: bytes
    year: int = 0
    entries: tuple[Entry, ...] = ()


class Codec(Protocol[A]):
    """Between one kind of aggregate, its stored state and its published events."""

    kind: str
    schema: int  # of what `to_state` gives

    def to_state(self, aggregate: A) -> dict[str, Any]:
        """BSON-able values only; top-level names are what `find` can ask for."""

    def from_state(self, id: str, district: str, version: int, state: Mapping[str, Any]) -> A:
        """Of a state of this schema. Raises for one that holds what is not known here."""

    def upcast(self, schema: int, state: Mapping[str, Any]) -> Mapping[str, Any]:
        """A state of an older schema in this one."""

    def encode(self, aggregate: A, event: Any) -> EncodedEvent: ...


class Bell(Protocol):
    def ring(self) -> None:
        """Wake the relay: something waits to be published. Never blocks."""


class WritePath(Generic[A]):
    def __init__(
        self,
        documents: Documents,
        codec: Codec[A],
        clock: Clock,
        bell: Bell,
        troubles: Troubles | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._documents = documents
        self._troubles = troubles or Troubles()
        self._quota = Quota(documents, codec.kind, monotonic)
        self._codec = codec
        self._clock = clock
        self._bell = bell

    async def get(self, district: str, id: str) -> A:
        """Raises Fault NOT_FOUND, alike for what is missing and what is another district's,
        and as `loading.load`."""
        return self._load(await self._stored(district, id))

    async def find(
        self,
        district: str,
        where: Mapping[str, Scalar],
        after: str,
        limit: int,
        by: ByDate | None = None,
        unless: Mapping[str, Scalar] | None = None,
        either: Sequence[Mapping[str, Scalar]] = (),
    ) -> Found[A]:
        """In order `by` a date or else by id, from the place `after` on; `where`, `unless` and
        `either` as `Documents.find` takes them. At most `limit`, and fewer where they would be
        more than 2 MB."""
        kind = self._codec.kind
        page = await self._documents.find(
            district, kind, where, after, limit, by=by, unless=unless, either=either
        )
        return load_page(self._codec, page, self._troubles)

    async def counts(self, district: str, wanted: Sequence[Wanted]) -> Sequence[int]:
        """As `Documents.counts`."""
        return await self._documents.counts(district, self._codec.kind, wanted)

    def new_id(self, call: Call) -> str:
        """The id of what this call creates: see `ids.created_id`."""
        return created_id(call)

    def derived_id(self, district: str, *parts: str) -> str:
        """The id of what there may be only one of for these parts: see `ids.derived_id`."""
        return derived_id(self._codec.kind, district, *parts)

    async def create(
        self, call: Call, new: A, within: Sequence[Bound] = (), check: Check | None = None
    ) -> A:
        """Store `new`, whose id came from `new_id`, from `derived_id` or from the outside.

        Where the id is taken: a call that made or changed it before, under the same key of the
        same caller, is answered with the aggregate as it is now (`call.replayed`); any other
        gets Fault CONFLICT `already_exists`, whatever it would have stored. So who derived the
        id goes on with `change`, under the same key: what that key brings about is remembered
        either way. Raises Fault KEY_REUSED for a key that came with other content, and CONFLICT
        where there are as many as one of `within` allows, and what `check` raises: what must hold
        of others when it is made, and need not hold any more when the same call comes again.
        1 command, and for all bounds together one more a minute to count."""
        event = self._event(call, new, version=1)
        assert event is not None, "a create records an event"
        use = use_of(call, 1, event)
        document = Document(
            id=new.id,
            kind=self._codec.kind,
            district=new.district,
            version=1,
            state=self._state(new),
            keys=(use,) if use else (),
            schema=self._codec.schema,
        )
        refused = await refusal(check)
        if refused is not None:
            return await self._first_result(call, new, refused)
        full = await self._quota.take_all(new.district, within)
        if full is not None:
            return await self._first_result(call, new, full.fault())
        crash_point("W1")
        try:
            await self._documents.insert(document, event)
        except BaseException as error:
            self._quota.give_back(new.district, within)
            if not isinstance(error, AlreadyExists):
                raise
            exists = conflict("already_exists", "The resource exists already.")
            return await self._first_result(call, new, exists)
        crash_point("W2")
        self._bell.ring()
        written(call, new, event, 1, use)
        return new

    async def look(self, call: Call, id: str, act: Act[A]) -> A:
        """As `change` for an `act` that only decides: before what is done beside the store, and
        then changed under the same key. Remembers no key. 1 command."""
        before = await self._stored(call.district, id)
        earlier = await self._earlier(call, before, act)
        if earlier is not None:
            return earlier
        return await self._acted(call, before, act)

    async def change(self, call: Call, id: str, act: Act[A]) -> A:
        """Load, let `act` decide and change, write once. `act` is run again on the newer
        state when another command came first (at most 5 times), unless the caller named the
        version it saw. An `act` that records no event changes nothing; only its key is
        remembered, so that it does nothing later either."""
        return await self._changed(call, id, act, self._replaced)

    async def erase(self, call: Call, id: str, act: Act[A]) -> A | None:
        """As `change`, by an event that says the aggregate is no more: see `Documents.erase`. The
        journal forgets it once that is published. Done again it is not there: None, and no key is
        remembered. 3 commands."""
        call = replace(call, key="")
        return await if_there(self._changed(call, id, act, self._erased))

    async def is_erased(self, district: str, id: str) -> bool:
        """Whether there was one and is no more. 1 command."""
        return await self._documents.is_erased(district, self._codec.kind, id)

    async def erased(self, call: Call, journaled: bool = False, of: str = "") -> Sequence[str]:
        """What, of all kinds, this service has erased for what has caused the call, or for
        whatever an aggregate has caused whose id is `of`; with `journaled`, of which its journal
        says no more than that, either."""
        return await self._documents.erased(call.district, of or call.causation, journaled)

    async def _changed(self, call: Call, id: str, act: Act[A], write: _Write[A]) -> A:
        for race in range(RACES):
            before = await self._stored(call.district, id)
            earlier = await self._earlier(call, before, act)
            if earlier is not None:
                return earlier
            aggregate = await self._acted(call, before, act)
            event = self._event(call, aggregate, version=before.version + 1)
            told = aggregate.version_to(call.principal.person) + 1
            use = use_of(call, told, event)
            if event is not None:
                crash_point("W1")
                if await write(before, aggregate, event, use):
                    crash_point("W2")
                    self._bell.ring()
                    written(call, aggregate, event, told, use)
                    return aggregate
            elif use is None or await self._documents.remember(before, use):
                return aggregate
            await lost(race)
        raise Fault(Kind.UNAVAILABLE, "contention", "Many changes at once; try again.")

    async def _stored(self, district: str, id: str) -> Document:
        found = await self._documents.get(district, self._codec.kind, id)
        if found is None:
            raise not_found()
        return found

    async def _earlier(self, call: Call, before: Document, act: Act[A]) -> A | None:
        """What a call that comes again is answered; None for any other."""
        used = earlier_use(before, call)
        if used is None:
            return None
        call.replayed = used.fingerprint == call.fingerprint  # also where it is hers no longer
        await decided_again(call, act, self._load(before))
        replayed(call, before, used)
        return self._load(before)

    async def _acted(self, call: Call, before: Document, act: Act[A]) -> A:
        aggregate = self._load(before)
        agreed, told = aggregate.agreed, aggregate.version_to(call.principal.person)
        await acted(act, aggregate)
        newer = call.agreed_by is not None and agreed > call.agreed_by
        if newer or (call.if_match is not None and call.if_match != told):
            detail = "The resource has changed since: read it again, and name its new ETag."
            raise Fault(Kind.STALE, "stale_version", detail)
        return aggregate

    async def _replaced(
        self, before: Document, aggregate: A, event: PendingEvent, use: KeyUse | None
    ) -> bool:
        state, schema = self._state(aggregate), self._codec.schema
        try:
            return await self._documents.replace(before, state, event, use, schema)
        except OutboxFull:
            raise Fault(
                Kind.UNAVAILABLE, "outbox_full", "Too many unpublished changes; try later."
            ) from None

    async def _erased(
        self, before: Document, aggregate: A, event: PendingEvent, use: KeyUse | None
    ) -> bool:
        leaving = await self._documents.leaving(before.district, before.kind, before.id)
        return await self._documents.erase(before, erasing(event, leaving))

    def _load(self, stored: Document) -> A:
        return load(self._codec, stored, self._troubles)

    def _state(self, aggregate: A) -> dict[str, Any]:
        state = self._codec.to_state(aggregate)
        check_size(state)
        return state

    def _event(self, call: Call, aggregate: A, version: int) -> PendingEvent | None:
        event = aggregate.take_event()
        if event is None:
            return None
        encoded = self._codec.encode(aggregate, event)
        return pending_event(call, aggregate, version, encoded, self._clock.now())

    async def _first_result(self, call: Call, new: A, otherwise: Fault) -> A:
        if not call.key:
            raise otherwise
        first = await self._documents.get(new.district, self._codec.kind, new.id)
        used = earlier_use(first, call) if first is not None else None
        if first is None or used is None:
            raise otherwise
        replayed(call, first, used)
        return self._load(first)
