"""What callers may do with planning records: who is of one writes in it and reads what was written
while she was; who only facilitates it sees that there is something. Nobody else sees any of it, and
nobody changes what was written."""

from __future__ import annotations

from coaching.programs.v1 import planning_entry_pb2, planning_entry_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.programs.record import lists, recording
from services.programs.record.cases import Ports
from services.programs.record.domain import PlanningEntry, PlanningRecord
from services.programs.record.resources import (
    PlanningEntryPage,
    planning_entry_resource,
    planning_record_resource,
)

OF_IT = Policy(party=True, about="planning_entry")

ENTRY: Noun[Ports, PlanningEntry] = Noun(
    "/planning-entries/{planning_entry_id}",
    lambda ports: ports.entries,
    planning_entry_resource,
    names=lambda ports: ports.names,
)
RECORD: Noun[Ports, PlanningRecord] = Noun(
    "/planning-records/{record_id}", None, planning_record_resource
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    planning_entry_pb2.DESCRIPTOR.services_by_name["PlanningEntriesService"],
    planning_entry_pb2_grpc.add_PlanningEntriesServiceServicer_to_server,
    ENTRY.create(recording.write_planning_entry, OF_IT),
    ENTRY.get(OF_IT),
    ENTRY.find(lists.list_planning_entries, OF_IT, PlanningEntryPage),
    RECORD.get(OF_IT, lists.get_planning_record),
)
