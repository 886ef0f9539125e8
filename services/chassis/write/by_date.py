"""Lists in the order of a date, and the place where their next page begins."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.chassis.kernel import invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Order(enum.StrEnum):
    """Which come first."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class ByDate:
    """By a date, then by id: `field` is at the top of every state of the kind, of whatever
    schema, and a state without it is in no such list. One whose date changes while somebody
    turns pages may be on two of them or on none. `within`: what a list is narrowed by, held in
    the index so that nothing is read which is not wanted. Only dates from `since` on and before
    `until`, where there are such bounds."""

    field: str
    within: tuple[str, ...] = ()
    order: Order = Order.NEWEST
    since: datetime | None = None
    until: datetime | None = None

    def between(self, since: datetime | None, until: datetime | None) -> ByDate:
        return replace(self, since=since, until=until)

    def holds(self, date: datetime) -> bool:
        late_enough = self.since is None or date >= self.since
        return late_enough and (self.until is None or date < self.until)

    def first(self, order: Order) -> ByDate:
        return replace(self, order=order)

    @property
    def backwards(self) -> bool:
        return self.order is Order.NEWEST

    def place_of(self, at: datetime, id: str) -> str:
        """The place behind the document of this date and id: a text that `place` reads."""
        return f"{(at - _EPOCH) // _MILLISECOND}:{id}"

    def sort(self) -> list[tuple[str, int]]:
        """The order as MongoDB sorts."""
        way = -1 if self.backwards else 1
        return [(f"state.{self.field}", way), ("_id", way)]

    def behind(self, after: str) -> Mapping[str, Any]:
        """What lies behind a place, as MongoDB asks; empty: all that has the date."""
        name, further = f"state.{self.field}", "$lt" if self.backwards else "$gt"
        bounds: dict[str, Any] = {} if after else {"$type": "date"}
        rest: dict[str, Any] = {}
        if after:
            at, last = place(after)
            # What the index is entered by: of the two branches it might read all before.
            bounds[f"{further}e"] = at
            rest = {"$or": [{name: {further: at}}, {"_id": {further: last}}]}
        if self.since is not None:
            bounds["$gte"] = max(self.since, bounds.get("$gte", self.since))
        if self.until is not None:
            bounds["$lt"] = self.until
        return {name: bounds, **rest}


def place(after: str) -> tuple[datetime, str]:
    """Raises Fault INVALID `page_token` for what is no place in such a list."""
    millis, _, last = after.partition(":")
    try:
        return _EPOCH + int(millis) * _MILLISECOND, last
    except (ValueError, OverflowError):
        detail = "The page token does not belong to this list."
        raise invalid("page_token", detail, "/page_token") from None


def keys_of(fields: Sequence[str], by: ByDate | None) -> list[str]:
    """The keys of the index by which a list of a kind with these values is read."""
    names = ["district", "kind", *(f"state.{field}" for field in fields)]
    if by is None:
        return [*names, "_id"]
    return [*names, f"state.{by.field}", "_id", *(f"state.{field}" for field in by.within)]
