"""What callers may do with tools: all staff draft and use them, and whoever drafted one
publishes or withdraws it."""

from __future__ import annotations

from coaching.observations.v1 import tool_pb2, tool_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.observations.tool import cases
from services.observations.tool.cases import Ports
from services.observations.tool.domain import Tool
from services.observations.tool.resources import ToolPage, tool_resource, tool_summary

STAFF = Policy(staff=True)
SEEN = Policy(staff=True, partners=True)

TOOL: Noun[Ports, Tool] = Noun("/tools/{tool_id}", lambda ports: ports.tools, tool_resource)
OPERATIONS: Table[Ports, Policy] = Table(
    "observations",
    tool_pb2.DESCRIPTOR.services_by_name["ToolsService"],
    tool_pb2_grpc.add_ToolsServiceServicer_to_server,
    TOOL.create(cases.draft_tool, STAFF),
    TOOL.change(cases.publish_tool, STAFF, "publish", when=cases.settling),
    TOOL.change(cases.withdraw_tool, STAFF, "withdraw", when=cases.settling, late=Late.WINS),
    TOOL.get(SEEN),
    TOOL.find(cases.list_tools, SEEN, ToolPage, tool_summary),
)
