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
from services.insights.caseload.cards import PERSON
from services.insights.caseload.caseloads import Scope, entries_of, rows_of, view_of
from services.insights.caseload.domain.attention import attention_of
from services.insights.caseload.domain.entry import CaseloadEntry
from services.insights.caseload.entries import CaseloadEntries
from services.insights.caseload.named_cards import NamedCards
from services.insights.caseload.resources import (
    AttentionResource,
    CardResource,
    CaseloadResource,
    attention_resource,
    entry_resource,
)

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


async def get_attention(ports: Ports, call: Call) -> AttentionResource:
    """What the caller might look at first this week on her own caseload: five flags at most.

    Ranked by what it is and how recent, never by whose; where a teacher has achieved something, one
    such flag is among them. All others are on the caseload. 1 database command when warm."""
    coach = call.principal.person

    async def read() -> tuple[AttentionResource, Mapping[str, str]]:
        now = ports.clock.now()
        year = ports.days.school_year_of(call.district, now)
        view = await view_of(ports.access, Scope(call.district, coach, year))
        await ports.almanac.ready()
        freshness = ports.almanac.freshness()
        rows = await rows_of(ports.cards, view)
        people = {row_id.split(":")[1]: row[PERSON] for row_id, row in rows.items()}
        entries = entries_of(rows, ports.almanac, view, now)
        grants = {each.card.teacher: view.grant(people[each.card.teacher]) for each in entries}
        doubted = ports.access.trust.doubted(call, grants)
        entries = [each for each in entries if each.card.teacher not in doubted]
        grants = {each: grant for each, grant in grants.items() if each not in doubted}
        found = attention_of(entries, ports.almanac.calendar(call.district, year), now)
        told = attention_resource(
            found,
            coach_id=coach,
            school_year=year,
            as_of=freshness.as_of,
            stale=freshness.stale,
            time_zone=ports.days.zone(call.district).key,
            not_shown=len(doubted),
        )
        return told, grants  # of whom nothing is among them, that is told of her, too

    told, _ = await ports.reads.many(
        call, (coach,), read, lambda found: found[1].keys(), lambda found: found[1]
    )
    return told


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
            now_shown = await ports.access.sees(call, teacher_id)
            sees = tie.sees | now_shown if tie else now_shown
        entry = view.card(rows, teacher_id, shown, sees, ports.almanac, now)
        if entry is None:
            raise not_found()
        return CardResource(
            entry=entry_resource(entry), as_of=freshness.as_of, stale=freshness.stale
        )

    return await ports.reads.one(call, About(teacher=teacher_id), read)
