"""What callers may do with circles: whom one names, and the district, see it; each member answers
for herself alone."""

from __future__ import annotations

from coaching.programs.v1 import circle_pb2, circle_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.programs.circle import cases
from services.programs.circle.cases import Ports
from services.programs.circle.domain import Circle
from services.programs.circle.resources import CirclePage, circle_resource

NAMED = Policy(party=True, district_admin=True, about="circle")
NAMED_ALONE = Policy(party=True, about="circle")

CIRCLE: Noun[Ports, Circle] = Noun(
    "/circles/{circle_id}",
    lambda ports: ports.circles,
    circle_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    circle_pb2.DESCRIPTOR.services_by_name["CirclesService"],
    circle_pb2_grpc.add_CirclesServiceServicer_to_server,
    CIRCLE.create(cases.propose_circle, NAMED, late=None),
    CIRCLE.change(cases.invite_circle, NAMED, "invite", when=Circle.check_invite),
    CIRCLE.change(cases.join_circle, NAMED_ALONE, "join", when=cases.joining),
    CIRCLE.move(Circle.decline, NAMED_ALONE, when=Circle.check_decline, late=Late.WINS),
    CIRCLE.move(
        Circle.step_out, NAMED_ALONE, "step-out", when=Circle.check_step_out, late=Late.WINS
    ),
    CIRCLE.move(Circle.pause, NAMED_ALONE, when=Circle.check_pause, late=Late.WINS),
    CIRCLE.change(cases.resume_circle, NAMED_ALONE, "resume", when=cases.resuming),
    CIRCLE.move(Circle.end, NAMED, when=Circle.check_end, late=Late.WINS),
    CIRCLE.get(NAMED),
    CIRCLE.find(cases.list_circles, NAMED, CirclePage),
)
