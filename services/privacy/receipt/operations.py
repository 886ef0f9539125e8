"""What callers may do with receipts: a partner confirms its own, the person whom it is about sees
it, and so does the district."""

from __future__ import annotations

from coaching.privacy.v1 import receipt_pb2, receipt_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.privacy.receipt import cases
from services.privacy.receipt.cases import Ports
from services.privacy.receipt.domain import DeletionReceipt
from services.privacy.receipt.resources import ReceiptPage, receipt_resource

SEEN = Policy(party=True, district_admin=True, partners=True, about="receipt")
CONFIRMS = Policy(district_admin=True, partners=True, about="receipt")

RECEIPT: Noun[Ports, DeletionReceipt] = Noun(
    "/receipts/{receipt_id}",
    lambda ports: ports.receipts,
    receipt_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "privacy",
    receipt_pb2.DESCRIPTOR.services_by_name["ReceiptsService"],
    receipt_pb2_grpc.add_ReceiptsServiceServicer_to_server,
    RECEIPT.change(cases.confirm_deletion, CONFIRMS, "confirm", when=DeletionReceipt.check_confirm),
    RECEIPT.get(SEEN),
    RECEIPT.find(cases.list_receipts, SEEN, ReceiptPage),
)
