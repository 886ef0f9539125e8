"""Answers about looks, over REST and gRPC."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.privacy.look.disclosed import Disclosure
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


class DisclosureResource(Resource):
    """What was let read on one day to one partner's program, or for a records request."""

    day: date = Field(description="The day in the district's time zone")
    partner_id: str | None = Field(description="Whose program read it; null: a records officer did")
    fetched_by: str | None = Field(
        description="Who fetched it for a records request; null where a program read it"
    )
    fetched_by_name: str | None = name_of("fetched_by")
    service: str
    kind: str
    operation: str
    purpose: str
    people: int | None = Field(
        description="About how many people it was; null: about everybody, as a journal is"
    )
    times: int = Field(description="How often; 0 of a journal, of which that is not counted")
    first_at: datetime
    last_at: datetime


class DisclosurePage(PageResource):
    disclosures: list[DisclosureResource] = Field(
        description="The newest day first. A page may be short, and more follow"
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


def disclosure_resource(disclosure: Disclosure) -> DisclosureResource:
    """What about people was let read outside."""
    what = disclosure.what
    return DisclosureResource(
        day=disclosure.day,
        partner_id=what.partner or None,
        fetched_by=what.viewer or None,
        service=what.service,
        kind=what.kind,
        operation=what.operation,
        purpose=what.purpose,
        people=what.people,
        times=what.times,
        first_at=what.first_at,
        last_at=what.last_at,
    )
