"""What callers may do with acknowledgments: each makes her own, the district sees who has."""

from __future__ import annotations

from coaching.privacy.v1 import statement_pb2, statement_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.privacy.acknowledgment import cases
from services.privacy.acknowledgment.cases import Ports
from services.privacy.acknowledgment.domain import Acknowledgment
from services.privacy.acknowledgment.resources import AcknowledgmentPage, acknowledgment_resource

HERSELF = Policy(party=True, about="acknowledgment")
SEEN = Policy(party=True, district_admin=True, partners=True, about="acknowledgment")

ACKNOWLEDGMENT: Noun[Ports, Acknowledgment] = Noun(
    "/acknowledgments/{acknowledgment_id}",
    lambda ports: ports.acknowledgments,
    acknowledgment_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "privacy",
    statement_pb2.DESCRIPTOR.services_by_name["AcknowledgmentsService"],
    statement_pb2_grpc.add_AcknowledgmentsServiceServicer_to_server,
    ACKNOWLEDGMENT.create(cases.acknowledge_statement, HERSELF),
    ACKNOWLEDGMENT.get(SEEN),
    ACKNOWLEDGMENT.find(cases.list_acknowledgments, SEEN, AcknowledgmentPage),
)
