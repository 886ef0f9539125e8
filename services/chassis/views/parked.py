"""Messages that could not be projected, kept with what they were and why.

States: `open`; `redrive` (asked for: the projector that owns the partition number takes it
up between two batches, under its fence); `resolved` (projected after all, or overtaken by
a newer version of the same aggregate); `discarded` (by a named person).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from services.chassis.log.envelope import Envelope, Record

OPEN, REDRIVE, RESOLVED, DISCARDED = "open", "redrive", "resolved", "discarded"
UNSETTLED = (OPEN, REDRIVE)
MOST_OPEN = 20_000  # unsettled ones that a member remembers
MOST_BYTES = 8 * 1024 * 1024  # of a record that is kept; of a larger one only its place

Name = tuple[bytes, bytes]
"""What a record is known by wherever it is read from: its event's id and its key."""


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked record. `aggregate` is empty where the envelope cannot be read."""

    id: str
    group: str
    record: Record
    reason: str
    district: str
    aggregate: str
    version: int
    parked_at: datetime
    state: str = OPEN
    by: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A parked message's new state, and its reason where that changed. One that is RESOLVED is
    `emptied`, as one that is DISCARDED: nobody tries it again, and what it says may be of
    somebody whose data is erased since."""

    state: str
    reason: str | None = None


def name_of(record: Record) -> Name | None:
    """None where the record does not say which event it is. Nothing else of it is read."""
    event_id = next((value for name, value in record.headers if name == "ce_id"), None)
    return (event_id, record.key or b"") if event_id else None


def parked_id(group: str, record: Record, envelope: Envelope | None) -> str:
    """One id per place in the log; a record out of a journal (offset -1) is known by its
    aggregate, version and key instead."""
    if record.offset < 0 and envelope is not None:
        return f"{group}:journal:{envelope.aggregate_id}:{envelope.version}:{envelope.key}"
    name = name_of(record)
    if record.offset < 0 and name is not None:
        event_id, key = (each.decode(errors="replace") for each in name)
        return f"{group}:journal:{event_id}:{key}"
    return f"{group}:{record.topic}:{record.partition}:{record.offset}"


def park(
    group: str, record: Record, envelope: Envelope | None, reason: str, now: datetime
) -> Parked:
    size = len(record.value or b"") + sum(len(value or b"") for _, value in record.headers)
    return Parked(
        id=parked_id(group, record, envelope),
        group=group,
        record=record if size <= MOST_BYTES else record._replace(value=None, headers=()),
        reason=reason,
        district=envelope.district if envelope else "",
        aggregate=envelope.aggregate_id if envelope else "",
        version=envelope.version if envelope else 0,
        parked_at=now,
    )


def emptied(parked: Parked) -> Parked:
    """Without what it said: of its headers the event's id stays, by which it is known."""
    kept = tuple(each for each in parked.record.headers if each[0] == "ce_id")
    return replace(parked, record=parked.record._replace(value=None, headers=kept))


def to_document(parked: Parked) -> dict[str, Any]:
    record = parked.record
    return {
        "_id": parked.id,
        "group": parked.group,
        "topic": record.topic,
        "number": record.partition,
        "offset": record.offset,
        "key": record.key,
        "value": record.value,
        "headers": [[name, value] for name, value in record.headers],
        "reason": parked.reason,
        "district": parked.district,
        "aggregate": parked.aggregate,
        "version": parked.version,
        "parked_at": parked.parked_at,
        "state": parked.state,
        "by": parked.by,
    }


def from_document(document: dict[str, Any]) -> Parked:
    record = Record(
        document["topic"],
        document["number"],
        document["offset"],
        document["key"],
        document["value"],
        tuple((name, value) for name, value in document["headers"]),
    )
    return Parked(
        id=document["_id"],
        group=document["group"],
        record=record,
        reason=document["reason"],
        district=document["district"],
        aggregate=document["aggregate"],
        version=document["version"],
        parked_at=document["parked_at"],
        state=document["state"],
        by=document["by"],
    )


class ParkedMessages(Protocol):
    """What `tandem parked` works on."""

    async def list(
        self, name: str, states: Sequence[str] = (OPEN, REDRIVE), limit: int = 1_000
    ) -> Sequence[Parked]:
        """What the projection of this name has parked in the build that is in use, by id."""

    async def given_up(self, name: str) -> Mapping[Name, str]:
        """Who has discarded what, in the build that is in use."""

    async def redrive(self, id: str) -> bool:
        """Ask the owning projector to try again, within about a second. False: not open."""

    async def discard(self, id: str, by: str, now: datetime) -> bool:
        """Give a message up, in a person's name, and empty it. Its row stays marked incomplete
        until a newer version arrives. False: there is none that is open."""
