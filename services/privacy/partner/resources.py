"""Answers about partners, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource, Written
from services.privacy.partner.domain import Partner, PartnerAct, PartnerState


class PartnerStepResource(Resource):
    step: PartnerAct = Field(description="What was done with it")
    by: str = Field(description="Who did it")
    by_name: str | None = name_of("by")
    at: datetime = Field(description="When")
    reason: Written


class PartnerResource(Acted):
    """`steps` are oldest first, at most the newest 50."""

    partner_id: str
    title: str
    state: PartnerState
    scopes: list[str]
    contact: str
    until: datetime | None
    registered_at: datetime = Field(
        description="When it was registered; of one that is not, since when it is known"
    )
    steps: list[PartnerStepResource]
    overdue_receipt_ids: list[str] = Field(
        description="Which receipts of its are overdue: until all are confirmed its tokens open "
        "nothing but its receipts"
    )
    version: int


class PartnerPage(PageResource):
    partners: list[PartnerResource]


def partner_resource(partner: Partner) -> PartnerResource:
    """A partner's program, and what its tokens open at most."""
    return PartnerResource(
        partner_id=partner.partner,
        title=partner.terms.title,
        state=partner.state,
        scopes=list(partner.terms.scopes),
        contact=partner.terms.contact,
        until=partner.terms.until,
        registered_at=partner.registered_at,
        steps=[
            PartnerStepResource(step=each.step, by=each.by, at=each.at, reason=each.reason)
            for each in partner.steps
        ],
        overdue_receipt_ids=list(partner.overdue),
        version=partner.version,
    )
