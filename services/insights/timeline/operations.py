"""What callers may do with timelines: one is its teacher's and, masked by what she may see, her
assigned coach's. Nobody who leads or administers reads one."""

from __future__ import annotations

from typing import Any

from coaching.insights.v1 import timeline_pb2, timeline_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.insights.timeline import read
from services.insights.timeline.read import Ports
from services.insights.timeline.resources import TimelinePage, item_resource

OWN_OR_SHOWN = Policy(teacher=True, coach=True, peer=True, about="timeline")

ITEM: Noun[Ports, Any] = Noun(
    "/timeline/{item_id}", None, item_resource, names=lambda ports: ports.names
)
OPERATIONS: Table[Ports, Policy] = Table(
    "insights",
    timeline_pb2.DESCRIPTOR.services_by_name["TimelinesService"],
    timeline_pb2_grpc.add_TimelinesServiceServicer_to_server,
    ITEM.find(read.list_timeline, OWN_OR_SHOWN, TimelinePage),
)
