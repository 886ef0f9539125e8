"""Answers about a pair, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.chassis.fields import Resource
from services.insights.caseload.resources import EntryResource, FindingResource
from services.insights.pair.domain import Visits


class PairVisitsResource(Resource):
    observer_id: str
    teacher_id: str = Field(description="Who was observed, by her sourcedId")
    count: int = Field(description="Completed within the last 30 days")
    last_at: datetime | None = Field(
        description="When the newest of the school year was completed; null: there is none"
    )


class PairResource(Resource):
    """What two teachers of a pair see of each other."""

    circle_id: str
    school_year: int
    own: EntryResource = Field(description="The caller's own card")
    partner: EntryResource = Field(
        description="Her partner's card, as far as that teacher shows it"
    )
    shows: list[Literal["goals", "observations", "surveys"]] = Field(
        description="Of the caller's work what her partner may see"
    )
    visits: list[PairVisitsResource] = Field(description="By the caller, then of her")
    imbalanced: bool = Field(
        description="F13: within 30 days the one was not observed and the other twice, or three "
        "times as often. The two alone are told"
    )
    next_session_at: datetime | None = Field(
        description="When the next coaching session of both begins; null: none is planned"
    )
    imbalance: FindingResource | None = Field(
        description="Why it is `imbalanced`: of the pair, and the newest of the observations, of "
        "which both know; null: it is not"
    )


class PeerGroupResource(Resource):
    """What a teacher of a group sees of the others in it."""

    circle_id: str
    school_year: int
    peers: list[EntryResource] = Field(
        description="The others who have joined it, by their ids, each as far as she shows her card"
    )
    shows: list[Literal["goals", "observations", "surveys"]] = Field(
        description="Of the caller's work what the others may see"
    )


class OwnPairsResource(Resource):
    """The caller's pairs and groups that are open today. Everything published before `as_of` is in
    it; `stale`: that was too long ago."""

    pairs: list[PairResource] = Field(description="The newest school year first")
    groups: list[PeerGroupResource] = Field(description="The newest school year first")
    as_of: datetime
    stale: bool


def visits_resource(visits: Visits) -> PairVisitsResource:
    return PairVisitsResource(
        observer_id=visits.observer,
        teacher_id=visits.teacher,
        count=visits.count,
        last_at=visits.last_at,
    )
