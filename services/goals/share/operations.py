"""What callers may do with shares of goals: the owner makes, sees and revokes hers. Who is
in the audience of one is told of it, and reads what it shares as any that she may see."""

from __future__ import annotations

from coaching.goals.v1 import share_pb2, share_pb2_grpc
from services.access.policy import Policy
from services.access.sharing.cases import Ports
from services.access.sharing.domain import Share
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.goals.share import cases
from services.goals.share.resources import (
    GoalSharePage,
    ReceivedGoalSharePage,
    goal_share_resource,
    received_goal_share_resource,
)

OWN = Policy(teacher=True, about="share")
RECEIVED = Policy(party=True, about="share")

SHARE: Noun[Ports, Share] = Noun(
    "/shares/{goal_share_id}",
    lambda ports: ports.shares,
    goal_share_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "goals",
    share_pb2.DESCRIPTOR.services_by_name["GoalSharesService"],
    share_pb2_grpc.add_GoalSharesServiceServicer_to_server,
    SHARE.create(cases.create_goal_share, OWN),
    SHARE.get(OWN),
    SHARE.move(Share.revoke, OWN, when=Share.check_revoke, late=Late.WINS),
    SHARE.find(cases.list_goal_shares, OWN, GoalSharePage),
    SHARE.find(
        cases.list_received_goal_shares,
        RECEIVED,
        ReceivedGoalSharePage,
        received_goal_share_resource,
        path="/received-shares",
    ),
)
