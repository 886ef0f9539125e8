"""What callers may do with caseloads: one is its coach's alone, and a partner's program's that has
the scope; a card is its teacher's and her
assigned coach's. A live caseload and the tickets for it are written out in
rooms of their own."""

from __future__ import annotations

from coaching.insights.v1 import caseload_pb2, caseload_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.grpc_operations import item_of
from services.chassis.edge.operation import Table, apart
from services.insights.caseload import read
from services.insights.caseload.domain.entry import CaseloadEntry
from services.insights.caseload.read import Ports
from services.insights.caseload.resources import EntryResource, entry_resource

ITS_COACH = Policy(party=True, about="caseload")
SEEN = Policy(party=True, partners=True, about="caseload")
OWN_OR_SHOWN = Policy(teacher=True, coach=True, peer=True, about="card")

OPERATIONS: Table[Ports, Policy] = Table(
    "insights",
    caseload_pb2.DESCRIPTOR.services_by_name["CaseloadsService"],
    caseload_pb2_grpc.add_CaseloadsServiceServicer_to_server,
    apart(read.get_own_caseload, "GET", "/caseload", ITS_COACH),
    apart(read.get_attention, "GET", "/caseload/attention", ITS_COACH),
    apart(read.get_caseload, "GET", "/caseloads/{coach_id:path}", SEEN),
    apart(read.get_card, "GET", "/cards/{teacher_id:path}", OWN_OR_SHOWN),
    by_hand={"watch_caseload": ITS_COACH, "issue_ticket": ITS_COACH},
)

_item = item_of(caseload_pb2.Caseload.DESCRIPTOR, "entries", EntryResource)


def entry_message(entry: CaseloadEntry) -> bytes:
    """As gRPC writes an entry of a caseload."""
    return _item(entry_resource(entry))
