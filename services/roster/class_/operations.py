"""What callers may do with classes: a teacher sees hers, a coach those of her teachers, the
district all."""

from __future__ import annotations

from coaching.roster.v1 import class_pb2, class_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.roster.class_ import cases
from services.roster.class_.cases import Ports
from services.roster.class_.domain import Class
from services.roster.class_.resources import ClassPage, class_resource

TEACHERS = Policy(teacher=True, coach=True, district_admin=True, partners=True, about="class")

CLASS: Noun[Ports, Class] = Noun(
    "/classes/{class_id}", None, class_resource, names=lambda ports: ports.names
)
OPERATIONS: Table[Ports, Policy] = Table(
    "roster",
    class_pb2.DESCRIPTOR.services_by_name["ClassesService"],
    class_pb2_grpc.add_ClassesServiceServicer_to_server,
    CLASS.find(cases.list_classes, TEACHERS, ClassPage),
)
