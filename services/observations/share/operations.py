"""What callers may do with shares of observations: the owner makes, sees and revokes hers. Who is
in the audience of one is told of it, and reads what it shares as any that she may see."""

from __future__ import annotations

from coaching.observations.v1 import share_pb2, share_pb2_grpc
from services.access.policy import Policy
from services.access.sharing.cases import Ports
from services.access.sharing.domain import Share
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.observations.share import cases
from services.observations.share.resources import (
    ObservationSharePage,
    ReceivedObservationSharePage,
    observation_share_resource,
    received_observation_share_resource,
)

OWN = Policy(teacher=True, about="share")
RECEIVED = Policy(party=True, about="share")

SHARE: Noun[Ports, Share] = Noun(
    "/shares/{observation_share_id}",
    lambda ports: ports.shares,
    observation_share_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "observations",
    share_pb2.DESCRIPTOR.services_by_name["ObservationSharesService"],
    share_pb2_grpc.add_ObservationSharesServiceServicer_to_server,
    SHARE.create(cases.create_observation_share, OWN),
    SHARE.get(OWN),
    SHARE.move(Share.revoke, OWN, when=Share.check_revoke, late=Late.WINS),
    SHARE.find(cases.list_observation_shares, OWN, ObservationSharePage),
    SHARE.find(
        cases.list_received_observation_shares,
        RECEIVED,
        ReceivedObservationSharePage,
        received_observation_share_resource,
        path="/received-shares",
    ),
)
