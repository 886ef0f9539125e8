"""What callers may do with walks: the teacher walks a tree, her coach with her; who is shown her
goals is shown how she came to them."""

from __future__ import annotations

from coaching.goals.v1 import walk_pb2, walk_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.goals.walk import cases
from services.goals.walk.cases import Ports
from services.goals.walk.domain import Walk
from services.goals.walk.resources import WalkPage, walk_resource, walk_summary

OWN_OR_COACHED = Policy(teacher=True, coach=True, about="goal")

WALK: Noun[Ports, Walk] = Noun(
    "/walks/{walk_id}",
    lambda ports: ports.walks,
    walk_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "goals",
    walk_pb2.DESCRIPTOR.services_by_name["WalksService"],
    walk_pb2_grpc.add_WalksServiceServicer_to_server,
    WALK.create(cases.start_walk, OWN_OR_COACHED),
    WALK.change(cases.answer_step, OWN_OR_COACHED, "answers", when=Walk.check_underway),
    WALK.change(cases.choose_offer, OWN_OR_COACHED, "choices", when=Walk.check_underway),
    WALK.move(Walk.step_back, OWN_OR_COACHED, "step-back", when=Walk.check_step_back),
    WALK.change(cases.complete_walk, OWN_OR_COACHED, "complete", when=Walk.check_underway),
    WALK.move(Walk.abandon, OWN_OR_COACHED, when=Walk.check_underway, late=Late.WINS),
    WALK.get(OWN_OR_COACHED),
    WALK.find(cases.list_walks, OWN_OR_COACHED, WalkPage, walk_summary),
)
