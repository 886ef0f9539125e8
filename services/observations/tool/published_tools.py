"""Published tools, kept in memory: they never change."""

from __future__ import annotations

from services.chassis.write.settled import SettledAggregates
from services.chassis.write.write_path import WritePath
from services.observations.tool.domain import Tool


class CachedTools:
    """As many as `SettledAggregates` keeps; a draft or an absence is asked for again."""

    def __init__(self, tools: WritePath[Tool]) -> None:
        self._tools = SettledAggregates(tools, lambda tool: tool.published)

    async def tool(self, district: str, tool_id: str) -> Tool | None:
        return await self._tools.get(district, tool_id)

    async def title(self, district: str, tool_id: str) -> str:
        """Empty where there is no such published tool."""
        tool = await self.tool(district, tool_id)
        return tool.title if tool is not None else ""
