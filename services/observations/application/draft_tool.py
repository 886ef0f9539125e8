from __future__ import annotations

from collections.abc import Sequence

from services.chassis.call import Call
from services.chassis.write.quota import Bound
from services.observations.application.ports import Ports
from services.observations.domain.tool import MOST_TOOLS, Criterion, Tool

_BOUND = Bound({}, MOST_TOOLS, "too_many_tools", f"A district has at most {MOST_TOOLS} tools.")


async def draft_tool(
    ports: Ports,
    call: Call,
    *,
    title: str,
    attribution: str,
    license: str,
    criteria: Sequence[Criterion],
) -> Tool:
    """Bring in a rubric, with where it comes from and under which license."""
    await ports.access.allow(call)
    tool = Tool(
        id=ports.tools.new_id(call),
        district=call.district,
        title=title,
        attribution=attribution,
        license=license,
        criteria=tuple(criteria),
        drafted_by=call.principal.person,
        drafted_at=ports.clock.now(),
    )
    return await ports.tools.create(call, tool.drafted(), _BOUND)
