"""OneRoster's school year: the calendar year in which it ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from services.chassis.fields import DIGITS

STARTS_IN_MONTH = 7
FIRST, LAST = 2000, 2100

SchoolYear = Annotated[int, Field(ge=FIRST, le=LAST)]  # of a request
# Of a path or a query; its bounds stand inside, where OpenAPI sees them.
QueryYear = Annotated[int, Field(ge=FIRST, le=LAST, description="The year it ends in"), DIGITS]


def school_year_of(day: date) -> int:
    """The school year that a day belongs to; a year begins on July 1."""
    return day.year + 1 if day.month >= STARTS_IN_MONTH else day.year


def first_day(school_year: int) -> date:
    return date(school_year - 1, STARTS_IN_MONTH, 1)


def goes_on(last: date, days: int) -> date:
    """The first day on which what is kept for so many days after its `last` has had its time."""
    return last + timedelta(days=days + 1)


def last_day(school_year: int) -> date:
    return first_day(school_year + 1) - timedelta(days=1)
