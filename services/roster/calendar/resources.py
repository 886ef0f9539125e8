"""Answers about calendars, over REST and gRPC."""

from __future__ import annotations

from pydantic import Field

from services.chassis.edge.actions import Acted
from services.roster.calendar.cases import DaysOfType, DaysWithoutSchool, TermDays
from services.roster.calendar.domain import SchoolCalendar


class CalendarResource(Acted):
    """All ascend."""

    school_year: int
    school_org_id: str | None = Field(
        description="The school that it is of; null where it is the whole district's"
    )
    days_without_school: list[DaysWithoutSchool]
    special_days: list[DaysOfType]
    terms: list[TermDays]
    version: int


def calendar_resource(calendar: SchoolCalendar) -> CalendarResource:
    return CalendarResource(
        school_year=calendar.school_year,
        school_org_id=calendar.school or None,
        days_without_school=[
            DaysWithoutSchool(first_date=each.first, last_date=each.last, title=each.title)
            for each in calendar.days
        ],
        special_days=[
            DaysOfType(
                first_date=each.first,
                last_date=each.last,
                day_type=each.day_type,
                title=each.title,
            )
            for each in calendar.special
        ],
        terms=[
            TermDays(first_date=each.first, last_date=each.last, title=each.title)
            for each in calendar.terms
        ],
        version=calendar.version,
    )
