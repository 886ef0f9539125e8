"""What callers may do with celebrations: who is shown a teacher's goals celebrates what she has
reached, and she says who sees it. Whoever leads or administers sees none."""

from __future__ import annotations

from coaching.goals.v1 import celebration_pb2, celebration_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.goals.celebration import cases, correcting
from services.goals.celebration.cases import WORK, Ports
from services.goals.celebration.domain import Celebration
from services.goals.celebration.lists import list_celebrations
from services.goals.celebration.resources import (
    CelebrationPage,
    celebration_item,
    celebration_resource,
)

OWN = Policy(teacher=True, about=WORK)
OWN_OR_SHOWN = Policy(teacher=True, coach=True, peer=True, about=WORK)

CELEBRATION: Noun[Ports, Celebration] = Noun(
    "/celebrations/{celebration_id}",
    lambda ports: ports.celebrations,
    celebration_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "goals",
    celebration_pb2.DESCRIPTOR.services_by_name["CelebrationsService"],
    celebration_pb2_grpc.add_CelebrationsServiceServicer_to_server,
    CELEBRATION.create(cases.send_celebration, OWN_OR_SHOWN),
    CELEBRATION.change(
        cases.choose_celebration_audience,
        OWN,
        "audience",
        verb="PUT",
        when=Celebration.check_choose,
    ),
    CELEBRATION.move(
        Celebration.put_away, OWN, "put-away", when=Celebration.check_put_away, late=Late.WINS
    ),
    CELEBRATION.change(
        correcting.correct_celebration_note,
        OWN_OR_SHOWN,
        "note",
        verb="PUT",
        when=correcting.check_sender,
    ),
    CELEBRATION.get(OWN_OR_SHOWN),
    CELEBRATION.find(list_celebrations, OWN_OR_SHOWN, CelebrationPage, celebration_item),
)
