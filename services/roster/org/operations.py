"""What callers may do with orgs: everybody sees them."""

from __future__ import annotations

from coaching.roster.v1 import org_pb2, org_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.roster.org import cases
from services.roster.org.cases import Ports
from services.roster.org.domain import Org
from services.roster.org.resources import OrgPage, org_resource

EVERYBODY = Policy(staff=True, partners=True)

ORG: Noun[Ports, Org] = Noun("/orgs/{org_id}", None, org_resource, names=lambda ports: ports.names)
OPERATIONS: Table[Ports, Policy] = Table(
    "roster",
    org_pb2.DESCRIPTOR.services_by_name["OrgsService"],
    org_pb2_grpc.add_OrgsServiceServicer_to_server,
    ORG.find(cases.list_orgs, EVERYBODY, OrgPage),
)
