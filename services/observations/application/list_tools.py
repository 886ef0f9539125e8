from __future__ import annotations

from services.chassis.call import Call
from services.chassis.write.loading import Found
from services.observations.application.ports import Ports
from services.observations.domain.tool import ToolState, ToolSummary


async def list_tools(
    ports: Ports, call: Call, *, taken_back: bool = False, after: str, limit: int
) -> Found[ToolSummary]:
    """The district's tools, drafts too, ordered by id; withdrawn ones where `taken_back`."""
    await ports.access.allow(call)
    page = await ports.tool_summaries.find(call.district, {}, after, limit)
    return page.where(lambda each: taken_back or each.state is not ToolState.WITHDRAWN)
