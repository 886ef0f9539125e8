"""The entries of caseloads, kept between reads for as long as they hold.

A read asks for the cards of a caseload but without those whose entry is kept and still
holds: by its calendar and the time, and by the card's mark, which the store compares. So
nothing is shown that a read of all cards would not have shown at that moment.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from services.insights.calendar.domain import Calendar
from services.insights.calendar.read import Almanac
from services.insights.caseload.cards import IN_TROUBLE, PERSON, bare, entry_of_row
from services.insights.caseload.caseloads import CaseloadView, entries_of, rows_of
from services.insights.caseload.domain.entry import CaseloadEntry, sort_key_of
from services.insights.caseload.domain.ordering import SortKey
from services.insights.caseload.named_cards import NamedCards
from services.insights.caseload.stores import CardMark

MOST_BYTES = 24 * 1024 * 1024
OVERHEAD = 700  # bytes of memory of a kept entry beyond what was rendered
MOST_CASELOADS = 2_000  # whose cards are remembered, about 0.5 KB each


class KeptEntry(NamedTuple):
    """Good for this mark and this calendar, from `since` until before `until`."""

    mark: CardMark
    calendar: Calendar
    since: datetime
    until: datetime
    sort_key: SortKey
    body: bytes


class CaseloadEntries:
    """Entries as `render` writes them, by reader and card: what an entry says depends on whose
    caseload it is on, and whether it is on it is decided at each read. Least recently shown ones
    go first. About 2.2 KB of memory each as JSON, at most `most_bytes` in all. A row id begins
    with its district, and so no district ever meets another's. In the summer, when an entry is
    made of two cards, none is kept."""

    def __init__(
        self,
        cards: NamedCards,
        almanac: Almanac,
        render: Callable[[CaseloadEntry], bytes],
        *,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._cards, self._almanac, self._render = cards, almanac, render
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[str, str], KeptEntry] = OrderedDict()
        self._last: OrderedDict[tuple[str, str, int], list[str]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    async def caseload(self, view: CaseloadView, now: datetime) -> list[bytes]:
        """Greatest need of attention first. 1 database command, in the summer as `rows_of`.
        Raises Fault UNAVAILABLE."""
        if len(view.years) > 1:
            rows = await rows_of(self._cards, view)
            entries = entries_of(rows, self._almanac, view, now)
            return [self._written(view, each, now) for each in entries]
        district, reader, school_year = (
            view.scope.district,
            view.scope.coach,
            view.scope.school_year,
        )
        whose = district, reader, school_year
        calendar, troubles = self._almanac.calendar(district, school_year), self._almanac.troubles
        held: dict[str, KeptEntry] = {}
        for row_id in self._last.get(whose, ()):
            kept = self._kept.get((reader, row_id))
            if kept and kept.calendar is calendar and kept.since <= now < kept.until:
                held[row_id] = kept
        known = {row_id: kept.mark for row_id, kept in held.items()}
        found = await self._cards.unless_known(*whose, known)
        shown: list[tuple[SortKey, bytes]] = []
        for row_id, mark, row in found:
            if not row_id.startswith(f"{district}:"):  # whatever the row says of itself
                troubles.tell("a card of another district", district)
                continue
            tie = view.tie(row[PERSON] if row else mark and mark.person)
            if tie is None:
                continue
            if row is None:
                kept = held[row_id]
                shown.append((kept.sort_key, kept.body))
                if (reader, row_id) in self._kept:
                    self._kept.move_to_end((reader, row_id))
                continue
            entry, until = entry_of_row(row, reader, tie.sees, calendar, now, troubles)
            sort_key = sort_key_of(entry, now)
            written = self._written(view, entry, now)
            body = bytes(memoryview(written))  # orjson's own lie in 4 KB, copies fit
            shown.append((sort_key, body))
            if mark is not None:
                self._keep((reader, row_id), KeptEntry(mark, calendar, now, until, sort_key, body))
        self._remember(whose, [row_id for row_id, _, _ in found])
        return [body for _, body in sorted(shown)]

    def _written(self, view: CaseloadView, entry: CaseloadEntry, now: datetime) -> bytes:
        """As `render` does; one that cannot be written is `bare`."""
        try:
            return self._render(entry)
        except Exception as error:  # noqa: BLE001 # of one card
            scope, almanac = view.scope, self._almanac
            almanac.troubles.tell(IN_TROUBLE, scope.district, error)
            calendar = almanac.calendar(scope.district, scope.school_year)
            return self._render(bare(entry.card, calendar, now)[0])

    def _keep(self, key: tuple[str, str], entry: KeptEntry) -> None:
        old = self._kept.pop(key, None)
        self._kept[key] = entry
        self.bytes += _size(entry) - (_size(old) if old else 0)
        while self.bytes > self._most_bytes:
            self.bytes -= _size(self._kept.popitem(last=False)[1])

    def _remember(self, whose: tuple[str, str, int], ids: list[str]) -> None:
        self._last.pop(whose, None)
        self._last[whose] = ids
        if len(self._last) > MOST_CASELOADS:
            self._last.popitem(last=False)


def _size(entry: KeptEntry) -> int:
    return len(entry.body) + OVERHEAD
