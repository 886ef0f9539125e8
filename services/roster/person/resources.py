"""Answers about members of staff, over REST and gRPC."""

from __future__ import annotations

from services.chassis.fields import PageResource, Resource
from services.roster.person.domain import Person


class RoleResource(Resource):
    role: str
    role_type: str
    org_id: str
    begin_date: str | None
    end_date: str | None


class PersonResource(Resource):
    person_id: str
    given_name: str
    family_name: str
    roles: list[RoleResource]
    school_years: list[int]
    status: str
    version: int


class PersonPage(PageResource):
    people: list[PersonResource]


def person_resource(person: Person) -> PersonResource:
    return PersonResource(
        person_id=person.sourced_id,
        given_name=person.given_name,
        family_name=person.family_name,
        roles=[
            RoleResource(
                role=each.role,
                role_type=each.role_type,
                org_id=each.org,
                begin_date=each.begins or None,
                end_date=each.ends or None,
            )
            for each in person.roles
        ],
        school_years=list(person.school_years),
        status=person.status,
        version=person.version,
    )
