"""What callers may ask of the clock of retention: the district's administrators, for its numbers.
Nobody starts, stops or hurries it: the data-use policy and legal holds do."""

from __future__ import annotations

from coaching.privacy.v1 import retention_pb2, retention_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.operation import Table, apart
from services.privacy.retention.cases import Ports, get_retention

DISTRICT = Policy(district_admin=True)

OPERATIONS: Table[Ports, Policy] = Table(
    "privacy",
    retention_pb2.DESCRIPTOR.services_by_name["RetentionService"],
    retention_pb2_grpc.add_RetentionServiceServicer_to_server,
    apart(get_retention, "GET", "/retention", DISTRICT),
)
