"""What a teacher is to look at again, by the days that she has set: for herself, and nobody who
leads or coaches her."""

from __future__ import annotations

from coaching.goals.v1 import check_in_pb2, check_in_pb2_grpc
from services.access.policy import Policy
from services.chassis.call import Call
from services.chassis.edge.operation import Table, apart
from services.goals.check_in import cases
from services.goals.check_in.cases import Ports
from services.goals.check_in.resources import CheckInsResource, check_ins_resource

OWN = Policy(teacher=True, about="goal")


async def get_check_ins(ports: Ports, call: Call) -> CheckInsResource:
    """What the caller has set a day for to look at again: trials and goals, the earliest first.

    Of today, before it and the 14 days after it. She alone is reminded. 1 database command for each
    200 of hers, of each state."""
    return check_ins_resource(await cases.get_check_ins(ports, call))


OPERATIONS: Table[Ports, Policy] = Table(
    "goals",
    check_in_pb2.DESCRIPTOR.services_by_name["CheckInsService"],
    check_in_pb2_grpc.add_CheckInsServiceServicer_to_server,
    apart(get_check_ins, "GET", "/check-ins", OWN),
)
