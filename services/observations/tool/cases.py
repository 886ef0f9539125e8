"""What callers do with tools, but for what a method of one does alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access.access import Access
from services.access.guarded import About, Guarded, GuardedList
from services.chassis.call import Call
from services.chassis.fields import Body, Code, Id, Line, Number, Text
from services.chassis.kernel import Clock
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.observations.tool.domain import (
    LEAST_LEVELS,
    MOST_CRITERIA,
    MOST_DRAFTS,
    MOST_LEVELS,
    MOST_OWN_TOOLS,
    MOST_TOOLS,
    Criterion,
    Level,
    Tool,
    ToolOutline,
    ToolState,
    ToolSummary,
)

Attribution = Annotated[str, StringConstraints(max_length=4_000)]
_WITHDRAWN = {"state": ToolState.WITHDRAWN.value}
BY_DATE = ByDate("drafted_at", within=("state",))


@dataclass(frozen=True, slots=True)
class Ports:
    tools: Guarded[Tool]
    summaries: GuardedList[ToolSummary]
    access: Access
    clock: Clock


class DraftLevel(Body):
    score: Number = Field(examples=[3])
    quality: Text = Field(examples=["Most students are asked to explain their thinking"])


class DraftCriterion(Body):
    criterion_id: Id = Field(examples=["critical-thinking"])
    category: Line = Field(examples=["Instruction"])
    description: Text = Field(examples=["Students are led to think for themselves"])
    levels: list[DraftLevel] = Field(
        min_length=LEAST_LEVELS, max_length=MOST_LEVELS, description="From the lowest score up"
    )
    reversed: bool = Field(default=False, description="A low score is the good one")


class DraftTool(Body):
    title: Line = Field(examples=["Classroom talk"])
    attribution: Attribution = Field(default="", description="Whose work it is or is adapted from")
    license: Code = Field(examples=["CC BY 4.0"])
    criteria: list[DraftCriterion] = Field(min_length=1, max_length=MOST_CRITERIA)


async def draft_tool(ports: Ports, call: Call, asked: DraftTool) -> Tool:
    """Bring in a rubric, with where it comes from and under which license."""
    tool = Tool(
        id=ports.tools.new_id(call),
        district=call.district,
        title=asked.title,
        attribution=asked.attribution,
        license=asked.license,
        criteria=tuple(map(criterion_of, asked.criteria)),
        drafted_by=call.principal.person,
        drafted_at=ports.clock.now(),
    )
    return await ports.tools.create(call, tool.drafted(), _bounds(tool.drafted_by))


def criterion_of(asked: DraftCriterion) -> Criterion:
    return Criterion(
        id=asked.criterion_id,
        category=asked.category,
        description=asked.description,
        levels=tuple(Level(level.score, level.quality) for level in asked.levels),
        reversed=asked.reversed,
    )


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


async def settling(ports: Ports, call: Call, tool: ToolOutline) -> None:
    """Of a draft alone it is asked who is in charge."""
    draft = tool.state is ToolState.DRAFT
    in_charge = draft and await ports.access.in_charge_of(call, tool.drafted_by)
    tool.check_draft(call.principal.person, in_charge)


async def publish_tool(ports: Ports, call: Call, tool_id: Id) -> Tool:
    """Make a draft usable; from then on it does not change. Who brought it in may, and an
    administrator once its author has left."""

    async def act(tool: Tool) -> None:
        in_charge = await ports.access.in_charge_of(call, tool.drafted_by)
        tool.publish(call.principal.person, ports.clock.now(), in_charge)

    return await ports.tools.change(call, tool_id, act)


async def withdraw_tool(ports: Ports, call: Call, tool_id: Id) -> Tool:
    """Take back a draft; who brought it in may, and an administrator once its author has left."""

    async def act(tool: Tool) -> None:
        in_charge = await ports.access.in_charge_of(call, tool.drafted_by)
        tool.withdraw(call.principal.person, in_charge)

    return await ports.tools.change(call, tool_id, act)


async def list_tools(
    ports: Ports,
    call: Call,
    *,
    state: ToolState | None = None,
    order: Order = Order.NEWEST,
    taken_back: bool = False,
    after: str,
    limit: int,
) -> Found[ToolSummary]:
    """The district's tools, drafts too, by when they were drafted; without the texts of their
    criteria; withdrawn drafts with `taken_back`, or where their state is asked for."""
    every = taken_back or state is not None
    unless = None if every else _WITHDRAWN
    by = BY_DATE.first(order)
    return await ports.summaries.find(
        call, About(), where(state=state), after, limit, by=by, unless=unless
    )
