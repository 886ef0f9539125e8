from __future__ import annotations

from collections.abc import Sequence

from services.chassis.call import Call
from services.observations.application.ports import Ports
from services.observations.domain.tool import Tool


async def list_tools(ports: Ports, call: Call, *, after: str, limit: int) -> Sequence[Tool]:
    """The district's tools, drafts too, ordered by id."""
    await ports.access.allow(call)
    return await ports.tools.find(call.district, {}, after, limit)
