"""Tools: between the domain, the stored state and the published events."""

from __future__ import annotations

from coaching.observations.v1 import tool_events_pb2 as published
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded
from services.chassis.write.write_path import EncodedEvent
from services.observations.tool.domain import Tool, ToolEvent, ToolState, ToolSummary

TOOL_EVENTS = messages_of(published.DESCRIPTOR, "Tool", ToolEvent)
_TOOL_STATES = numbers_of(ToolState, published.ToolState.DESCRIPTOR)


def tool_snapshot(tool: Tool) -> published.ToolSnapshot:
    """References only: title, attribution and the texts of criteria stay here."""
    return published.ToolSnapshot(
        tool_id=tool.id,
        state=_TOOL_STATES[tool.state],
        criterion_ids=[criterion.id for criterion in tool.criteria],
        license=tool.license,
    )


def encode_tool(tool: Tool, event: ToolEvent) -> EncodedEvent:
    message = TOOL_EVENTS[event](tool=tool_snapshot(tool))
    return encoded(message, (f"{tool.district}:{tool.id}",))


TOOLS = AggregateCodec("tool", Tool, encode_tool)
TOOL_SUMMARIES = SummaryCodec(TOOLS, ToolSummary)
