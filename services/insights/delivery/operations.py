"""What callers may do with what is delivered of programs: who leads one reads it, and the
district's administrators."""

from __future__ import annotations

from coaching.insights.v1 import delivery_pb2, delivery_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.operation import Table, apart
from services.insights.delivery import read
from services.insights.delivery.read import Ports

LEADS = Policy(program_lead=True, district_admin=True)

OPERATIONS: Table[Ports, Policy] = Table(
    "insights",
    delivery_pb2.DESCRIPTOR.services_by_name["DeliveriesService"],
    delivery_pb2_grpc.add_DeliveriesServiceServicer_to_server,
    apart(read.get_program_delivery, "GET", "/programs/{program_id}/delivery", LEADS),
)
