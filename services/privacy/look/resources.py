"""Answers about looks, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.privacy.look.domain import Look


class LookResource(Resource):
    """One look, or several alike within a moment. `hash` is over it and the look before it."""

    look_id: str
    person_id: str
    number: int = Field(description="The place in the list of the person: 1, 2, 3, ...")
    viewer_id: str | None
    viewer_name: str | None = name_of("viewer_id")
    partner_id: str | None
    service: str
    kind: str
    operation: str
    purpose: str
    relation: str | None
    grant_id: str | None
    decision: str
    first_at: datetime
    last_at: datetime
    times: int
    hash: str


class LookPage(PageResource):
    looks: list[LookResource]
    begins_after: str | None = Field(
        description="Of the last look that had had its time and went, number:hash; null: none did"
    )


class RefusedPurposeResource(Resource):
    purpose: str
    school_year: int
    times: int


class RefusedPurposesResource(Resource):
    """How often, and by nobody's name; in no order of people."""

    refused: list[RefusedPurposeResource]


def look_resource(look: Look) -> LookResource:
    """Who looked at what is about the caller, when, and by what she was let in."""
    told = look.told
    return LookResource(
        look_id=look.id,
        person_id=told.person,
        number=look.number,
        viewer_id=told.viewer or None,
        partner_id=told.partner or None,
        service=told.service,
        kind=told.kind,
        operation=told.operation,
        purpose=told.purpose,
        relation=told.relation or None,
        grant_id=told.grant or None,
        decision=told.decision,
        first_at=told.first_at,
        last_at=told.last_at,
        times=told.times,
        hash=look.hash,
    )
