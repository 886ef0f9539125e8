"""A school year, a term, a semester or a grading period."""

from __future__ import annotations

from dataclasses import dataclass

from services.roster.record import RosterRecord

# Of a district, whatever their status: whoever shows days of school reads those of all districts.
MOST_SESSIONS = 50_000


@dataclass(kw_only=True)
class AcademicSession(RosterRecord):
    """From `start` (inclusive) to `end` (exclusive), both YYYY-MM-DD; `school_year` is the
    year in which the school year ends; `parent` a sourcedId or empty."""

    title: str
    type: str
    start: str
    end: str
    school_year: int
    parent: str = ""
