"""What caseloads are read from: cards, and what is known of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from services.chassis.views.projection import Row
from services.insights.calendar.read import Calendars
from services.insights.org.read import StoredOrgs
from services.insights.program.read import StoredPrograms


class CardMark(NamedTuple):
    """What a card looked like: the build of the views that it stands in and its `rev` there.
    Equal marks of a row id mean equal cards, as long as every projector maintains `rev`."""

    build: int
    rev: str


class Listed(NamedTuple):
    """A card on a caseload; `row` is None where `mark` was known, `mark` is None where the
    card has no `rev`: only projectors that do not know it have written it."""

    id: str
    mark: CardMark | None
    row: Row | None


class Cards(Protocol):
    """Cards, read. Every method raises Fault UNAVAILABLE when the store is down."""

    async def caseload(self, district: str, coach: str, *school_years: int) -> Sequence[Row]:
        """The cards of these years that name the coach, unordered. 1 database command, by the
        index."""

    async def unless_known(
        self, district: str, coach: str, school_year: int, known: Mapping[str, CardMark]
    ) -> Sequence[Listed]:
        """The cards that name the coach, unordered, as `caseload` but without those that
        still have the mark by which they are `known` (by row id). 1 database command, by
        the index."""

    async def rows(self, ids: Sequence[str]) -> Mapping[str, Row]:
        """Cards by row id; 1 database command."""


class CaseloadViews(Cards, Calendars, StoredOrgs, StoredPrograms, Protocol):
    """The views of insights, whole."""
