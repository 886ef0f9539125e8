"""What callers may do with orders to erase: the district's administrators, and nobody else."""

from __future__ import annotations

from coaching.privacy.v1 import erasure_pb2, erasure_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.privacy.erasure import cases
from services.privacy.erasure.cases import Ports
from services.privacy.erasure.domain import Erasure
from services.privacy.erasure.resources import ErasurePage, erasure_resource

DISTRICT = Policy(district_admin=True, about="erasure")

ERASURE: Noun[Ports, Erasure] = Noun(
    "/erasures/{person_id:path}",
    lambda ports: ports.erasures,
    erasure_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "privacy",
    erasure_pb2.DESCRIPTOR.services_by_name["ErasuresService"],
    erasure_pb2_grpc.add_ErasuresServiceServicer_to_server,
    ERASURE.change(cases.order_erasure, DISTRICT, "order", when=Erasure.check_order),
    ERASURE.change(cases.hold_erasure, DISTRICT, "hold", when=Erasure.check_hold),
    ERASURE.change(cases.release_erasure, DISTRICT, "release", when=Erasure.check_release),
    ERASURE.change(cases.withdraw_erasure, DISTRICT, "withdraw", when=Erasure.check_withdraw),
    ERASURE.find(cases.list_erasures, DISTRICT, ErasurePage),
    ERASURE.get(DISTRICT, cases.get_erasure),
)
