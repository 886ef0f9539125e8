"""What callers may do with data-use statements: the district states them, all staff read them."""

from __future__ import annotations

from coaching.privacy.v1 import statement_pb2, statement_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.privacy.statement import cases
from services.privacy.statement.cases import Ports
from services.privacy.statement.domain import Statement
from services.privacy.statement.resources import (
    StatementPage,
    statement_resource,
    statement_summary,
)

STAFF = Policy(staff=True, partners=True)
DISTRICT = Policy(district_admin=True)

STATEMENT: Noun[Ports, Statement] = Noun(
    "/statements/{statement_id}", lambda ports: ports.statements, statement_resource
)
OPERATIONS: Table[Ports, Policy] = Table(
    "privacy",
    statement_pb2.DESCRIPTOR.services_by_name["StatementsService"],
    statement_pb2_grpc.add_StatementsServiceServicer_to_server,
    STATEMENT.create(cases.draft_statement, DISTRICT),
    STATEMENT.move(Statement.publish, DISTRICT, when=Statement.check_draft),
    STATEMENT.move(Statement.withdraw, DISTRICT, when=Statement.check_draft, late=Late.WINS),
    STATEMENT.get(STAFF),
    STATEMENT.find(cases.list_statements, STAFF, StatementPage, statement_summary),
)
