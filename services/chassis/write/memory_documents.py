"""`Documents` and `Outbox` in memory: for unit, contract and component tests.

What is stored goes through BSON, so that a state which MongoDB would refuse or change is
refused or changed here too. Every method yields to the loop once before it acts, as a
database would, so that tasks interleave.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bson import encode

from services.chassis.district_turns import DistrictTurns
from services.chassis.kernel import Fault, Kind
from services.chassis.log.envelope import Entry, PendingEvent
from services.chassis.mongo import decoded
from services.chassis.write.by_date import ByDate, place
from services.chassis.write.documents import (
    OUTBOX_EVENTS,
    PAGE_BYTES,
    READ_BYTES,
    READ_EVENTS,
    RECENT_KEYS,
    AlreadyExists,
    Document,
    KeyUse,
    OutboxFull,
    OutboxPlace,
    Page,
    Pending,
    Scalar,
    Waiting,
    Wanted,
    forgotten,
)
from services.chassis.write.parts import Parts, cut
from services.chassis.write.stored_documents import TOMBSTONE, dated
from services.chassis.write.taken import TURN_AGGREGATES, TURN_BYTES, Taken

_LARGEST = 16 * 1024 * 1024


@dataclass
class _Stored:
    document: Document  # with an empty state: it is kept as BSON
    state: bytes
    outbox: list[PendingEvent] = field(default_factory=list)
    was: str = ""  # of a tombstone: the kind of what was erased, and why
    because: str = ""

    @property
    def says(self) -> Mapping[str, Any]:  # to be looked at, and given to nobody
        return decoded(self.state)

    def read(self) -> Document:
        return replace(self.document, state=decoded(self.state))


class MemoryDocuments:
    def __init__(self) -> None:
        self._stored: dict[str, _Stored] = {}
        self._turns: DistrictTurns[Pending] = DistrictTurns()

    async def insert(self, document: Document, event: PendingEvent) -> None:
        await asyncio.sleep(0)
        if document.id in self._stored:
            raise AlreadyExists(document.id)
        head = dated(replace(document, state={}), event, *document.keys)
        new = _Stored(head, encode(document.state), [event])
        _check_size(new.state, new.outbox)
        self._stored[document.id] = new

    async def get(self, district: str, kind: str, id: str) -> Document | None:
        await asyncio.sleep(0)
        found = self._stored.get(id)
        if found is None or (found.document.district, found.document.kind) != (district, kind):
            return None
        return found.read()

    async def replace(
        self,
        before: Document,
        state: Mapping[str, Any],
        event: PendingEvent,
        key: KeyUse | None,
        schema: int = 1,
    ) -> bool:
        await asyncio.sleep(0)
        found = self._stored.get(before.id)
        if found is None or _identity(found.document) != _identity(before):
            return False
        if len(found.outbox) >= OUTBOX_EVENTS:
            raise OutboxFull(before.id)
        encoded = encode(state)
        _check_size(encoded, [*found.outbox, event])
        keys = found.document.keys if key is None else _remembered(found.document.keys, key)
        head = replace(found.document, version=before.version + 1, keys=keys, schema=schema)
        head = dated(head, event, *filter(None, (key,)))
        self._stored[before.id] = _Stored(head, encoded, [*found.outbox, event])
        return True

    async def remember(self, before: Document, key: KeyUse) -> bool:
        await asyncio.sleep(0)
        found = self._stored.get(before.id)
        if found is None or _identity(found.document) != _identity(before):
            return False
        found.document = replace(found.document, keys=_remembered(found.document.keys, key))
        return True

    async def erase(self, before: Document, event: PendingEvent) -> bool:
        await asyncio.sleep(0)
        found = self._stored.get(before.id)
        if found is None or _identity(found.document) != _identity(before):
            return False
        left = Document(before.id, TOMBSTONE, before.district, event.version, {})
        self._stored[left.id] = _Stored(left, encode({}), [event], before.kind, event.causation)
        return True

    async def is_erased(self, district: str, kind: str, id: str) -> bool:
        await asyncio.sleep(0)
        found = self._stored.get(id)
        return found is not None and (found.document.district, found.was) == (district, kind)

    async def erased(self, district: str, because: str, journaled: bool = False) -> Sequence[str]:
        await asyncio.sleep(0)
        mine = (e for e in self._stored.values() if e.was and e.document.district == district)
        found = (e for e in mine if e.because == because or e.because.startswith(f"{because}:"))
        return sorted(each.document.id for each in found if not (journaled and each.outbox))

    async def find(
        self,
        district: str,
        kind: str,
        where: Mapping[str, Scalar],
        after: str,
        limit: int,
        parts: Parts | None = None,
        schema: int = 1,
        by: ByDate | None = None,
        unless: Mapping[str, Scalar] | None = None,
        either: Sequence[Mapping[str, Scalar]] = (),
    ) -> Page:
        await asyncio.sleep(0)
        mine = self._of(district, kind, after if by is None else "")
        those = (each for each in mine if _wanted(each.says, where, unless, either))
        wanted = (replace(each.read(), keys=(), device_times=()) for each in those)
        page, size, last = list[Document](), 0, ""
        for found, behind in _in_order(wanted, after, by):
            if parts is not None and found.schema == schema:
                found = replace(found, state=cut(found.state, parts))
            size += len(encode(found.state))
            if page and (len(page) == limit or size > PAGE_BYTES):
                return Page(page, last)
            page.append(found)
            last = behind
        return Page(page)

    async def leaving(self, district: str, kind: str, id: str) -> Sequence[Entry]:
        await asyncio.sleep(0)
        found = self._stored.get(id)
        if found is None or (found.document.district, found.document.kind) != (district, kind):
            return []
        return [
            replace(each, state=decoded(encode(each.state)), version=event.version)
            for event in found.outbox
            for each in event.entries
        ]

    async def counts(self, district: str, kind: str, wanted: Sequence[Wanted]) -> Sequence[int]:
        await asyncio.sleep(0)
        mine = [each.says for each in self._of(district, kind)]
        return [
            min(each.most, sum(_wanted(state, each.where, each.unless) for state in mine))
            for each in wanted
        ]

    def _of(self, district: str, kind: str, after: str = "") -> Sequence[_Stored]:
        """By id."""
        held, of = self._stored, (district, kind)
        mine = [n for n, e in held.items() if (e.document.district, e.document.kind) == of]
        return [held[name] for name in sorted(mine) if name > after]

    async def pending(self, limit: int, after: OutboxPlace | None = None) -> Waiting:
        await asyncio.sleep(0)
        waiting = sorted((each for each in self._stored.values() if each.outbox), key=_place)
        behind = [each for each in waiting if after is None or _place(each) > after]
        first = _taken(behind, limit, READ_BYTES)
        if not first.more:
            return Waiting(first.waiting)
        others = await self._turns.others(first.waiting, self._of_others)
        return Waiting(first.waiting, others, first.last)

    async def _of_others(self, after: str, present: Collection[str]) -> Taken:
        waiting = [
            each
            for each in self._stored.values()
            if each.outbox
            and each.document.district > after
            and each.document.district not in present
        ]
        waiting.sort(key=lambda each: (each.document.district, _since(each)))
        return _taken(waiting, TURN_AGGREGATES, TURN_BYTES)

    async def clear(self, published: Mapping[str, Sequence[int]]) -> None:
        await asyncio.sleep(0)
        for aggregate_id, versions in published.items():
            stored = self._stored.get(aggregate_id)
            if stored is not None:
                stored.outbox = [each for each in stored.outbox if each.version not in versions]

    async def backlog(self) -> tuple[int, datetime | None]:
        await asyncio.sleep(0)
        since = [_since(each) for each in self._stored.values() if each.outbox]
        return len(since), min(since, default=None)


def _remembered(keys: Sequence[KeyUse], new: KeyUse) -> tuple[KeyUse, ...]:
    dropped = forgotten(keys, new.caller)
    kept = [use for use in keys if use.version == 1 or use.caller not in dropped]
    own = [use for use in kept if use.version > 1 and use.caller == new.caller]
    oldest = own[: len(own) + 1 - RECENT_KEYS] if len(own) >= RECENT_KEYS else []
    return (*(use for use in kept if use not in oldest), new)


def _identity(document: Document) -> tuple[str, str, str, int]:
    return document.id, document.district, document.kind, document.version


def _since(stored: _Stored) -> datetime:
    return min(event.occurred_at for event in stored.outbox)


def _place(stored: _Stored) -> OutboxPlace:
    return _since(stored), stored.document.id


def _taken(waiting: Sequence[_Stored], limit: int, size: int) -> Taken:
    taken = Taken(limit, size)
    for each in waiting:
        events = tuple(each.outbox[:READ_EVENTS])
        pending = Pending(each.document.id, each.document.district, events)
        if not taken.add(pending, _since(each)):
            break
    return taken


def _in_order(
    documents: Iterable[Document], after: str, by: ByDate | None
) -> Iterator[tuple[Document, str]]:
    """Those behind a place, each with the place behind it. Without `by` they are so already."""
    if by is None:
        yield from ((each, each.id) for each in documents)
        return
    begin = place(after) if after else None
    found = ((each.state.get(by.field), each) for each in documents)
    dated = {(at, each.id): each for at, each in found if isinstance(at, datetime) and by.holds(at)}
    for key in sorted(dated, reverse=by.backwards):
        if begin is None or (key < begin if by.backwards else key > begin):
            yield dated[key], by.place_of(*key)


def _wanted(
    state: Mapping[str, Any],
    where: Mapping[str, Scalar],
    unless: Mapping[str, Scalar] | None,
    either: Sequence[Mapping[str, Scalar]] = (),
) -> bool:
    gone = any(_has(state, *each) for each in (unless or {}).items())
    one = not either or any(_has_all(state, each) for each in either)
    return not gone and one and _has_all(state, where)


def _has_all(state: Mapping[str, Any], where: Mapping[str, Scalar]) -> bool:
    return all(_has(state, *each) for each in where.items())


def _has(state: Mapping[str, Any], name: str, value: Scalar) -> bool:
    first, _, rest = name.partition(".")  # as MongoDB names what lies in another
    return _has(state.get(first, {}), rest, value) if rest else _equal(state.get(first), value)


def _equal(held: Any, value: Scalar) -> bool:
    """As MongoDB compares: a list matches by any of its values; true is not 1."""
    if isinstance(held, list):
        return any(_equal(each, value) for each in held if not isinstance(each, list))
    return isinstance(held, bool) == isinstance(value, bool) and bool(held == value)


def _check_size(state: bytes, outbox: Sequence[PendingEvent]) -> None:
    along = (each.state for event in outbox for each in event.entries)
    size = len(state) + sum(len(event.data) for event in outbox)
    if size + sum(len(encode(each)) for each in along) > _LARGEST:
        raise Fault(
            Kind.LIMITED, "document_too_large", "The resource has reached its largest size."
        )
