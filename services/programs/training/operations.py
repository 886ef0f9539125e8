"""What callers may do with records of trainings: the district, and who leads the program that one
names for whom her grant reaches, record them; whom one is about sees it and may say that it is
wrong. No colleague, no principal and no other leader is told of it.

That only who recorded it or the district puts it right is a rule of the record itself.
"""

from __future__ import annotations

from coaching.programs.v1 import training_pb2, training_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.programs.training import cases, correcting
from services.programs.training.cases import Ports
from services.programs.training.domain import Training
from services.programs.training.resources import TrainingPage, training_resource

LEADS_HER = Policy(program_lead=True, district_admin=True, about="training")
SEEN = Policy(teacher=True, program_lead=True, district_admin=True, about="training")
HERS = Policy(teacher=True, about="training")

TRAINING: Noun[Ports, Training] = Noun(
    "/trainings/{training_id}",
    lambda ports: ports.trainings,
    training_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    training_pb2.DESCRIPTOR.services_by_name["TrainingsService"],
    training_pb2_grpc.add_TrainingsServiceServicer_to_server,
    TRAINING.create(cases.record_training, LEADS_HER),
    TRAINING.change(correcting.contest_training, HERS, "contest", when=Training.check_contest),
    TRAINING.change(correcting.correct_training, LEADS_HER, "correct", when=cases.changing),
    TRAINING.change(
        correcting.void_training, LEADS_HER, "void", when=cases.changing, late=Late.WINS
    ),
    TRAINING.get(SEEN),
    TRAINING.find(cases.list_trainings, SEEN, TrainingPage),
)
