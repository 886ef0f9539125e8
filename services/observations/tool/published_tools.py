"""Published tools, kept in memory: they never change, so nothing needs to be forgotten."""

from __future__ import annotations

from collections import OrderedDict

from services.chassis.kernel import if_there
from services.chassis.write.write_path import WritePath
from services.observations.tool.domain import Tool

MOST = 200


class CachedTools:
    """At most MOST published tools; a draft or an absence is asked for again."""

    def __init__(self, tools: WritePath[Tool]) -> None:
        self._tools = tools
        self._known: OrderedDict[tuple[str, str], Tool] = OrderedDict()

    async def tool(self, district: str, tool_id: str) -> Tool | None:
        key = (district, tool_id)
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        tool = await if_there(self._tools.get(district, tool_id))
        if tool is None or not tool.published:
            return None
        self._known[key] = tool
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        return tool
