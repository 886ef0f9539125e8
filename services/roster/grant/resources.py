"""Answers about grants, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource, Written
from services.roster.courses import GrantCourse, course_of
from services.roster.grant.cases import Ports
from services.roster.grant.domain import EarlierGrant, Grant, GrantRole, GrantState


class GrantTermsResource(Resource):
    org_ids: list[str]
    person_ids: list[str]
    begin_date: str
    end_date: str | None
    reason: Written
    owner_id: str
    owner_name: str | None = name_of("owner_id")
    given_at: datetime


class GrantResource(Acted):
    """`earlier`: what it said before it was changed, oldest first, at most the newest 20."""

    grant_id: str
    person_id: str
    person_name: str | None = name_of("person_id")
    role: GrantRole
    org_ids: list[str]
    person_ids: list[str]
    begin_date: str = Field(description="The first day on which it counts")
    end_date: str | None = Field(description="The last day on which it counts; null: open")
    reason: Written
    owner_id: str
    owner_name: str | None = name_of("owner_id")
    given_at: datetime
    state: GrantState
    ends_soon: bool = Field(description="It counts, and its last day is at most 14 days off")
    ended_by: str | None
    ended_by_name: str | None = name_of("ended_by")
    ended_at: datetime | None
    end_reason: Written
    earlier: list[GrantTermsResource]
    version: int


class GrantPage(PageResource):
    grants: list[GrantResource]


async def grant_resource(ports: Ports, grant: Grant) -> GrantResource:
    """A role that the district has given somebody beside those of the roster."""
    course = course_of(grant.begins, grant.ends, ports.access.today(grant.district))
    return GrantResource(
        grant_id=grant.id,
        person_id=grant.person,
        role=grant.role,
        org_ids=list(grant.orgs),
        person_ids=list(grant.people),
        begin_date=grant.begins,
        end_date=grant.ends or None,
        reason=grant.reason,
        owner_id=grant.owner,
        given_at=grant.given_at,
        state=grant.state,
        ends_soon=grant.state is GrantState.OPEN and course is GrantCourse.ENDING,
        ended_by=grant.ended_by or None,
        ended_at=grant.ended_at,
        end_reason=grant.end_reason,
        earlier=[_terms(each) for each in grant.earlier],
        version=grant.version,
    )


def _terms(each: EarlierGrant) -> GrantTermsResource:
    return GrantTermsResource(
        org_ids=list(each.orgs),
        person_ids=list(each.people),
        begin_date=each.begins,
        end_date=each.ends or None,
        reason=each.reason,
        owner_id=each.owner,
        given_at=each.given_at,
    )
