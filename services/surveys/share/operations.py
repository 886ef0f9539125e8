"""What callers may do with shares of survey results: the owner makes, sees and revokes hers. Who is
in the audience of one is told of it, and reads what it shares as any that she may see."""

from __future__ import annotations

from coaching.surveys.v1 import share_pb2, share_pb2_grpc
from services.access.policy import Policy
from services.access.sharing.cases import Ports
from services.access.sharing.domain import Share
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.surveys.share import cases
from services.surveys.share.resources import (
    AdministrationSharePage,
    ReceivedAdministrationSharePage,
    administration_share_resource,
    received_administration_share_resource,
)

OWN = Policy(teacher=True, about="share")
RECEIVED = Policy(party=True, about="share")

SHARE: Noun[Ports, Share] = Noun(
    "/shares/{administration_share_id}",
    lambda ports: ports.shares,
    administration_share_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "surveys",
    share_pb2.DESCRIPTOR.services_by_name["AdministrationSharesService"],
    share_pb2_grpc.add_AdministrationSharesServiceServicer_to_server,
    SHARE.create(cases.create_administration_share, OWN),
    SHARE.get(OWN),
    SHARE.move(Share.revoke, OWN, when=Share.check_revoke, late=Late.WINS),
    SHARE.find(cases.list_administration_shares, OWN, AdministrationSharePage),
    SHARE.find(
        cases.list_received_administration_shares,
        RECEIVED,
        ReceivedAdministrationSharePage,
        received_administration_share_resource,
        path="/received-shares",
    ),
)
