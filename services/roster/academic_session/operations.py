"""What callers may do with academic sessions: everybody sees them."""

from __future__ import annotations

from coaching.roster.v1 import academic_session_pb2, academic_session_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.roster.academic_session import cases
from services.roster.academic_session.cases import Ports
from services.roster.academic_session.domain import AcademicSession
from services.roster.academic_session.resources import AcademicSessionPage, session_resource

EVERYBODY = Policy(staff=True, partners=True)

SESSION: Noun[Ports, AcademicSession] = Noun(
    "/academic-sessions/{session_id}", None, session_resource
)
OPERATIONS: Table[Ports, Policy] = Table(
    "roster",
    academic_session_pb2.DESCRIPTOR.services_by_name["AcademicSessionsService"],
    academic_session_pb2_grpc.add_AcademicSessionsServiceServicer_to_server,
    SESSION.find(cases.list_academic_sessions, EVERYBODY, AcademicSessionPage),
)
