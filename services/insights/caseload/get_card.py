from __future__ import annotations

from collections.abc import Collection

from services.access.profile import ALL_WORK
from services.chassis.call import Call
from services.chassis.kernel import not_found
from services.chassis.views.freshness import AsOf
from services.chassis.views.projection import new_row
from services.insights.caseload.caseloads import Scope, view_of
from services.insights.caseload.domain.entry import Entry
from services.insights.caseload.ports import Ports


async def get_card(
    ports: Ports, call: Call, *, teacher: str, school_year: int | None = None
) -> tuple[Entry, AsOf]:
    """One teacher's card, for herself and her coach; in the summer as it is on the caseload.
    Fault NOT_FOUND where nothing is known of her in that school year, unless it is the present
    one. 1 database command when warm."""
    await ports.access.allow(call, teacher=teacher)
    now = ports.clock.now()
    present = ports.days.school_year_of(call.district, now)
    year = school_year or present
    await ports.almanac.ready()
    freshness = ports.almanac.freshness()
    view = await view_of(ports.access, Scope(call.district, call.principal.person, year))
    rows = dict(await ports.cards.rows([view.scope.row(teacher, each) for each in view.years]))
    this = view.scope.row(teacher, year)
    if this not in rows and year == present:
        (rows[this],) = await ports.cards.named(call.district, [new_row(this, call.district)])
    person = await ports.access.profile(call.district, teacher)
    sees: Collection[str] = ALL_WORK
    if teacher == call.principal.person:
        shown = view.newest(person)
    else:
        tie = view.tie(person)
        shown = tie.school_year if tie else year
        tie = tie or await ports.access.tie(call.district, call.principal.person, teacher)
        sees = tie.sees if tie else ()
    entry = view.card(rows, teacher, shown, sees, ports.almanac, now)
    if entry is None:
        raise not_found()
    return entry, freshness
