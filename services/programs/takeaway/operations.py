"""What callers may do with what is taken away from community meetings: who is in one writes and
reads it, its author alone takes it back. No leader and no administrator is told of it."""

from __future__ import annotations

from coaching.programs.v1 import takeaway_pb2, takeaway_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.programs.takeaway import cases
from services.programs.takeaway.cases import Ports
from services.programs.takeaway.domain import Takeaway
from services.programs.takeaway.resources import TakeawayPage, takeaway_resource

IN_IT = Policy(party=True, about="takeaway")

TAKEAWAY: Noun[Ports, Takeaway] = Noun(
    "/takeaways/{takeaway_id}",
    lambda ports: ports.takeaways,
    takeaway_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    takeaway_pb2.DESCRIPTOR.services_by_name["TakeawaysService"],
    takeaway_pb2_grpc.add_TakeawaysServiceServicer_to_server,
    TAKEAWAY.create(cases.write_takeaway, IN_IT),
    TAKEAWAY.move(
        Takeaway.take_back, IN_IT, "take-back", when=Takeaway.check_take_back, late=Late.WINS
    ),
    TAKEAWAY.get(IN_IT),
    TAKEAWAY.find(cases.list_takeaways, IN_IT, TakeawayPage),
)
