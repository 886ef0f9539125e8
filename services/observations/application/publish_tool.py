from __future__ import annotations

from services.chassis.call import Call
from services.observations.application.ports import Ports
from services.observations.domain.tool import Tool


async def publish_tool(ports: Ports, call: Call, tool_id: str) -> Tool:
    """Make a draft usable; from then on it does not change."""
    await ports.access.allow(call)

    def act(tool: Tool) -> None:
        tool.publish(ports.clock.now())

    return await ports.tools.change(call, tool_id, act)
