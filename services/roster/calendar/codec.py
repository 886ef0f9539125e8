"""Calendars: stored state and published events."""

from __future__ import annotations

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
    )


def encode_calendar(calendar: SchoolCalendar, event: CalendarStated) -> EncodedEvent:
    message = published.SchoolCalendarStated(calendar=calendar_message(calendar))
    key = f"{calendar.district}:calendar-{calendar.school_year}"
    return encoded(message, (key,), calendar.school_year)


CALENDARS = AggregateCodec("calendar", SchoolCalendar, encode_calendar)
