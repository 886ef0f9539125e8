"""Who looked at what is about a person: her list, in which each look has a number and a hash over
the one before, so that none can be taken out or changed without her seeing it. What has had its
time goes from its front, and of what went the last number and hash stay.

The hash of a look is SHA-256, in lower-case hex, over the hash of the look before it (nothing, for
number 1) and the look as JSON in UTF-8: what it says by the names in `HASHED`, without what is
empty, keys in order, no white space; instants as `instant` writes them. docs/privacy.md has it for
whoever checks it herself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

ALLOWED = "allowed"  # the decision by which something was shown
FETCHED = ("records_officer", "personal_record")  # by what somebody's records leave, and their kind
JOURNAL = "journal"  # the kind of all that a service has published


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLook:
    """What a service has told of looks that are alike: `event` names it, once for good. `person`:
    about whom they were; empty where nobody can say, of what was refused for its purpose. Either a
    `viewer` looked or the program of a `partner`; `relation`: by
    what it was let in, empty where it was refused. `artifact`: the single thing that a partner
    read, by which receipts are asked for; in nobody's list."""

    event: str
    district: str
    person: str
    viewer: str
    partner: str
    service: str
    kind: str
    operation: str
    purpose: str
    relation: str
    grant: str
    decision: str
    first_at: datetime
    last_at: datetime
    times: int
    artifact: str = ""


@dataclass(frozen=True, slots=True)
class PartnerRead:
    """That a partner has read what is of a kind about a person; empty where it was everybody's, as
    a journal is. The first and the last time. `artifact`: where it read that one thing by itself;
    empty of what it read in lists."""

    district: str
    partner: str
    person: str
    kind: str
    first_at: datetime
    last_at: datetime
    artifact: str = ""


def reads_of(told: Iterable[ToldLook]) -> list[PartnerRead]:
    """What partners were let read, each partner, person, kind and single thing once."""
    found: dict[tuple[str, str, str, str, str], PartnerRead] = {}
    for each in told:
        if not each.partner or each.decision != ALLOWED:
            continue
        kind = each.kind if each.person else f"{each.service}.{each.kind}"
        known = (each.district, each.partner, each.person, kind, each.artifact)
        before = found.get(known)
        first = min(before.first_at, each.first_at) if before else each.first_at
        last = max(before.last_at, each.last_at) if before else each.last_at
        found[known] = PartnerRead(*known[:4], first, last, each.artifact)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What was let read on one day and leaves the district by it: to a `partner`'s program, or to a
    `viewer` who fetched records for a request. `people`: how many it was about; None where it was
    everybody, as a journal is. `times`: how often; of everybody 0, which is not counted. Nobody is
    named whom it was about."""

    partner: str
    viewer: str
    service: str
    kind: str
    operation: str
    purpose: str
    people: int | None
    times: int
    first_at: datetime
    last_at: datetime

    @property
    def place(self) -> tuple[str, ...]:
        """Its place among those of a day."""
        return (self.partner, self.viewer, self.service, self.kind, self.operation, self.purpose)


@dataclass(frozen=True, slots=True)
class JournalRead:
    """That a partner has read, or followed, what a service has published about everybody, on a
    `day` (YYYY-MM-DD) of the district."""

    district: str
    day: str
    partner: str
    service: str
    kind: str
    operation: str
    purpose: str
    first_at: datetime
    last_at: datetime


def journals_of(told: Iterable[tuple[str, ToldLook]]) -> list[JournalRead]:
    """What partners were let read of everybody, each once a day; `told` with the days of it."""
    found: dict[tuple[str, ...], JournalRead] = {}
    for day, each in told:
        if not each.partner or each.person or each.decision != ALLOWED:
            continue
        of = (each.district, day, each.partner, each.service, each.kind, each.operation)
        known = (*of, each.purpose)
        before = found.get(known)
        first = min(before.first_at, each.first_at) if before else each.first_at
        last = max(before.last_at, each.last_at) if before else each.last_at
        found[known] = JournalRead(*known, first, last)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Look:
    """One place in the list of a person, from number 1 on."""

    id: str
    number: int
    told: ToldLook
    hash: str
    version: int = 1  # it never changes


def hash_of(before: str, number: int, told: ToldLook) -> str:
    """Of the look that follows the one whose hash is `before`."""
    said = {
        "person_id": told.person,
        "number": number,
        "viewer_id": told.viewer,
        "partner_id": told.partner,
        "service": told.service,
        "kind": told.kind,
        "operation": told.operation,
        "purpose": told.purpose,
        "relation": told.relation,
        "grant_id": told.grant,
        "decision": told.decision,
        "first_at": instant(told.first_at),
        "last_at": instant(told.last_at),
        "times": told.times,
    }
    full = {name: value for name, value in said.items() if value}
    text = json.dumps(full, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(before.encode() + text.encode()).hexdigest()


def instant(at: datetime) -> str:
    """As REST answers it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class End:
    """Where the list of a person ends: its last number and hash; of an empty one 0 and nothing."""

    number: int = 0
    hash: str = ""

    @property
    def said(self) -> str:
        """As she writes it down; empty of an empty list."""
        return f"{self.number}:{self.hash}" if self.number else ""

    def then(self, id: str, told: ToldLook) -> Look:
        """The look that follows."""
        number = self.number + 1
        return Look(id, number, told, hash_of(self.hash, number, told))


def of_each(told: Iterable[ToldLook]) -> dict[tuple[str, str], list[ToldLook]]:
    """By district and person, in their order, each event of a person once; not those of nobody."""
    found: dict[tuple[str, str], dict[str, ToldLook]] = {}
    for each in filter(attrgetter("person"), told):
        found.setdefault((each.district, each.person), {}).setdefault(each.event, each)
    return {whose: list(events.values()) for whose, events in found.items()}


def following(end: End, ids: Sequence[str], told: Sequence[ToldLook]) -> list[Look]:
    """The looks that are appended to a list that ends so."""
    made: list[Look] = []
    for id_, each in zip(ids, told, strict=True):
        made.append((End(made[-1].number, made[-1].hash) if made else end).then(id_, each))
    return made
