"""What callers may do with covers: the district and its programs enter, change and end them, both
sides see theirs."""

from __future__ import annotations

from coaching.roster.v1 import cover_pb2, cover_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.roster.cover import cases
from services.roster.cover.cases import Ports
from services.roster.cover.domain import Cover
from services.roster.cover.resources import CoverPage, cover_resource

DISTRICT = Policy(district_admin=True, partners=True, about="cover")
SEEN = Policy(party=True, district_admin=True, partners=True, about="cover")

COVER: Noun[Ports, Cover] = Noun(
    "/covers/{cover_id}",
    lambda ports: ports.covers,
    cover_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "roster",
    cover_pb2.DESCRIPTOR.services_by_name["CoversService"],
    cover_pb2_grpc.add_CoversServiceServicer_to_server,
    COVER.create(cases.enter_cover, DISTRICT),
    COVER.change(cases.change_cover, DISTRICT, "change", versioned=True, when=Cover.check_change),
    COVER.move(Cover.end, DISTRICT, when=Cover.check_end, late=Late.WINS),
    COVER.get(SEEN),
    COVER.find(cases.list_covers, SEEN, CoverPage),
)
