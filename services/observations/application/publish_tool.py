from __future__ import annotations

from services.chassis.call import Call
from services.observations.application.ports import Ports
from services.observations.domain.tool import Tool


async def publish_tool(ports: Ports, call: Call, tool_id: str) -> Tool:
    """Make a draft usable; from then on it does not change. Who brought it in may, and an
    administrator once its author has left."""
    await ports.access.allow(call)

    async def act(tool: Tool) -> None:
        in_charge = await ports.access.in_charge_of(call, tool.drafted_by)
        tool.publish(call.principal.person, ports.clock.now(), in_charge)

    return await ports.tools.change(call, tool_id, act)
