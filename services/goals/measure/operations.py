"""What callers may do with the catalogue of measures: the district states it, all staff read it."""

from __future__ import annotations

from coaching.goals.v1 import measure_pb2, measure_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.goals.measure import cases
from services.goals.measure.cases import Ports
from services.goals.measure.domain import Measure
from services.goals.measure.resources import MeasurePage, measure_resource

STAFF = Policy(staff=True, partners=True)
DISTRICT = Policy(district_admin=True)

MEASURE: Noun[Ports, Measure] = Noun(
    "/measures/{measure_id:path}", lambda ports: ports.measures, measure_resource
)
OPERATIONS: Table[Ports, Policy] = Table(
    "goals",
    measure_pb2.DESCRIPTOR.services_by_name["MeasuresService"],
    measure_pb2_grpc.add_MeasuresServiceServicer_to_server,
    MEASURE.change(cases.state_measure, DISTRICT, "", verb="PUT", when=cases.at_any_time),
    MEASURE.get(STAFF, cases.get_measure),
    MEASURE.find(cases.list_measures, STAFF, MeasurePage, measure_resource),
)
