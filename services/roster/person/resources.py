"""Answers about members of staff, over REST and gRPC."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from pydantic import Field

from services.access.profile import Capability, Grant
from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.roster.courses import GrantCourse, course_of
from services.roster.person.cases import Colleague, GrantedRole, Herself
from services.roster.person.domain import Person, Role
from services.roster.record import Status


class RoleResource(Resource):
    role: str
    role_type: str = Field(json_schema_extra={"enum": ["primary", "secondary"]})
    org_id: str
    org_name: str | None = name_of("org_id", "org")
    begin_date: str | None
    end_date: str | None


class PersonResource(Acted):
    person_id: str
    given_name: str
    family_name: str
    roles: list[RoleResource]
    school_years: list[int]
    status: Status
    provisional_until: datetime | None = Field(
        description="While no roster file has said of her: when she leaves unless one does; "
        "null otherwise"
    )
    added_by: str | None = Field(
        description="Who has added her whom no roster file has yet; null otherwise"
    )
    added_by_name: str | None = name_of("added_by")
    merged_into_id: str | None = Field(
        description="The record of the same person that is kept in place of this one; null where "
        "this is"
    )
    merged_into_name: str | None = name_of("merged_into_id")
    version: int


class StaffResource(Resource):
    """What coaches are told of a member of staff."""

    person_id: str
    given_name: str
    family_name: str
    roles: list[str] = Field(description="At this org, today")


class StaffPage(PageResource):
    staff: list[StaffResource]


class MyRoleResource(RoleResource):
    org_name: str | None = Field(
        description="What `org_id` is called; null where the org is no more, or she holds no role "
        "there today"
    )


class SchoolResource(Resource):
    org_id: str
    name: str


class MyGrantResource(Resource):
    grant_id: str
    role: GrantedRole
    org_ids: list[str]
    person_ids: list[str] = Field(description="Those whom it reaches by name")
    begin_date: str = Field(description="The first day on which it counts")
    end_date: str | None = Field(description="The last day on which it counts; null: open")
    ends_soon: bool = Field(description="It counts, and its last day is at most 14 days off")


class MeResource(Resource):
    person_id: str = Field(description="Where `me` is written, this is meant")
    given_name: str
    family_name: str
    roles: list[MyRoleResource] = Field(description="Those of other days, too")
    schools: list[SchoolResource] = Field(
        description="At which she holds a role today. Who serves the whole district may have none"
    )
    district_id: str
    time_zone: str = Field(description="The district's, by its IANA name")
    today: str = Field(description="The present day in the district")
    school_year: int = Field(description="The present one, by the calendar year it ends in")
    capabilities: list[Capability] = Field(
        description="What her roles and grants of today let her be. Whose data she may see is "
        "decided for each resource: a coach sees teachers who have accepted her"
    )
    grants: list[MyGrantResource] = Field(
        description="Those that count today and those that are still to begin, which are first to "
        "begin first; the whole of them is in `GET /roster/v1/grants`"
    )


class PersonPage(PageResource):
    people: list[PersonResource]


def person_resource(person: Person) -> PersonResource:
    return PersonResource(
        person_id=person.sourced_id,
        given_name=person.given_name,
        family_name=person.family_name,
        roles=[role_resource(each) for each in person.roles],
        school_years=list(person.school_years),
        status=person.status,
        provisional_until=person.expires_at if person.provisional else None,
        added_by=person.added_by if person.provisional else None,
        merged_into_id=person.merged_into or None,
        version=person.version,
    )


def role_resource(role: Role) -> RoleResource:
    return RoleResource(
        role=role.role,
        role_type=role.role_type,
        org_id=role.org,
        begin_date=role.begins or None,
        end_date=role.ends or None,
    )


def staff_resource(colleague: Colleague) -> StaffResource:
    person = colleague.person
    return StaffResource(
        person_id=person.sourced_id,
        given_name=person.given_name,
        family_name=person.family_name,
        roles=list(colleague.roles),
    )


def me_resource(me: Herself) -> MeResource:
    """Whoever asks."""
    names = {org_id: org.name for org_id, org in me.orgs.items()}
    return MeResource(
        person_id=me.person.sourced_id,
        given_name=me.person.given_name,
        family_name=me.person.family_name,
        roles=[
            MyRoleResource(**{**vars(role_resource(each)), "org_name": names.get(each.org)})
            for each in me.person.roles
        ],
        schools=[
            SchoolResource(org_id=org_id, name=org.name)
            for org_id, org in me.orgs.items()
            if org.type == "school"
        ],
        district_id=me.district,
        time_zone=me.time_zone,
        today=str(me.today),
        school_year=me.school_year,
        capabilities=list(me.capabilities),
        grants=[_grant(each, me.today) for each in me.grants],
    )


def _grant(grant: Grant, today: date) -> MyGrantResource:
    return MyGrantResource(
        grant_id=grant.id,
        role=cast(GrantedRole, grant.role),  # no other is among hers
        org_ids=sorted(grant.orgs),
        person_ids=sorted(grant.people),
        begin_date=grant.begins,
        end_date=grant.ends or None,
        ends_soon=course_of(grant.begins, grant.ends, today) is GrantCourse.ENDING,
    )
