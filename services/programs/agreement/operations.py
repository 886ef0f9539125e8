"""What callers may do with agreements: the two sides of a relationship, and nobody else."""

from __future__ import annotations

from coaching.programs.v1 import agreement_pb2, agreement_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.programs.agreement import cases
from services.programs.agreement.cases import Ports
from services.programs.agreement.domain import Agreement
from services.programs.agreement.resources import (
    AgreementPage,
    agreement_resource,
    agreement_summary,
)

THE_TWO = Policy(party=True, about="agreement")

AGREEMENT: Noun[Ports, Agreement] = Noun(
    "/agreements/{agreement_id}",
    lambda ports: ports.agreements,
    agreement_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    agreement_pb2.DESCRIPTOR.services_by_name["AgreementsService"],
    agreement_pb2_grpc.add_AgreementsServiceServicer_to_server,
    AGREEMENT.create(cases.propose_agreement, THE_TWO, late=None),
    AGREEMENT.change(cases.accept_agreement, THE_TWO, "accept", when=Agreement.check_accept),
    AGREEMENT.move(Agreement.decline, THE_TWO, when=Agreement.check_decline),
    AGREEMENT.move(Agreement.withdraw, THE_TWO, when=Agreement.check_withdraw),
    AGREEMENT.move(Agreement.end, THE_TWO, when=Agreement.check_end),
    AGREEMENT.get(THE_TWO),
    AGREEMENT.find(cases.list_agreements, THE_TWO, AgreementPage, agreement_summary),
)
