"""Answers about experience, over REST and gRPC."""

from __future__ import annotations

from pydantic import Field

from services.chassis.edge.naming import name_of
from services.chassis.fields import Resource
from services.roster.experience.cases import Counted, ExperienceStated
from services.roster.experience.domain import Band, Experience


class ExperienceResource(Resource):
    person_id: str
    person_name: str | None = name_of("person_id")
    band: Band
    stated_on: str = Field(description="The day on which it was first stated to be this band")
    version: int


class RejectedYears(Resource):
    row: int = Field(description="Its index in the request, from 0")
    code: str = Field(description="What is wrong with it: stable, to branch on")
    reason: str = Field(description="What is wrong with it, in words")


class ExperienceReport(Resource):
    changed: int = Field(
        description="How many are in another band now, or in one for the first time"
    )
    unchanged: int
    rejected: list[RejectedYears]
    validate_only: bool


class PeopleOfBand(Resource):
    band: Band
    people: int | None = Field(
        description="How many; null where they are too few, or where that of another band would "
        "follow"
    )


class ExperienceSummary(Resource):
    bands: list[PeopleOfBand]
    people: int | None = Field(description="Of all bands; null where they are too few")
    small_n: int


def experience_resource(experience: Experience) -> ExperienceResource:
    """How long somebody has been in the profession, as a band."""
    return ExperienceResource(
        person_id=experience.person,
        band=experience.band,
        stated_on=experience.stated_on,
        version=experience.version,
    )


def report(stated: ExperienceStated, validate_only: bool) -> ExperienceReport:
    return ExperienceReport(
        changed=stated.changed,
        unchanged=stated.unchanged,
        rejected=[
            RejectedYears(row=each.row, code=each.code, reason=each.reason)
            for each in stated.rejected
        ],
        validate_only=validate_only,
    )


def summary(counted: Counted) -> ExperienceSummary:
    bands = [PeopleOfBand(band=band, people=people) for band, people in counted.bands.items()]
    return ExperienceSummary(bands=bands, people=counted.people, small_n=counted.small_n)
