"""The entries of caseloads, kept between reads for as long as they hold.

A read asks the store for the marks of a caseload's cards, as they are then, and fetches the
cards whose mark, calendar or time is not the kept entry's: 1 command where nothing has
changed, 2 otherwise. So nothing is shown that a read of all cards would not have shown: an
equal mark is an equal card, and a card that is fetched after the marks is newer, never older
(majority reads from the primary); it is left out where it no longer names the coach.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from services.insights.application.almanac import Almanac
from services.insights.application.cards import card_of
from services.insights.application.stores import Cards, Mark
from services.insights.domain.calendar import Calendar
from services.insights.domain.caseload import Entry, entry_until, place_of
from services.insights.domain.ordering import Place

MOST_BYTES = 24 * 1024 * 1024
OVERHEAD = 700  # bytes of memory of a kept entry beyond what was rendered


class Kept(NamedTuple):
    """Good for this mark and this calendar, from `since` until before `until`."""

    mark: Mark
    calendar: Calendar
    since: datetime
    until: datetime
    place: Place
    body: bytes


class Entries:
    """Entries as `render` writes them, by card; least recently shown ones go first. About
    2.5 KB of memory each as JSON, at most `most_bytes` in all. What an entry says does not
    depend on whose caseload it is on; a row id begins with its district, and so no district
    ever meets another's."""

    def __init__(
        self,
        cards: Cards,
        almanac: Almanac,
        render: Callable[[Entry], bytes],
        *,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._cards, self._almanac, self._render = cards, almanac, render
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    async def caseload(
        self, district: str, coach: str, school_year: int, now: datetime
    ) -> list[bytes]:
        """Greatest need of attention first. Raises Fault UNAVAILABLE."""
        calendar = self._almanac.calendar(district, school_year)
        shown: list[tuple[Place, bytes]] = []
        changed: list[str] = []
        for row_id, mark in (await self._cards.marks(district, coach, school_year)).items():
            assert row_id.startswith(f"{district}:"), "a card of another district"
            kept = self._kept.get(row_id)
            if kept is not None and _holds(kept, mark, calendar, now):
                self._kept.move_to_end(row_id)
                shown.append((kept.place, kept.body))
            else:
                changed.append(row_id)
        if changed:
            for mark, row in await self._cards.marked(changed):
                if coach not in row["coaches"]:
                    continue
                entry, until = entry_until(card_of(row), calendar, now)
                place, body = place_of(entry, now), self._render(entry)
                shown.append((place, body))
                if mark is not None:
                    self._keep(row["_id"], Kept(mark, calendar, now, until, place, body))
        return [body for _, body in sorted(shown)]

    def _keep(self, row_id: str, entry: Kept) -> None:
        old = self._kept.pop(row_id, None)
        self._kept[row_id] = entry
        self.bytes += _size(entry) - (_size(old) if old else 0)
        while self.bytes > self._most_bytes:
            self.bytes -= _size(self._kept.popitem(last=False)[1])


def _holds(kept: Kept, mark: Mark | None, calendar: Calendar, now: datetime) -> bool:
    return kept.mark == mark and kept.calendar is calendar and kept.since <= now < kept.until


def _size(entry: Kept) -> int:
    return len(entry.body) + OVERHEAD
