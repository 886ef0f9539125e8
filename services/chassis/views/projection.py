"""What a view is made of: pure functions from events to facts, and from facts to rows.

A row is one MongoDB document:
`{_id, district, facts: {group: {id: {v, at, ...value}}}, incomplete: {aggregate: v}, ...derived}`.
A fact is replaced only by a higher version of the same aggregate, so duplicates,
reordering, replays and late sends change nothing. Everything else in a row is derived from
its facts.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from google.protobuf.message import Message

from services.chassis.field_names import field_name
from services.chassis.log.envelope import Envelope

Row = dict[str, Any]

MOST_MARKS = 500  # aggregates that a row names as incomplete
MORE = "%"  # no aggregate's: as a field name every % of an id is %25


class Event(NamedTuple):
    """A decoded event: its envelope and its message."""

    envelope: Envelope
    message: Message


class Fact(NamedTuple):
    """What one event says about one row: the whole published state of its aggregate.

    All rows of an event must belong to the event's key (`district:person`): that is what
    gives a row one writer. `id` may hold any characters; it is escaped as a field name.
    """

    collection: str
    row: str
    group: str
    id: str
    value: Mapping[str, Any]


GONE: Mapping[str, Any] = {"gone": True}
"""The value of a fact whose aggregate is another key's now: its version stays, so that nothing
older comes back, and nobody reads it any more."""


def is_tombstone(envelope: Envelope) -> bool:
    """Whether an event says that its aggregate was erased, by its name."""
    return envelope.type.endswith("Erased")


def is_gone(stored: Any) -> bool:
    return isinstance(stored, Mapping) and stored.get("gone") is True


Fold = Callable[[Event], Sequence[Fact]]
Derive = Callable[[Row], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Projection:
    """One consumer group's views.

    `folds` is keyed by full protobuf name; a type that is not in it is ignored and counted.
    `collections` are all that its rows are in; `derive` gives, for each of these, the top-level
    fields that follow from a row's facts.
    `row_of_parked` names the rows to be marked `incomplete` by an event that cannot be read
    but whose envelope can (collection, row id); `row_of_known`, where that is more, those in which
    a fact of its aggregate stands.
    `singles` are folds that set one fact, of the same row for all events with the same key, year
    and aggregate, or refuse the event. `yearly`: of such events without a year only the message
    says which row.
    `dated`: readers ask how fresh the view is, so that is written down about every so many seconds;
    0 where nobody asks.
    `topics_version`: raise it by one whenever `topics` changes. Members of different lists
    are in consumer groups of their own, and the newer takes over for good (`Views.claim`).
    """

    group: str
    topics: tuple[str, ...]
    folds: Mapping[str, Fold]
    derive: Mapping[str, Derive]
    row_of_parked: Callable[[Envelope], Sequence[tuple[str, str]]] = lambda _: ()
    row_of_known: Callable[[Envelope], Sequence[tuple[str, str]]] = lambda _: ()
    singles: frozenset[Fold] = frozenset()
    yearly: bool = False
    dated: float = 0.0
    topics_version: int = 1
    collections: tuple[str, ...] = ()

    def place(self, envelope: Envelope) -> Hashable | None:
        """Where an event's fact stands; None where only the message says. Of the events of one
        place `views.burst` folds the newest."""
        fold = self.folds.get(envelope.type)
        if fold not in self.singles or (self.yearly and not envelope.year):
            return None
        return fold, envelope.key, envelope.year, envelope.aggregate_id

    @property
    def consumers(self) -> str:
        """The name of the consumer group."""
        number = self.topics_version
        return self.group if number == 1 else f"{self.group}.topics-{number}"


def topics_of(types: Iterable[str]) -> tuple[str, ...]:
    """The topics of events by their full protobuf names: a service publishes what its package
    states to the topic of the same name."""
    return tuple(sorted({name.rpartition(".")[0] for name in types}))


def new_row(row_id: str, district: str) -> Row:
    return {"_id": row_id, "district": district, "facts": {}, "incomplete": {}}


def is_whole(row: Row) -> bool:
    """Whether what is stored under a row's id is a row: each begins with its district. Without one
    it is what an older build left when it changed a row that had been lost; it is begun anew."""
    return "district" in row


def apply_fact(row: Row, fact: Fact, envelope: Envelope) -> dict[str, Any]:
    """Put a fact into a row (in place). Returns the `$set` paths it changed, empty when the
    row knows this version or a newer one; a path whose value is None is to be unset."""
    group = row["facts"].setdefault(fact.group, {})
    name = field_name(fact.id)
    known = group.get(name)
    changed: dict[str, Any] = {}
    if known is None or known["v"] < envelope.version:
        group[name] = {"v": envelope.version, "at": envelope.occurred_at, **fact.value}
        changed[f"facts.{fact.group}.{name}"] = group[name]
    if not row["incomplete"]:
        return changed
    marked = field_name(envelope.aggregate_id)
    parked = row["incomplete"].get(marked)
    if parked is not None and parked <= envelope.version:
        del row["incomplete"][marked]
        changed[f"incomplete.{marked}"] = None
    return changed


def mark_incomplete(row: Row, envelope: Envelope) -> dict[str, Any]:
    """Note in a row (in place) that an event of this aggregate is parked, unless a newer
    version is known already. Returns the `$set` paths. Beyond `MOST_MARKS` it only notes that
    there are more, for as long as the row is not built anew."""
    marked = field_name(envelope.aggregate_id)
    if is_known(row, envelope) or row["incomplete"].get(marked, 0) >= envelope.version:
        return {}
    version = envelope.version
    if len(row["incomplete"]) >= MOST_MARKS and marked not in row["incomplete"]:
        if MORE in row["incomplete"]:
            return {}
        marked, version = MORE, 1
    row["incomplete"][marked] = version
    return {f"incomplete.{marked}": version}


def is_known(row: Row, envelope: Envelope) -> bool:
    """Whether a row holds this version of the event's aggregate, or a newer one."""
    name = field_name(envelope.aggregate_id)
    versions = (group[name]["v"] for group in row["facts"].values() if name in group)
    return max(versions, default=0) >= envelope.version


def is_marked(row: Row, aggregate: str) -> bool:
    """Whether an event of an aggregate, newer than what the row holds of it, could not be read;
    also where nobody can tell."""
    marks = row.get("incomplete", {})
    return not isinstance(marks, Mapping) or field_name(aggregate) in marks or MORE in marks


def derived(projection: Projection, collection: str, row: Row) -> dict[str, Any]:
    """The derived fields of a row that differ from what it holds (put in place)."""
    changes: dict[str, Any] = {}
    derive = projection.derive.get(collection)
    for name, value in (derive(row) if derive else {}).items():
        if name not in row or row[name] != value:
            row[name] = value
            changes[name] = value
    return changes
