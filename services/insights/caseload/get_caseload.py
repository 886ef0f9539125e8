from __future__ import annotations

from dataclasses import dataclass

from services.chassis.call import Call
from services.chassis.views.freshness import AsOf
from services.insights.caseload.caseloads import Scope, view_of
from services.insights.caseload.entries import Entries
from services.insights.caseload.ports import Ports


@dataclass(frozen=True, slots=True)
class Caseload:
    """Greatest need of attention first; empty for whoever coaches nobody. `entries` are
    as the caller's `Entries` write them; `time_zone` is the district's."""

    coach: str
    school_year: int
    entries: list[bytes]
    freshness: AsOf
    time_zone: str


async def get_caseload(
    ports: Ports, entries: Entries, call: Call, *, coach: str = "", school_year: int | None = None
) -> Caseload:
    """A coach's caseload, for herself. 1 database command when warm, which fetches only the
    cards that have changed since she read it here."""
    coach = coach or call.principal.person
    look = await ports.access.allow_many(call, parties=(coach,))
    now = ports.clock.now()
    year = school_year or ports.days.school_year_of(call.district, now)
    view = await view_of(ports.access, Scope(call.district, coach, year))
    await ports.almanac.ready()
    freshness = ports.almanac.freshness()  # before the cards: they are at least this fresh
    found = await entries.caseload(view, now)
    look.shown(len(found))
    return Caseload(coach, year, found, freshness, ports.days.zone(call.district).key)
