"""What callers may do with grants: the district gives, changes and ends them, each person sees
her own."""

from __future__ import annotations

from coaching.roster.v1 import grant_pb2, grant_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.roster.grant import cases
from services.roster.grant.cases import Ports
from services.roster.grant.domain import Grant
from services.roster.grant.resources import GrantPage, grant_resource

DISTRICT = Policy(district_admin=True, about="grant")
SEEN = Policy(party=True, district_admin=True, about="grant")

GRANT: Noun[Ports, Grant] = Noun(
    "/grants/{grant_id}",
    lambda ports: ports.grants,
    grant_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "roster",
    grant_pb2.DESCRIPTOR.services_by_name["GrantsService"],
    grant_pb2_grpc.add_GrantsServiceServicer_to_server,
    GRANT.create(cases.give_grant, DISTRICT),
    GRANT.change(cases.change_grant, DISTRICT, "change", versioned=True, when=Grant.check_change),
    GRANT.change(cases.end_grant, DISTRICT, "end", when=Grant.check_end, late=Late.WINS),
    GRANT.get(SEEN),
    GRANT.find(cases.list_grants, SEEN, GrantPage),
)
