from __future__ import annotations

from services.chassis.call import Call
from services.observations.application.ports import Ports
from services.observations.domain.tool import Tool


async def withdraw_tool(ports: Ports, call: Call, tool_id: str) -> Tool:
    """Take back a draft; who brought it in may, and an administrator once its author has left."""
    await ports.access.allow(call)

    async def act(tool: Tool) -> None:
        in_charge = await ports.access.in_charge_of(call, tool.drafted_by)
        tool.withdraw(call.principal.person, in_charge)

    return await ports.tools.change(call, tool_id, act)
