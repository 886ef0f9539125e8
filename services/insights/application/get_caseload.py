from __future__ import annotations

from dataclasses import dataclass

from services.access.school_year import school_year_of
from services.chassis.call import Call
from services.chassis.views.freshness import AsOf
from services.insights.application.cards import card_of
from services.insights.application.ports import Ports
from services.insights.domain.caseload import Entry, entry_of, in_order


@dataclass(frozen=True, slots=True)
class Caseload:
    """Greatest need of attention first; empty for a coach without teachers."""

    coach: str
    school_year: int
    entries: list[Entry]
    freshness: AsOf


async def get_caseload(
    ports: Ports, call: Call, *, coach: str = "", school_year: int | None = None
) -> Caseload:
    """A coach's caseload, for herself. 1 database command when warm."""
    coach = coach or call.principal.person
    await ports.access.allow(call, parties=(coach,))
    now = ports.clock.now()
    year = school_year or school_year_of(now.date())
    await ports.almanac.ready()
    freshness = ports.almanac.freshness()  # before the rows: they are at least this fresh
    rows = await ports.cards.caseload(call.district, coach, year)
    calendar = ports.almanac.calendar(call.district, year)
    entries = in_order((entry_of(card_of(row), calendar, now) for row in rows), now)
    return Caseload(coach, year, entries, freshness)
