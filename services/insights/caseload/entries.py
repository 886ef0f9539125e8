"""The entries of caseloads, kept between reads for as long as they hold.

A read asks for the cards of a caseload but without those whose entry is kept and still
holds: by the day, the calendar and the time, by what is known of both people, and by the card's
mark, which the store compares. So nothing is shown that a read of all cards would not have shown
at that moment.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple
from weakref import ref

from services.access.calendar import Calendar
from services.access.profile import Profile
from services.chassis.edge.answer import digest_of
from services.chassis.views.projection import Row
from services.insights.calendar.read import Almanac
from services.insights.caseload.cards import IN_TROUBLE, PERSON, bare
from services.insights.caseload.caseloads import CaseloadView, Scope, entries_of, rows_of
from services.insights.caseload.domain.entry import CaseloadEntry, sort_key_of
from services.insights.caseload.domain.ordering import SortKey
from services.insights.caseload.named_cards import NamedCards
from services.insights.caseload.stores import CardMark

MOST_BYTES = 24 * 1024 * 1024
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
OVERHEAD = 700  # bytes of memory of a kept entry, and of a caseload, beyond what was rendered


class KeptEntry(NamedTuple):
    """Good for this mark and for what is known of its teacher, from `since` until before `until`:
    its place and what was rendered, None where she is not on the caseload, and the `grant` (its id)
    that this takes, if any. Without a mark it is good for one read. `person` is not kept by it: a
    profile may be larger than an entry, and of one that nobody holds any more nobody can say that
    it is the same."""

    mark: CardMark | None
    person: ref[Profile] | None
    since: datetime
    until: datetime
    shown: tuple[SortKey, bytes] | None
    grant: str = ""

    def was_made_for(self, person: Profile | None) -> bool:
        known = self.person and self.person()
        return person == known and (known is not None or self.person is None)

    def holds(self, now: datetime) -> bool:
        return self.since <= now < self.until


class ReadCaseload(NamedTuple):
    """The entries, rendered, greatest need of attention first, a digest of them, and, in their
    order, of each teacher on it the grant (its id) without which she were not, if any."""

    bodies: Sequence[bytes]
    digest: str
    grants: Mapping[str, str] = MappingProxyType({})

    def without(self, some: Collection[str]) -> ReadCaseload:
        """But for these teachers."""
        if not some:
            return self
        whose = zip(self.bodies, self.grants, strict=True)
        bodies = [body for body, teacher in whose if teacher not in some]
        grants = {each: grant for each, grant in self.grants.items() if each not in some}
        return ReadCaseload(bodies, digest_of(*bodies), grants)


class KeptCaseload(NamedTuple):
    """As it was `read` last: good for views of this `standing`, and where calendar, names of orgs
    and plans of programs `mean` this. It is of all its `cards`, of which one without a mark has no
    entry here."""

    standing: str
    means: str
    entries: Mapping[str, KeptEntry]
    read: ReadCaseload
    cards: int

    def size(self) -> int:
        return OVERHEAD * (1 + len(self.entries)) + sum(map(len, self.read.bodies))


class CaseloadEntries:
    """Entries as `render` writes them, by caseload and card: what an entry says depends on whose
    caseload it is on. Caseloads that were read least recently go first. About 2.2 KB of memory an
    entry as JSON, at most `most_bytes` in all. A row id begins with its district, and so no
    district ever meets another's. In the summer, when an entry is made of two cards, none is
    kept."""

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
        self._kept: OrderedDict[Scope, KeptCaseload] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return sum(len(caseload.entries) for caseload in self._kept.values())

    async def caseload(self, view: CaseloadView, now: datetime) -> ReadCaseload:
        """1 database command, in the summer as `rows_of`. Raises Fault UNAVAILABLE."""
        if len(view.years) > 1:
            rows = await rows_of(self._cards, view)
            of_two_years = entries_of(rows, self._almanac, view, now)
            bodies = [self._written(view, each, now) for each in of_two_years]
            shown = [each.card.teacher for each in of_two_years]
            people = {row_id.split(":")[1]: row[PERSON] for row_id, row in rows.items()}
            grants = {each: view.grant(people[each]) for each in shown}
            return ReadCaseload(bodies, digest_of(*bodies), grants)
        scope = view.scope
        calendar = self._almanac.calendar(scope.district, scope.school_year)
        kept = self._kept.get(scope)
        means = await self._cards.means(scope.district)
        good_for = view.standing, f"{calendar.means} {means}"
        if kept is None or (kept.standing, kept.means) != good_for:
            kept = KeptCaseload(*good_for, {}, ReadCaseload((), ""), 0)
        held = {row_id: each for row_id, each in kept.entries.items() if each.holds(now)}
        found = await self._cards.unless_known(scope.district, scope.coach, scope.school_year, held)
        if len(found) == kept.cards and all(each.row is None for each in found):
            if scope in self._kept:
                self._kept.move_to_end(scope)
            return kept.read
        entries: dict[str, KeptEntry] = {}
        for row_id, mark, row in found:
            if not row_id.startswith(f"{scope.district}:"):  # whatever the row says of itself
                self._almanac.troubles.tell("a card of another district", scope.district)
                continue
            if row is None:
                entries[row_id] = held[row_id]
            else:
                entries[row_id] = self._entry(view, calendar, mark, row, now)
        of = {row_id.split(":")[1]: each for row_id, each in entries.items() if each.shown}
        placed = sorted((each.shown, teacher) for teacher, each in of.items() if each.shown)
        bodies = [body for (_, body), _ in placed]
        grants = {teacher: of[teacher].grant for _, teacher in placed}
        read = ReadCaseload(bodies, digest_of(*bodies), grants)
        marked = {row_id: each for row_id, each in entries.items() if each.mark is not None}
        self._keep(scope, KeptCaseload(*good_for, marked, read, len(entries)))
        return read

    def _entry(
        self, view: CaseloadView, calendar: Calendar, mark: CardMark | None, row: Row, now: datetime
    ) -> KeptEntry:
        tie = view.tie(row[PERSON])
        person = None if row[PERSON] is None else ref(row[PERSON])
        if tie is None:
            return KeptEntry(mark, person, now, END_OF_TIME, None)
        troubles = self._almanac.troubles
        entry, until = view.read(row, tie.sees, calendar, now, troubles)
        written = memoryview(self._written(view, entry, now))
        shown = sort_key_of(entry, now), bytes(written)  # orjson's own lie in 4 KB, copies fit
        return KeptEntry(mark, person, now, until, shown, view.grant(row[PERSON]))

    def _written(self, view: CaseloadView, entry: CaseloadEntry, now: datetime) -> bytes:
        """As `render` does; one that cannot be written is `bare`."""
        try:
            return self._render(entry)
        except Exception as error:  # noqa: BLE001 # of one card
            scope, almanac = view.scope, self._almanac
            almanac.troubles.tell(IN_TROUBLE, scope.district, error)
            calendar = almanac.calendar(scope.district, scope.school_year)
            return self._render(bare(entry.card, calendar, now)[0])

    def _keep(self, scope: Scope, caseload: KeptCaseload) -> None:
        old = self._kept.pop(scope, None)
        self._kept[scope] = caseload
        self.bytes += caseload.size() - (old.size() if old else 0)
        while self.bytes > self._most_bytes:
            self.bytes -= self._kept.popitem(last=False)[1].size()
