"""What callers may do with partners: the district's administrators register and revoke them."""

from __future__ import annotations

from coaching.privacy.v1 import partner_pb2, partner_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.privacy.partner import cases
from services.privacy.partner.cases import Ports
from services.privacy.partner.domain import Partner
from services.privacy.partner.resources import PartnerPage, partner_resource

DISTRICT = Policy(district_admin=True)

PARTNER: Noun[Ports, Partner] = Noun(
    "/partners/{partner_id:path}",
    lambda ports: ports.partners,
    partner_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "privacy",
    partner_pb2.DESCRIPTOR.services_by_name["PartnersService"],
    partner_pb2_grpc.add_PartnersServiceServicer_to_server,
    PARTNER.create(cases.register_partner, DISTRICT),
    PARTNER.change(
        cases.change_partner, DISTRICT, "change", versioned=True, when=Partner.check_change
    ),
    PARTNER.change(cases.suspend_partner, DISTRICT, "suspend", when=Partner.check_suspend),
    PARTNER.change(cases.resume_partner, DISTRICT, "resume", when=Partner.check_resume),
    PARTNER.change(cases.revoke_partner, DISTRICT, "revoke", when=Partner.check_revoke),
    PARTNER.find(cases.list_partners, DISTRICT, PartnerPage),
    PARTNER.get(DISTRICT, cases.get_partner),
)
