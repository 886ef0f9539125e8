"""Answers about orgs, over REST and gRPC."""

from __future__ import annotations

from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.roster.org.domain import Org
from services.roster.record import Status


class OrgResource(Resource):
    org_id: str
    name: str
    type: str
    parent_org_id: str | None
    parent_org_name: str | None = name_of("parent_org_id", "org")
    status: Status
    version: int


class OrgPage(PageResource):
    orgs: list[OrgResource]


def org_resource(org: Org) -> OrgResource:
    return OrgResource(
        org_id=org.sourced_id,
        name=org.name,
        type=org.type,
        parent_org_id=org.parent or None,
        status=org.status,
        version=org.version,
    )
