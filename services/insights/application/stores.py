"""What the insights use cases read: cards, calendars, and word of what has changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.chassis.views.projection import Row

Mark = tuple[int, str]
"""What a card looked like: the build of the views that it stands in, and its `rev` there.
Equal marks of a row id mean equal cards."""


class Cards(Protocol):
    """The views, read. Every method raises Fault UNAVAILABLE when the store is down."""

    async def caseload(self, district: str, coach: str, school_year: int) -> Sequence[Row]:
        """The cards that name the coach, unordered. 1 database command, by the index."""

    async def marks(self, district: str, coach: str, school_year: int) -> Mapping[str, Mark | None]:
        """The marks of the cards that name the coach, by row id: as fresh as `caseload`, and
        a small part of its cost. None for a card that cannot be told from other states of
        itself, because an older projector wrote it. 1 database command, by the index."""

    async def marked(self, ids: Sequence[str]) -> Sequence[tuple[Mark | None, Row]]:
        """`rows`, each with its mark as it is now; 1 database command."""

    async def rows(self, ids: Sequence[str]) -> Mapping[str, Row]:
        """Cards by row id; 1 database command."""

    async def calendars(self) -> Sequence[Row]:
        """The academic sessions of all districts."""

    async def as_of(self) -> datetime:
        """Everything published before this instant is in the cards; the epoch where no
        projector has reported yet. Also notices a rebuild's new collections."""


class Notices(Protocol):
    def follow(self) -> AsyncIterator[Sequence[str] | None]:
        """Ids of cards that have changed, soon after; None when changes may have been
        missed. Endless."""

    async def ready(self) -> None:
        """Return once `follow` misses nothing, or after a few seconds all the same."""
