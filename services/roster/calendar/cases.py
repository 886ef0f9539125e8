"""What callers do with the days without school of a school year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access.guarded import Guarded
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.fields import Body, Day
from services.chassis.kernel import Fault, Kind, invalid
from services.roster.calendar.domain import MOST_SPANS, DaysOff, SchoolCalendar, wrongs
from services.roster.record import record_id


@dataclass(frozen=True, slots=True)
class Ports:
    calendars: Guarded[SchoolCalendar]


def calendar_id(district: str, school_year: int) -> str:
    return record_id(district, "calendar", str(school_year))


class DaysWithoutSchool(Body):
    """From the first to the last day, both inclusive."""

    first_date: Day = Field(examples=["2026-11-26"])
    last_date: Day = Field(examples=["2026-11-27"])
    title: Annotated[str, StringConstraints(max_length=200)] = Field("", examples=["Thanksgiving"])


class StateCalendar(Body):
    days_without_school: list[DaysWithoutSchool] = Field(max_length=MOST_SPANS)

    def days(self) -> list[DaysOff]:
        return [
            DaysOff(each.first_date, each.last_date, each.title)
            for each in self.days_without_school
        ]


async def state_calendar(
    ports: Ports, call: Call, school_year: QueryYear, asked: StateCalendar
) -> SchoolCalendar:
    """State the days without school of a school year, in place of those stated before.

    The same again changes nothing. Raises INVALID for the first of what is wrong with them."""
    days = asked.days()
    calendar = SchoolCalendar(
        id=calendar_id(call.district, school_year),
        district=call.district,
        school_year=school_year,
    )
    calendar.state(days)

    async def check() -> None:
        _check(school_year, days)

    try:
        return await ports.calendars.create(call, calendar, check=check)
    except Fault as fault:
        if fault.kind is not Kind.CONFLICT:
            raise
    return await ports.calendars.change(call, calendar.id, lambda known: known.state(days))


async def get_calendar(ports: Ports, call: Call, school_year: QueryYear) -> SchoolCalendar:
    """The days without school of a school year, if any were stated."""
    return await ports.calendars.get(call, calendar_id(call.district, school_year))


def _check(school_year: int, days: Sequence[DaysOff]) -> None:
    for wrong in wrongs(school_year, days):
        place = f"/days_without_school/{wrong.index}/{wrong.field}_date"
        raise invalid(wrong.code, wrong.reason, place)
