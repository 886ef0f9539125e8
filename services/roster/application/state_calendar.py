from __future__ import annotations

from collections.abc import Sequence

from services.chassis.call import Call
from services.chassis.kernel import Fault, Kind, invalid
from services.roster.application.ports import Ports
from services.roster.domain.record import record_id
from services.roster.domain.school_calendar import DaysOff, SchoolCalendar, wrongs


def calendar_id(district: str, school_year: int) -> str:
    return record_id(district, "calendar", str(school_year))


async def state_calendar(
    ports: Ports, call: Call, school_year: int, days: Sequence[DaysOff]
) -> SchoolCalendar:
    """State the days without school of a school year, instead of those stated before. The
    same again changes nothing. Raises INVALID for the first of what is wrong with them."""
    await ports.access.allow(call)
    for wrong in wrongs(school_year, days):
        place = f"/days_without_school/{wrong.index}/{wrong.field}_date"
        raise invalid(wrong.code, wrong.reason, place)
    calendar = SchoolCalendar(
        id=calendar_id(call.district, school_year),
        district=call.district,
        school_year=school_year,
    )
    calendar.state(days)
    try:
        return await ports.calendars.create(call, calendar)
    except Fault as fault:
        if fault.kind is not Kind.CONFLICT:
            raise
        return await ports.calendars.change(call, calendar.id, lambda known: known.state(days))
