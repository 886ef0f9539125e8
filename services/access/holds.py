"""On whom a legal hold is: what is about several people is kept whole as long as there is one on
any of them, whoever's order it is that asks for it.

An order says which there were when it began, since the access view of a service may be behind; of
one that it says so of, the view tells when it has ended, and of others that have come since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from coaching.privacy.v1 import erasure_events_pb2 as published
from services.access.directory import ReadsAnew, ReadsManyAnew
from services.access.facts import HOLDS
from services.access.merges import records_of_all
from services.chassis.field_names import field_name
from services.chassis.kernel import Fault, Kind
from services.chassis.views.projection import Row, is_marked

MOST_RECORDS = 10_000  # of the people whom one thing names


class Hold(Protocol):
    """On a `person`, by this `version` of what was ordered about her, and on all her `records`."""

    @property
    def person(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def records(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Told:
    """A `Hold` that an order has told of."""

    person: str
    version: int
    records: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a row says of its record: by which version, 0 where none has come to it."""

    version: int
    held: bool


def said(holds: Iterable[Hold] | None) -> Iterable[published.LegalHold]:
    """As an order tells of them."""
    return [
        published.LegalHold(person_id=each.person, version=each.version, record_ids=each.records)
        for each in holds or ()
    ]


def asked(order: Any) -> Sequence[Mapping[str, Any]] | None:
    """What the snapshot of an order tells of them, as a to-do keeps it; see `told`."""
    if not order.legal_holds_known:
        return None
    return [
        {"person": each.person_id, "version": each.version, "records": list(each.record_ids)}
        for each in order.legal_holds
    ]


async def told(
    view: ReadsAnew, district: str, value: Mapping[str, Any], order: str, version: int
) -> Sequence[Told]:
    """Those of which a to-do knows by the `version` of the `order` that asks for it. One of an
    older build knows of none: that the view is asked alone, of which as much is known as that it
    has heard of this order itself. Raises Fault UNAVAILABLE `not_known_yet` until it has. 1
    database command for such a one."""
    known = value.get("holds")
    if known is not None:
        return [Told(each["person"], each["version"], each["records"]) for each in known]
    row = await view.read_anew(f"{district}:{value['person']}")
    facts: Any = row.get("facts", {}).get("holds", {})
    if facts.get(field_name(order), {}).get("v", 0) < version:
        raise _not_known_yet()
    return ()


async def on_any(
    view: ReadsManyAnew, district: str, people: Collection[str], told: Sequence[Hold]
) -> bool:
    """Whether there is one on any record of any of these: one that the view knows, or has not heard
    the end of, of those that were `told`. Raises Fault UNAVAILABLE `not_known_yet` where that, or
    which records are one person, cannot be read. 2 database commands, and those of
    `records_of_all`."""
    records = dict.fromkeys(await records_of_all(view, district, people, MOST_RECORDS))
    on_these = [each for each in told if not records.keys().isdisjoint(each.records)]
    asked = [*dict.fromkeys([*records, *(each.person for each in on_these)])]
    rows = await view.read_many_anew([f"{district}:{each}" for each in asked])
    # each, since any may be unreadable
    known = {each: _known(row) for each, row in zip(asked, rows, strict=True)}
    goes_on = (known[each.person].version < each.version for each in on_these)
    return any(each.held for each in known.values()) or any(goes_on)


def _known(row: Row) -> _Known:
    unread: list[Exception] = []
    found = HOLDS.all_in(row, "holds", unread.append) if row else ()
    if unread or any(is_marked(row, each.id) for each in found):
        raise _not_known_yet()
    versions = (int(row["facts"]["holds"][field_name(each.id)]["v"]) for each in found)
    return _Known(max(versions, default=0), any(each.held for each in found))


def _not_known_yet() -> Fault:
    return Fault(Kind.UNAVAILABLE, "not_known_yet", "On whom a legal hold is is not known.")
