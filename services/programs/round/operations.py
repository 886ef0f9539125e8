"""What callers may do with rounds: who leads a program or the district plans and opens one, who
leads it grants places, and whoever works in the district sees what is offered."""

from __future__ import annotations

from coaching.programs.v1 import coaching_round_pb2, coaching_round_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.programs.round import cases
from services.programs.round.cases import Ports
from services.programs.round.domain import CoachingRound
from services.programs.round.resources import (
    CoachingRoundPage,
    coaching_round_resource,
    coaching_round_summary,
)

LEADS = Policy(program_lead=True, district_admin=True)
GRANTS = Policy(program_lead=True, about="coaching_request")
SEEN = Policy(staff=True)

ROUND: Noun[Ports, CoachingRound] = Noun(
    "/coaching-rounds/{coaching_round_id}",
    lambda ports: ports.rounds,
    coaching_round_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    coaching_round_pb2.DESCRIPTOR.services_by_name["CoachingRoundsService"],
    coaching_round_pb2_grpc.add_CoachingRoundsServiceServicer_to_server,
    ROUND.create(cases.plan_coaching_round, LEADS),
    ROUND.change(cases.edit_coaching_round, LEADS, "edit", versioned=True, when=cases.editing),
    ROUND.change(cases.open_coaching_round, LEADS, "open", when=cases.opening),
    ROUND.move(CoachingRound.close, LEADS, when=CoachingRound.check_close, late=Late.WINS),
    ROUND.change(cases.grant_coaching_request, GRANTS, "grant", when=cases.granting, late=None),
    ROUND.get(SEEN),
    ROUND.find(cases.list_coaching_rounds, SEEN, CoachingRoundPage, coaching_round_summary),
)
