"""Answers about calendars, over REST and gRPC."""

from __future__ import annotations

from services.chassis.fields import Resource
from services.roster.calendar.cases import DaysWithoutSchool
from services.roster.calendar.domain import SchoolCalendar


class CalendarResource(Resource):
    """`days_without_school` ascend."""

    school_year: int
    days_without_school: list[DaysWithoutSchool]
    version: int


def calendar_resource(calendar: SchoolCalendar) -> CalendarResource:
    return CalendarResource(
        school_year=calendar.school_year,
        days_without_school=[
            DaysWithoutSchool(first_date=each.first, last_date=each.last, title=each.title)
            for each in calendar.days
        ],
        version=calendar.version,
    )
