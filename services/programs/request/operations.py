"""What callers may do with requests for coaching: a teacher asks for herself, and who leads the
program answers. The district does not see them."""

from __future__ import annotations

from coaching.programs.v1 import coaching_request_pb2, coaching_request_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.programs.request import cases
from services.programs.request.cases import Ports
from services.programs.request.domain import CoachingRequest
from services.programs.request.resources import (
    CoachingRequestPage,
    coaching_request_resource,
    coaching_request_summary,
)

HERS = Policy(teacher=True, about="coaching_request")
LEADS_HER = Policy(program_lead=True, about="coaching_request")
SEEN = Policy(teacher=True, program_lead=True, about="coaching_request")

REQUEST: Noun[Ports, CoachingRequest] = Noun(
    "/coaching-requests/{coaching_request_id}",
    lambda ports: ports.requests,
    coaching_request_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    coaching_request_pb2.DESCRIPTOR.services_by_name["CoachingRequestsService"],
    coaching_request_pb2_grpc.add_CoachingRequestsServiceServicer_to_server,
    REQUEST.create(cases.request_coaching, HERS, late=None),
    REQUEST.change(cases.edit_coaching_request, HERS, "edit", when=CoachingRequest.check_edit),
    REQUEST.move(
        CoachingRequest.withdraw, HERS, when=CoachingRequest.check_withdraw, late=Late.WINS
    ),
    REQUEST.move(
        CoachingRequest.turn_down,
        LEADS_HER,
        "turn-down",
        when=CoachingRequest.check_turn_down,
        late=Late.WINS,
    ),
    REQUEST.get(SEEN),
    REQUEST.find(cases.list_coaching_requests, SEEN, CoachingRequestPage, coaching_request_summary),
)
