"""Published tools, kept in memory: they never change, so nothing needs to be forgotten."""

from __future__ import annotations

from collections import OrderedDict

from services.chassis.kernel import Fault, Kind
from services.chassis.write.write_path import WritePath
from services.observations.tool.domain import Tool


class CachedTools:
    """At most `size` published tools; a draft or an absence is asked for again."""

    def __init__(self, tools: WritePath[Tool], *, size: int = 200) -> None:
        self._tools = tools
        self._size = size
        self._known: OrderedDict[tuple[str, str], Tool] = OrderedDict()

    async def tool(self, district: str, tool_id: str) -> Tool | None:
        key = (district, tool_id)
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        try:
            tool = await self._tools.get(district, tool_id)
        except Fault as fault:
            if fault.kind is Kind.NOT_FOUND:
                return None
            raise
        if not tool.published:
            return None
        self._known[key] = tool
        if len(self._known) > self._size:
            self._known.popitem(last=False)
        return tool
