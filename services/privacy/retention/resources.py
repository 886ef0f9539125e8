"""Answers about retention, over REST and gRPC."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from services.access.school_year import goes_on, last_day
from services.chassis.fields import Resource
from services.privacy.retention.domain import KeptFor, RetentionClock, RoundFound


class RetainedYearResource(Resource):
    school_year: int
    records: int = Field(description="How many records there are of it")
    goes_on: date = Field(description="The first day on which they are erased, or later")


class RetainedRecordResource(Resource):
    record: str = Field(description="A class of records")
    days: int = Field(description="Days after their school year, or after what was done last")
    said_at: datetime | None = Field(description="When this was found; null where not yet")
    due: int = Field(description="How many have had their time and are still there")
    held: int = Field(description="How many have had their time and stay under a legal hold")
    later: int = Field(description="How many stay since something was done with them later")
    erased: int = Field(description="How many things the last round erased")
    complete: bool = Field(description="Whether all were looked at")
    years: list[RetainedYearResource] = Field(description="By school year, the oldest first")


class RetentionClockResource(Resource):
    """Those classes of records that are not in it are kept for good."""

    policy_number: int = Field(description="The version that says so; 0 where none does")
    round: int = Field(description="How many rounds there were")
    asked_at: datetime | None = Field(description="When the last one was begun; null before")
    day: str = Field(description="The district's day by which it counted; empty before")
    erases_from: datetime | None = Field(
        description="When erasing begins; null where everything is kept for good"
    )
    waits: str = Field(
        description="Why the last round erased nothing: `notice` or `holds`; empty where it did"
    )
    records: list[RetainedRecordResource]


def retention_resource(retention: RetentionClock) -> RetentionClockResource:
    """What is kept for a time, by when it goes, and what the last round found."""
    found = {each.record: each for each in retention.found}
    return RetentionClockResource(
        policy_number=retention.policy if retention.terms else 0,
        round=retention.round,
        asked_at=retention.asked_at,
        day=retention.day,
        erases_from=retention.erases_from,
        waits=retention.waits,
        records=[_record(each, found.get(each.record)) for each in retention.terms],
    )


def _record(term: KeptFor, found: RoundFound | None) -> RetainedRecordResource:
    years = found.years if found else ()
    return RetainedRecordResource(
        record=term.record,
        days=term.days,
        said_at=found.at if found else None,
        due=found.due if found else 0,
        held=found.held if found else 0,
        later=found.later if found else 0,
        erased=found.erased if found else 0,
        complete=found is not None and found.complete,
        years=[
            RetainedYearResource(
                school_year=each.school_year,
                records=each.records,
                goes_on=goes_on(last_day(each.school_year), term.days),
            )
            for each in years
        ],
    )
