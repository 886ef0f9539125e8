from __future__ import annotations

from services.chassis.call import Call
from services.observations.application.ports import Ports
from services.observations.domain.tool import Tool


async def withdraw_tool(ports: Ports, call: Call, tool_id: str) -> Tool:
    """Take back a draft; who brought it in may."""
    await ports.access.allow(call)

    def act(tool: Tool) -> None:
        tool.withdraw(call.principal.person)

    return await ports.tools.change(call, tool_id, act)
