"""How far a grant has come by its days: what is told of it, and shown to who has it."""

from __future__ import annotations

import enum
from datetime import date, timedelta

WARNED = timedelta(days=14)  # before the last day


class GrantCourse(enum.StrEnum):
    """Where a day lies in the days of a grant, in their order."""

    AHEAD = "ahead"
    COUNTING = "counting"
    ENDING = "ending"
    LAPSED = "lapsed"


_COURSES = tuple(GrantCourse)


def course_of(begins: str, ends: str, today: date) -> GrantCourse:
    """Of a grant with these days (YYYY-MM-DD, an empty `ends` is open) on a day of the district's:
    it is ending from 14 days before its last day on."""
    if ends and str(today) > ends:
        return GrantCourse.LAPSED
    if str(today) < begins:
        return GrantCourse.AHEAD
    if ends and today >= warned_on(ends):
        return GrantCourse.ENDING
    return GrantCourse.COUNTING


def further(course: GrantCourse, told: GrantCourse) -> bool:
    return _COURSES.index(course) > _COURSES.index(told)


def warned_on(ends: str) -> date:
    return date.fromisoformat(ends) - WARNED
