from __future__ import annotations

from services.chassis.call import Call
from services.chassis.kernel import not_found
from services.chassis.views.freshness import AsOf
from services.chassis.views.projection import new_row
from services.insights.application.cards import entry_of_row
from services.insights.application.ports import Ports
from services.insights.domain.caseload import Entry


async def get_card(
    ports: Ports, call: Call, *, teacher: str, school_year: int | None = None
) -> tuple[Entry, AsOf]:
    """One teacher's card, for herself and her assigned coach. Fault NOT_FOUND where nothing
    is known of her in that school year, unless it is the present one. 1 database command when
    warm."""
    await ports.access.allow(call, teacher=teacher)
    now = ports.clock.now()
    present = ports.days.school_year_of(call.district, now)
    year = school_year or present
    await ports.almanac.ready()
    freshness = ports.almanac.freshness()
    row_id = f"{call.district}:{teacher}:{year}"
    row = (await ports.cards.rows([row_id])).get(row_id)
    if row is None:
        if year != present:
            raise not_found()
        (row,) = await ports.cards.named(call.district, [new_row(row_id, call.district)])
    calendar = ports.almanac.calendar(call.district, year)
    return entry_of_row(row, calendar, now, ports.almanac.troubles)[0], freshness
