"""What callers may do with answers to flags: a coach says something to those of her teachers, and
sees what she has said; nobody else does."""

from __future__ import annotations

from coaching.programs.v1 import flag_answer_pb2, flag_answer_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.programs.flag_answer import cases
from services.programs.flag_answer.cases import Ports
from services.programs.flag_answer.domain import FlagAnswer
from services.programs.flag_answer.resources import flag_answer_resource

# The coach of whose flag it is, and who has said something to it before.
HER_COACH = Policy(coach=True, party=True, about="caseload")
WHO_SAID_IT = Policy(party=True, about="caseload")

FLAG_ANSWER: Noun[Ports, FlagAnswer] = Noun(
    "/flag-answers/{flag_answer_id}",
    lambda ports: ports.answers,
    flag_answer_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    flag_answer_pb2.DESCRIPTOR.services_by_name["FlagAnswersService"],
    flag_answer_pb2_grpc.add_FlagAnswersServiceServicer_to_server,
    FLAG_ANSWER.create(cases.answer_flag, HER_COACH, late=None),
    FLAG_ANSWER.move(FlagAnswer.withdraw, WHO_SAID_IT, when=FlagAnswer.check_withdraw),
    FLAG_ANSWER.get(WHO_SAID_IT),
)
