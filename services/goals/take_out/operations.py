"""What a teacher may take along of her goals: she alone, for herself. No share, no coach, no
records officer and no program gets it."""

from __future__ import annotations

from typing import Any

from coaching.goals.v1 import take_out_pb2, take_out_pb2_grpc
from services.access.policy import Policy
from services.chassis.call import Call
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table, apart
from services.goals.take_out import cases
from services.goals.take_out.cases import Ports
from services.goals.take_out.resources import (
    TakenPartPage,
    TakeOutResource,
    take_out_resource,
    taken_part_resource,
)

OWN = Policy(teacher=True, about="take_out")


async def get_take_out(ports: Ports, call: Call) -> TakeOutResource:
    """What the caller may take along to another Tandem, each part by its hash, and signed.

    The parts are in `list_take_out_parts`: where one has changed since, its hash is another.
    Raises LIMITED where there are more than 5,000."""
    return take_out_resource(await cases.get_take_out(ports, call))


PART: Noun[Ports, Any] = Noun("/take-out/parts/{part_id}", None, taken_part_resource)
OPERATIONS: Table[Ports, Policy] = Table(
    "goals",
    take_out_pb2.DESCRIPTOR.services_by_name["TakeOutsService"],
    take_out_pb2_grpc.add_TakeOutsServiceServicer_to_server,
    apart(get_take_out, "GET", "/take-out", OWN),
    PART.find(cases.list_take_out_parts, OWN, TakenPartPage),
)
