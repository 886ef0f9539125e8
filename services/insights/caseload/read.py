"""What callers read: a caseload, or one card."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field

from services.access.access import Access
from services.access.days import Days
from services.access.guarded import About, GuardedReads
from services.access.profile import ALL_WORK
from services.chassis.call import Call
from services.chassis.edge.answer import Kept
from services.chassis.fields import DIGITS, IdOrMe
from services.chassis.kernel import Clock, not_found
from services.chassis.views.projection import new_row
from services.insights.calendar.read import Almanac
from services.insights.caseload.caseloads import Scope, view_of
from services.insights.caseload.domain.entry import CaseloadEntry
from services.insights.caseload.entries import CaseloadEntries
from services.insights.caseload.named_cards import NamedCards
from services.insights.caseload.resources import CardResource, CaseloadResource, entry_resource

Year = (
    Annotated[
        int,
        Field(ge=2000, le=2100, description="The calendar year it ends in; the current one"),
        DIGITS,
    ]
    | None
)


@dataclass(frozen=True, slots=True)
class Ports:
    """`entries` are those of REST, unless made for another transport."""

    cards: NamedCards
    entries: CaseloadEntries
    almanac: Almanac
    reads: GuardedReads
    access: Access
    days: Days
    clock: Clock

    def writing(self, render: Callable[[CaseloadEntry], bytes]) -> Ports:
        """For a transport that writes an entry so."""
        return replace(self, entries=CaseloadEntries(self.cards, self.almanac, render))


async def get_own_caseload(
    ports: Ports, call: Call, *, school_year: Year = None
) -> Kept[CaseloadResource]:
    """The caller's own caseload."""
    return await get_caseload(ports, call, call.principal.person, school_year=school_year)


async def get_caseload(
    ports: Ports, call: Call, coach_id: IdOrMe, *, school_year: Year = None
) -> Kept[CaseloadResource]:
    """A coach's caseload, for herself: greatest need of attention first.

    A partner's program with the scope is told nothing of observations before they are shared.

    Empty for whoever coaches nobody. `not_shown` counts those of whom nothing was heard for too
    long: what lets her see them may have ended. 1 database command when warm, which fetches only
    the cards that have changed since she read it here."""

    async def read() -> tuple[Kept[CaseloadResource], Mapping[str, str]]:
        now = ports.clock.now()
        year = school_year or ports.days.school_year_of(call.district, now)
        scope = Scope(call.district, coach_id, year, only_shared=bool(call.principal.partner))
        view = await view_of(ports.access, scope)
        await ports.almanac.ready()
        freshness = ports.almanac.freshness()  # before the cards: they are at least this fresh
        found = await ports.entries.caseload(view, now)
        doubted = ports.access.trust.doubted(call, found.grants)
        entries, digest, grants = found.without(doubted)
        caseload = CaseloadResource(
            coach_id=coach_id,
            coach_name=view.coach.name or None if view.coach else None,
            school_year=year,
            entries=[],
            as_of=freshness.as_of,
            stale=freshness.stale,
            time_zone=ports.days.zone(call.district).key,
            not_shown=len(doubted),
        )
        return Kept(caseload, {"entries": entries}, digest), grants

    kept, _ = await ports.reads.many(
        call,
        (coach_id,),
        read,
        lambda found: found[1].keys(),
        lambda found: found[1],
    )
    return kept


async def get_card(
    ports: Ports, call: Call, teacher_id: IdOrMe, *, school_year: Year = None
) -> CardResource:
    """One teacher's card, for herself and her assigned coach.

    In the summer as it is on the caseload. Raises NOT_FOUND where nothing is known of her in
    that school year, unless it is the present one. 1 database command when warm."""

    async def read() -> CardResource:
        now = ports.clock.now()
        present = ports.days.school_year_of(call.district, now)
        year = school_year or present
        await ports.almanac.ready()
        freshness = ports.almanac.freshness()
        view = await view_of(ports.access, Scope(call.district, call.principal.person, year))
        ids = [view.scope.row(teacher_id, each) for each in view.years]
        rows = dict(await ports.cards.rows(ids))
        this = view.scope.row(teacher_id, year)
        if this not in rows and year == present:
            (rows[this],) = await ports.cards.named(call.district, [new_row(this, call.district)])
        person = await ports.access.profile(call.district, teacher_id)
        sees: Collection[str] = ALL_WORK
        if teacher_id == call.principal.person:
            shown = view.newest(person)
        else:
            tie = view.tie(person)
            shown = tie.school_year if tie else year
            tie = tie or await ports.access.tie(call.district, call.principal.person, teacher_id)
            sees = tie.sees if tie else ()
        entry = view.card(rows, teacher_id, shown, sees, ports.almanac, now)
        if entry is None:
            raise not_found()
        return CardResource(
            entry=entry_resource(entry), as_of=freshness.as_of, stale=freshness.stale
        )

    return await ports.reads.one(call, About(teacher=teacher_id), read)
