"""The write side's store: one document per aggregate, and the events not yet published
kept inside that document, so that both change in one write.

Two adapters, held to one conformance suite: `chassis.write.mongo_documents` and
`chassis.write.memory_documents`. All of a service's aggregates live in one collection and are
told apart by `kind`; a district is part of every question.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from services.chassis.kernel import DeviceTime
from services.chassis.log.envelope import Entry, PendingEvent
from services.chassis.write.by_date import ByDate
from services.chassis.write.parts import Parts

RECENT_KEYS = 32  # idempotency keys of changes kept on a document, of each caller
RECENT_CALLERS = 8  # whose keys are kept: those who changed it last
DEVICE_TIMES = 64  # kept on a document, of what devices did last that were offline
OUTBOX_EVENTS = 1_000  # unpublished events an aggregate may have
READ_EVENTS = 100  # of one aggregate, taken by one read of the outbox
READ_BYTES = 8_000_000  # of events, after which a read of an outbox or a journal takes no more
PAGE_BYTES = 2_000_000  # of documents, after which a page of `find` takes no more

Scalar = str | int | bool


class Wanted(Protocol):
    """Documents to be counted, up to `most`: those whose state has the top-level values of `where`
    (a value also matches inside a list) and none of those of `unless`."""

    @property
    def where(self) -> Mapping[str, Scalar]: ...
    @property
    def most(self) -> int: ...
    @property
    def unless(self) -> Mapping[str, Scalar]: ...


def where(**values: Scalar | None) -> dict[str, Scalar]:
    """What `find` asks for, of filters that may not have been given."""
    return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class KeyUse:
    """An idempotency key that was honored: whose, with what content, giving which version, as she
    is told it (`Aggregate.version_to`); one that `changed` nothing counts as if it had given the
    next, which is somebody else's. `timed`: of a command that a device has dated."""

    key: str
    fingerprint: str
    version: int
    caller: str
    changed: bool = True
    timed: DeviceTime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Document:
    """An aggregate as stored. `state` holds BSON-able values only, in the shape that `schema`
    numbers: 1 where none is stored. `keys`, by version, are the key of its creation (kept for
    ever) and those of the last 32 changes of each of the last 8 callers. `changed_at`: when its
    newest event was; None of one that only an older build has written. `device_times`: of the last
    64 commands that devices have dated."""

    id: str
    kind: str
    district: str
    version: int
    state: Mapping[str, Any]
    keys: tuple[KeyUse, ...] = ()
    schema: int = 1
    changed_at: datetime | None = None
    device_times: tuple[DeviceTime, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Documents in order, without their keys and the times of devices. `after`: the place behind
    the last of them, from which `find` goes on; empty at the end."""

    documents: Sequence[Document]
    after: str = ""


def forgotten(keys: Sequence[KeyUse], caller: str) -> Sequence[str]:
    """The callers whose keys of changes make room for those of `caller`: who used one the
    longest ago. As a rule none or one; more where several came at once."""
    newest = {use.caller: use.version for use in keys if use.version > 1}
    newest.pop(caller, None)
    return sorted(newest, key=newest.__getitem__)[: max(len(newest) + 1 - RECENT_CALLERS, 0)]


@dataclass(frozen=True, slots=True)
class Pending:
    """The unpublished events of one aggregate, oldest first."""

    id: str
    district: str
    events: tuple[PendingEvent, ...]


OutboxPlace = tuple[datetime, str]  # in an outbox: since when an aggregate waits, and its id


class Waiting(list[Pending]):
    """What one read of an outbox has found: the `oldest`, in order, then those that came in by
    their district's turn. `last`: the place of the last of the oldest, None where nothing is left
    behind it."""

    def __init__(
        self,
        oldest: Sequence[Pending],
        others: Sequence[Pending] = (),
        last: OutboxPlace | None = None,
    ) -> None:
        super().__init__([*oldest, *others])
        self.oldest = oldest
        self.last = last


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One published event as kept by its service."""

    aggregate_id: str
    district: str
    event: PendingEvent

    @property
    def id(self) -> str:
        """`aggregate_id:version`, the version padded so that ids sort as versions do."""
        return journal_place(self.aggregate_id, self.event.version)


def journal_place(aggregate: str, version: int) -> str:
    """The id of a journal entry."""
    return f"{aggregate}:{version:012d}"


def ended(found: Sequence[JournalEntry], limit: int) -> bool:
    """Whether nothing follows what `Journal.read` found: it stopped neither at its limit nor at 8
    MB."""
    return len(found) < limit and sum(len(each.event.data) for each in found) < READ_BYTES


class AlreadyExists(Exception):
    """An insert met a document with its id."""


class OutboxFull(Exception):
    """The aggregate has 1,000 unpublished events: publishing must catch up first."""


class Documents(Protocol):
    """Every method may raise `kernel.Fault(UNAVAILABLE)`: the outcome is then unknown, and
    the same call with the same idempotency key is the way to find out."""

    async def insert(self, document: Document, event: PendingEvent) -> None:
        """Store a new aggregate (version 1), its event and since when. Exactly 1 database command.
        Raises AlreadyExists, and Fault LIMITED for a document over 16 MB."""

    async def get(self, district: str, kind: str, id: str) -> Document | None: ...

    async def replace(
        self,
        before: Document,
        state: Mapping[str, Any],
        event: PendingEvent,
        key: KeyUse | None,
        schema: int = 1,
    ) -> bool:
        """Conditional on `before.version`: set the state, raise the version by one, append
        the event and note when it was, remember the key and its time. Of a state of the same schema
        only what differs from `before` is written. False: the version has moved. Exactly 1 command,
        and one more to tell why when nothing matched.
        Raises OutboxFull, and Fault LIMITED for a document over 16 MB."""

    async def remember(self, before: Document, key: KeyUse) -> bool:
        """Conditional on `before.version`: remember a key that changed nothing. False: the
        version has moved. 1 command."""

    async def erase(self, before: Document, event: PendingEvent) -> bool:
        """Conditional on `before.version`: leave a tombstone of an aggregate, by which only its
        id, its kind, the next version, the time and the cause of `event` are known. What waits to
        be published never is, but for `event`. Nothing finds it any more, and its id stays taken.
        False: the version has moved. 1 command."""

    async def is_erased(self, district: str, kind: str, id: str) -> bool:
        """Whether this is a tombstone of that kind. 1 command."""

    async def erased(self, district: str, because: str, journaled: bool = False) -> Sequence[str]:
        """Of which tombstones were left by events of this cause, ascending: an event, or whichever
        of an aggregate whose id it is. With `journaled`, those alone that are published and over
        which the journal has written. 1 command."""

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
        """At most `limit` documents whose state has these top-level values (a value also
        matches inside a list), none of those of `unless` and, where `either` is not empty, all of
        one in it, in order `by` a date or else by id, behind the place `after`; fewer where they
        would be more than 2 MB, but one at least. With `parts`, only these of each state of this
        schema; states of another come whole. 1 command as a rule. Raises Fault INVALID for an
        `after` that is no place in this order."""

    async def leaving(self, district: str, kind: str, id: str) -> Sequence[Entry]:
        """What goes along with events of an aggregate that are not yet published, each with the
        version of its event. 1 command."""

    async def counts(self, district: str, kind: str, wanted: Sequence[Wanted]) -> Sequence[int]:
        """How many documents there are of each, in the order of `wanted`, which is not empty.
        1 command."""


class Outbox(Protocol):
    """What the relay sees. Reads are majority reads: nothing that may roll back goes out."""

    async def pending(self, limit: int, after: OutboxPlace | None = None) -> Waiting:
        """Aggregates with unpublished events, the longest waiting first, each with its oldest
        100; only those behind the place `after`. Ends early at 8 MB of events. 1 command. Where
        more wait than `limit` or 8 MB, so that some districts may have nothing in it, these come
        in after them by turns: up to 8 commands more, of 60 aggregates and 1 MB each."""

    async def clear(self, published: Mapping[str, Sequence[int]]) -> None:
        """Remove exactly these versions of these aggregates from their outboxes; what was
        appended in the meantime stays. 1 command."""

    async def backlog(self) -> tuple[int, datetime | None]:
        """How many aggregates wait, and since when the longest."""


class Keeps(Protocol):
    """What a relay asks of a journal."""

    async def append(self, entries: Sequence[JournalEntry]) -> None:
        """Keep published events; an entry that is there already is left alone. 1 command, and
        before it one more where anything goes along with them: that is kept apart, of each
        number what came with the newest version. Of an aggregate whose event `erases` nothing
        older is kept: of each version, and of each number of what went along, only that it is
        taken, so that who comes late puts nothing back. 2 commands more, and one for each
        further 1,000 versions."""


class Journal(Keeps, Protocol):
    async def left(
        self, district: str, aggregate: str, kind: str, below: int, limit: int
    ) -> Sequence[Entry]:
        """What of a kind has left an aggregate with its published events, from the highest number
        under `below` down. 1 command."""

    async def read(
        self, district: str, until: datetime | None, after: str, limit: int, aggregate: str = ""
    ) -> Sequence[JournalEntry]:
        """Entries by id (`aggregate:version`, see `JournalEntry.id`), with ids greater than
        `after`, of events that occurred before `until`. An empty district means all, and so
        does an empty aggregate. At least one where there is one, and no more after 8 MB of event
        data: whether more follow, `ended` tells. 1 command."""

    async def newest(
        self,
        district: str,
        until: datetime | None,
        after: str,
        among: int,
        replacing: Sequence[Collection[str]],
    ) -> Sequence[JournalEntry]:
        """Of the next `among` entries, in the order of `read`, those that no later one among
        them replaces: one of the same aggregate, keys and year (not 0), its type in
        the same one of the groups `replacing` (at least one). The last of them is always
        given, so reading goes on after the last one given; none given: the end. Ends early
        at 8 MB of event data. 1 command."""
