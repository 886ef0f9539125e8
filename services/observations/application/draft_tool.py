from __future__ import annotations

from collections.abc import Sequence

from services.chassis.call import Call
from services.chassis.write.quota import Bound
from services.observations.application.ports import Ports
from services.observations.domain.tool import (
    MOST_DRAFTS,
    MOST_OWN_TOOLS,
    MOST_TOOLS,
    Criterion,
    Tool,
    ToolState,
)

_WITHDRAWN = {"state": ToolState.WITHDRAWN.value}


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
    return await ports.tools.create(call, tool.drafted(), _bounds(tool.drafted_by))


def _bounds(author: str) -> Sequence[Bound]:
    """Her own first: nobody uses up what is there for all."""
    hers, code = {"drafted_by": author}, "too_many_own_tools"
    own = f"One person has at most {MOST_OWN_TOOLS} tools that are not withdrawn."
    drafts = f"One person drafts at most {MOST_DRAFTS} tools, withdrawn ones included."
    all_of_them = f"A district has at most {MOST_TOOLS} tools."
    return (
        Bound(hers, MOST_OWN_TOOLS, code, own, _WITHDRAWN),
        Bound(hers, MOST_DRAFTS, code, drafts),
        Bound({}, MOST_TOOLS, "too_many_tools", all_of_them, _WITHDRAWN),
    )
