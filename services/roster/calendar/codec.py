"""Calendars: stored state and published events."""

from __future__ import annotations

from typing import Any

from coaching.roster.v1 import events_pb2 as published
from services.chassis.write.states import AggregateCodec, encoded
from services.chassis.write.write_path import EncodedEvent
from services.roster.calendar.domain import CalendarStated, SchoolCalendar


def calendar_message(calendar: SchoolCalendar) -> published.SchoolCalendar:
    """Without the titles: they are for people, not for a program."""
    return published.SchoolCalendar(
        school_year=calendar.school_year,
        days_without_school=[
            published.DateSpan(first_date=each.first, last_date=each.last) for each in calendar.days
        ],
        special_days=[
            published.DaysOfType(
                first_date=each.first,
                last_date=each.last,
                day_type=published.DayType.Value(f"DAY_TYPE_{each.day_type.name}"),
            )
            for each in calendar.special
        ],
        terms=[
            published.DateSpan(first_date=each.first, last_date=each.last)
            for each in calendar.terms
        ],
        school_org_id=calendar.school,
    )


def encode_calendar(calendar: SchoolCalendar, event: CalendarStated) -> EncodedEvent:
    message = published.SchoolCalendarStated(calendar=calendar_message(calendar))
    key = f"{calendar.district}:calendar-{calendar.school_year}"
    if calendar.school:
        key = f"{key}-{calendar.school}"
    return encoded(message, (key,), calendar.school_year)


def _of_schools(state: dict[str, Any]) -> dict[str, Any]:
    """Before schools, days of other types and terms could be stated."""
    return {**state, "school": "", "special": [], "terms": []}


CALENDARS = AggregateCodec("calendar", SchoolCalendar, encode_calendar, (_of_schools,))
