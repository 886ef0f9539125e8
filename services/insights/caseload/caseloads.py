"""Which cards make a caseload, by the one rule of who coaches whom (`access.coaching`).

A card's `coaches` are found by an index, but days pass without any event: who is let in is
decided when a card is read, from what the access view says of the teacher and of her coach. In
the summer two school years meet: an entry is then made of both years' cards, and a relationship
that is not carried over shows the card of last year.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from services.access.access import Access
from services.access.agreed import UNRESTRICTED, Agreed
from services.access.calendar import Calendar
from services.access.coaching import (
    CoachAdmission,
    admission_of,
    coaches_of,
    counting_years,
    counts,
)
from services.access.districts import District
from services.access.profile import Profile, Tie
from services.access.school_year import school_year_of
from services.chassis.troubles import Troubles
from services.chassis.views.projection import Row
from services.insights.calendar.read import Almanac
from services.insights.caseload.cards import PERSON, entry_of_row
from services.insights.caseload.domain.entry import CaseloadEntry, in_order
from services.insights.caseload.named_cards import NamedCards
from services.insights.facts.stored import district_of


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose caseload, of which school year. `only_shared`: read by a partner's program, which no
    observation is shown before it is shared."""

    district: str
    coach: str
    school_year: int
    only_shared: bool = False

    def row(self, teacher: str, school_year: int) -> str:
        return f"{self.district}:{teacher}:{school_year}"


@dataclass(frozen=True)
class CaseloadView:
    """A caseload as its coach may see it on a day, who is its reader; a teacher's own card is
    read likewise. `coach` None: she is not in the roster."""

    scope: Scope
    coach: Profile | None
    day: date
    rules: District
    agreed: Agreed = UNRESTRICTED

    @cached_property
    def years(self) -> tuple[int, ...]:
        return years_of(self.scope.school_year, self.day, self.rules)

    @cached_property
    def _counting(self) -> Collection[int]:
        counting = counting_years(self.day, self.rules)
        return [year for year in self.years if year in counting]

    @cached_property
    def _admission(self) -> CoachAdmission:
        return admission_of(self.coach, self.day, self.rules)

    @property
    def standing(self) -> str:
        """Of the coach, the year and the data-use policy: equal where the same cards are on the
        caseload, and shown alike."""
        admission = self._admission
        by_day = admission if admission.grants else admission[:2]  # whom a grant reaches
        return f"{self.years} {self._counting} {by_day} {self.agreed}"

    def tie(self, teacher: Profile | None) -> Tie | None:
        """The relationship by which a teacher is on the caseload; None where she is not."""
        if teacher is None:
            return None
        tie = self._let_in(teacher).get(self.scope.coach)
        return self.agreed.shown(tie) if tie and self._admission.admits(tie, teacher) else None

    def grant(self, teacher: Profile | None) -> str:
        """The id of the grant without which a teacher were not on the caseload, if it takes one."""
        grant = self._admission.grant(teacher) if teacher else None
        return grant.id if grant else ""

    @property
    def grants(self) -> Collection[str]:
        """The ids of all without which some teacher may not be on the caseload."""
        return [each.id for each in self._admission.grants]

    def newest(self, teacher: Profile | None) -> int:
        """The school year of the newest relationship that counts of a teacher with anybody; of
        none, that of the caseload."""
        ties = self._let_in(teacher).values() if teacher else ()
        return max((tie.school_year for tie in ties), default=self.scope.school_year)

    def _let_in(self, teacher: Profile) -> Mapping[str, Tie]:
        return coaches_of(teacher.active, teacher.ties, self._counting)

    def entry(
        self, rows: Mapping[str, Row], teacher: str, almanac: Almanac, now: datetime
    ) -> CaseloadEntry | None:
        """A teacher's entry, from those of her cards that are in `rows` (by id, as `NamedCards`
        gives them). None where she is not on the caseload."""
        cards = (rows.get(self.scope.row(teacher, year)) for year in self.years)
        tie = self.tie(next((card[PERSON] for card in cards if card is not None), None))
        if tie is None:
            return None
        return self.card(rows, teacher, tie.school_year, tie.sees, almanac, now)

    def card(
        self,
        rows: Mapping[str, Row],
        teacher: str,
        year: int,
        sees: Collection[str],
        almanac: Almanac,
        now: datetime,
    ) -> CaseloadEntry | None:
        """What a teacher's card of one of `years` says to whom she shows so much (`Tie.sees`);
        None where it is not in `rows`."""
        row = rows.get(self.scope.row(teacher, year))
        if row is None:
            return None
        calendar = almanac.calendar(self.scope.district, self.scope.school_year)
        if year != self.scope.school_year:
            entry, _ = self.read(row, sees, calendar, now, almanac.troubles)
            return replace(entry, from_school_year=year)
        last = [rows.get(self.scope.row(teacher, each)) for each in self.years[1:]]
        return self.read(row, sees, calendar, now, almanac.troubles, *last)[0]

    def read(
        self,
        row: Row,
        sees: Collection[str],
        calendar: Calendar,
        now: datetime,
        troubles: Troubles,
        last_year: Row | None = None,
    ) -> tuple[CaseloadEntry, datetime]:
        """As `cards.entry_of_row`, for whom the caseload is."""
        reader, only_shared = self.scope.coach, self.scope.only_shared
        return entry_of_row(
            row,
            reader,
            sees,
            calendar,
            now,
            troubles,
            last_year,
            only_shared=only_shared,
            agreed=self.agreed,
        )


async def view_of(access: Access, scope: Scope) -> CaseloadView:
    """As of today in the district. Reads nothing from the database when it is warm."""
    coach = await access.profile(scope.district, scope.coach)
    agreed = await access.agreed(scope.district)
    today, rules = access.today(scope.district), access.rules(scope.district)
    return CaseloadView(scope, coach, today, rules, agreed)


def years_of(school_year: int, day: date, rules: District) -> tuple[int, ...]:
    """The school years whose cards a caseload is made of: its own and, in the summer, for as
    long as relationships of last year count, the one before."""
    if school_year == school_year_of(day) and counts(school_year - 1, day, rules):
        return school_year, school_year - 1
    return (school_year,)


async def rows_of(cards: NamedCards, view: CaseloadView) -> dict[str, Row]:
    """The cards, by id, of which a caseload is made, and more. 1 database command; in the
    summer 1 more where there are teachers whom the coach did not have last year. Raises Fault
    UNAVAILABLE."""
    scope = view.scope
    found = await cards.caseload(scope.district, scope.coach, *view.years)
    rows = {str(row["_id"]): row for row in found if district_of(row) == scope.district}
    if len(view.years) > 1:
        last = {scope.row(teacher, view.years[1]) for teacher in teachers_in(rows)} - rows.keys()
        rows |= await cards.rows(sorted(last)) if last else {}
    return rows


def entries_of(
    rows: Mapping[str, Row], almanac: Almanac, view: CaseloadView, now: datetime
) -> list[CaseloadEntry]:
    """Greatest need of attention first."""
    entries = (view.entry(rows, teacher, almanac, now) for teacher in teachers_in(rows))
    return in_order([entry for entry in entries if entry is not None], now)


def teachers_in(rows: Iterable[str]) -> Sequence[str]:
    """Of card ids."""
    return sorted({row_id.split(":")[1] for row_id in rows if row_id.count(":") == 2})
