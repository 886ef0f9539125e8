"""What callers may do with frameworks of standards: the district imports them, all staff read
them."""

from __future__ import annotations

from coaching.goals.v1 import framework_pb2, framework_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.goals.framework import cases
from services.goals.framework.cases import Ports
from services.goals.framework.domain import Framework
from services.goals.framework.resources import (
    FrameworkPage,
    StandardPage,
    framework_resource,
    standard_resource,
)

STAFF = Policy(staff=True)
DISTRICT = Policy(district_admin=True)

FRAMEWORK: Noun[Ports, Framework] = Noun(
    "/frameworks/{framework_id}", lambda ports: ports.frameworks, framework_resource
)
OPERATIONS: Table[Ports, Policy] = Table(
    "goals",
    framework_pb2.DESCRIPTOR.services_by_name["FrameworksService"],
    framework_pb2_grpc.add_FrameworksServiceServicer_to_server,
    FRAMEWORK.create(cases.begin_framework, DISTRICT),
    FRAMEWORK.change(cases.extend_framework, DISTRICT, "standards", when=Framework.check_import),
    FRAMEWORK.move(Framework.publish, DISTRICT, when=Framework.check_publish),
    FRAMEWORK.move(Framework.retire, DISTRICT, when=Framework.check_retire, late=Late.WINS),
    FRAMEWORK.move(Framework.withdraw, DISTRICT, when=Framework.check_import, late=Late.WINS),
    FRAMEWORK.get(STAFF),
    FRAMEWORK.find(cases.list_frameworks, STAFF, FrameworkPage, framework_resource),
    FRAMEWORK.find(
        cases.list_standards,
        STAFF,
        StandardPage,
        standard_resource,
        path="/frameworks/{framework_id}/standards",
    ),
)
