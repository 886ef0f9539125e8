from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.observations.application.ports import Ports
from services.observations.domain.tool import ToolSummary


async def list_tools(ports: Ports, call: Call, *, after: str, limit: int) -> Found[ToolSummary]:
    """The district's tools, drafts too, ordered by id."""
    await ports.access.allow(call)
    return await ports.tool_summaries.find(call.district, {}, after, limit)
