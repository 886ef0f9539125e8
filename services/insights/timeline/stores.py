"""What timelines are read from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from services.chassis.kernel import invalid
from services.chassis.views.projection import Row
from services.chassis.write.loading import Found
from services.insights.timeline.domain import ItemKind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads whose timeline: the teacher all of it, anybody else the items of these `kinds`
    that are open or of her."""

    teacher: str
    reader: str
    kinds: frozenset[ItemKind] = frozenset(ItemKind)

    @property
    def own(self) -> bool:
        return self.reader == self.teacher


class Timelines(Protocol):
    """Raises Fault UNAVAILABLE when the store is down."""

    async def page(self, district: str, reading: Reading, after: str, limit: int) -> Found[Row]:
        """The items of a teacher that were not taken back, as far as the reader may see them,
        newest first; of one instant by their ids, the highest first. `after` is a page's. 1
        database command, by the index. Raises Fault INVALID for an `after` that is none."""

    async def members(self, district: str, program: str, most: int) -> Sequence[Row]:
        """Of all who were ever in a program, by row id; where there are more than `most`, of the
        first of them. 1 database command, by the index."""

    async def items(
        self, district: str, teachers: Sequence[str], kinds: Collection[ItemKind]
    ) -> Sequence[Row]:
        """The items of these kinds of these teachers that were not taken back, unordered. 1
        database command, by the index."""

    async def as_of(self) -> datetime:
        """Everything published before this instant is in the timelines; the epoch where no
        projector has reported yet. 1 database command."""


def place_of(row: Row) -> str:
    """Where a page goes on after a row."""
    at: datetime = row["at"]
    return f"{(at - _EPOCH) // _MS} {row['_id']}"


def instant_and_id(place: str) -> tuple[datetime, str]:
    """Of a `place_of`. Raises Fault INVALID for what is none: whoever asks may have made it."""
    ms, _, row_id = place.partition(" ")
    try:
        return _EPOCH + int(ms) * _MS, row_id
    except (ValueError, OverflowError):
        detail = "The page token does not belong to this list."
        raise invalid("page_token", detail, "/page_token") from None
