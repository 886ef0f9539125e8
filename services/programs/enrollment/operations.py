"""What callers may do with enrollments: who leads the program or the district enrolls a teacher,
and she withdraws whenever she likes."""

from __future__ import annotations

from coaching.programs.v1 import enrollment_pb2, enrollment_pb2_grpc
from services.access.policy import Policy
from services.chassis.call import Call
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table, apart
from services.chassis.fields import Id
from services.programs.enrollment import cases
from services.programs.enrollment.cases import Ports
from services.programs.enrollment.domain import Enrollment
from services.programs.enrollment.resources import (
    EnrollmentPage,
    ProgramSizeResource,
    enrollment_resource,
    enrollment_summary,
    program_size,
)

LEADS_HER = Policy(program_lead=True, district_admin=True, about="enrollment")
SEEN = Policy(teacher=True, program_lead=True, district_admin=True, about="enrollment")
HERS = Policy(teacher=True, about="enrollment")
COUNTED = Policy(program_lead=True, district_admin=True, coaching=True)


async def get_program_size(ports: Ports, call: Call, program_id: Id) -> ProgramSizeResource:
    """How many teachers are enrolled in a program, and whether they are fewer than 100. Fewer than
    the district's `small_n` are told to who leads it and to the district alone."""
    return program_size(await cases.size_of(ports, call, program_id))


ENROLLMENT: Noun[Ports, Enrollment] = Noun(
    "/enrollments/{enrollment_id}",
    lambda ports: ports.enrollments,
    enrollment_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    enrollment_pb2.DESCRIPTOR.services_by_name["EnrollmentsService"],
    enrollment_pb2_grpc.add_EnrollmentsServiceServicer_to_server,
    ENROLLMENT.create(cases.enroll_teacher, LEADS_HER, late=None),
    ENROLLMENT.change(
        cases.withdraw_enrollment, SEEN, "withdraw", when=Enrollment.check_withdraw, late=Late.WINS
    ),
    ENROLLMENT.change(cases.rejoin_enrollment, HERS, "rejoin", when=cases.rejoining),
    ENROLLMENT.get(SEEN),
    ENROLLMENT.find(cases.list_enrollments, SEEN, EnrollmentPage, enrollment_summary),
    apart(get_program_size, "GET", "/programs/{program_id}/size", COUNTED),
)
