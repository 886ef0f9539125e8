"""What callers do with the calendar of a school year, of the district or of one school."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access.guarded import Guarded
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.fields import Body, Day, Id
from services.chassis.kernel import Fault, Kind, if_there, invalid, not_found
from services.chassis.write.write_path import WritePath
from services.roster.calendar.domain import (
    MOST_SPANS,
    MOST_TERMS,
    CalendarStatement,
    DaysOff,
    DayType,
    SchoolCalendar,
    SpecialDays,
    Term,
    wrongs,
)
from services.roster.org.domain import Org
from services.roster.record import Status, record_id

Title = Annotated[str, StringConstraints(max_length=200)]
PARTS = {"days": "days_without_school", "special": "special_days", "terms": "terms"}
"""The field of a body in which each part of a statement stands."""


@dataclass(frozen=True, slots=True)
class Ports:
    """`orgs` are read to see that there is such a school."""

    calendars: Guarded[SchoolCalendar]
    orgs: WritePath[Org]


def calendar_id(district: str, school_year: int, school: str = "") -> str:
    return record_id(
        district, "calendar", f"{school_year}/{school}" if school else f"{school_year}"
    )


class DaysWithoutSchool(Body):
    """From the first to the last day, both inclusive."""

    first_date: Day = Field(examples=["2026-11-26"])
    last_date: Day = Field(examples=["2026-11-27"])
    title: Title = Field("", examples=["Thanksgiving"])


class DaysOfType(Body):
    """From the first to the last day, both inclusive. Instructional days and half days are days
    of school, whatever the weekday and whatever the district says; of testing and professional
    learning none is."""

    first_date: Day = Field(examples=["2027-04-12"])
    last_date: Day = Field(examples=["2027-04-16"])
    day_type: Annotated[DayType, Field(strict=False)] = Field(examples=["testing"])
    title: Title = Field("", examples=["Spring tests"])


class TermDays(Body):
    """From the first to the last day, both inclusive."""

    first_date: Day = Field(examples=["2026-08-17"])
    last_date: Day = Field(examples=["2026-12-18"])
    title: Title = Field("", examples=["Fall"])


class StateCalendar(Body):
    days_without_school: list[DaysWithoutSchool] = Field(max_length=MOST_SPANS)
    special_days: list[DaysOfType] = Field(default=[], max_length=MOST_SPANS)
    terms: list[TermDays] = Field(
        default=[],
        max_length=MOST_TERMS,
        description="In place of the roster's; of a school, in place of its district's",
    )

    def statement(self) -> CalendarStatement:
        return CalendarStatement(
            tuple(DaysOff(e.first_date, e.last_date, e.title) for e in self.days_without_school),
            tuple(
                SpecialDays(e.first_date, e.last_date, e.day_type, e.title)
                for e in self.special_days
            ),
            tuple(Term(e.first_date, e.last_date, e.title) for e in self.terms),
        )


async def state_calendar(
    ports: Ports, call: Call, school_year: QueryYear, asked: StateCalendar
) -> SchoolCalendar:
    """State the days and terms of a school year, in place of those stated before.

    The same again changes nothing. Raises INVALID for the first of what is wrong with them."""
    return await _state(ports, call, school_year, "", asked)


async def state_school_calendar(
    ports: Ports, call: Call, school_year: QueryYear, org_id: Id, asked: StateCalendar
) -> SchoolCalendar:
    """State where a school's year differs from its district's. In place of what was stated before.

    Of all other days its district's calendar says what they are. The same again changes nothing.
    Raises INVALID for the first of what is wrong, and for an org that is no school."""
    return await _state(ports, call, school_year, org_id, asked)


async def of_district(ports: Ports, call: Call, calendar: SchoolCalendar) -> None:
    """A district's may be stated anew at any time. Raises NOT_FOUND for a school's."""
    if calendar.school:
        raise not_found()


async def of_school(ports: Ports, call: Call, calendar: SchoolCalendar) -> None:
    """As `of_district`, the other way round."""
    if not calendar.school:
        raise not_found()


async def get_calendar(ports: Ports, call: Call, school_year: QueryYear) -> SchoolCalendar:
    """What was stated of the district's school year, if anything was."""
    return await ports.calendars.get(call, calendar_id(call.district, school_year))


async def get_school_calendar(
    ports: Ports, call: Call, school_year: QueryYear, org_id: Id
) -> SchoolCalendar:
    """Where a school's year differs from its district's, if that was stated."""
    return await ports.calendars.get(call, calendar_id(call.district, school_year, org_id))


async def _state(
    ports: Ports, call: Call, school_year: int, school: str, asked: StateCalendar
) -> SchoolCalendar:
    said = asked.statement()
    calendar = SchoolCalendar(
        id=calendar_id(call.district, school_year, school),
        district=call.district,
        school_year=school_year,
        school=school,
    )
    calendar.state(said)

    async def check() -> None:
        for wrong in wrongs(school_year, said):
            place = f"/{PARTS[wrong.part]}/{wrong.index}/{wrong.field}_date"
            raise invalid(wrong.code, wrong.reason, place)
        if school:
            stored = record_id(call.district, "org", school)
            org = await if_there(ports.orgs.get(call.district, stored))
            if org is None or org.status is not Status.ACTIVE or org.type != "school":
                raise invalid("unknown_school", "The roster has no such school.", "/org_id")

    try:
        return await ports.calendars.create(call, calendar, check=check)
    except Fault as fault:
        if fault.kind is not Kind.CONFLICT:
            raise
    return await ports.calendars.change(call, calendar.id, lambda known: known.state(said))
