from __future__ import annotations

from services.chassis.call import Call
from services.roster.application.ports import Ports
from services.roster.application.state_calendar import calendar_id
from services.roster.domain.school_calendar import SchoolCalendar


async def get_calendar(ports: Ports, call: Call, school_year: int) -> SchoolCalendar:
    """The days without school of a school year. Fault NOT_FOUND where none were ever stated."""
    await ports.access.allow(call)
    return await ports.calendars.get(call.district, calendar_id(call.district, school_year))
