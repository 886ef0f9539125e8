from __future__ import annotations

from services.chassis.call import Call
from services.observations.application.ports import Ports
from services.observations.domain.tool import Tool


async def get_tool(ports: Ports, call: Call, tool_id: str) -> Tool:
    await ports.access.allow(call)
    return await ports.tools.get(call.district, tool_id)
