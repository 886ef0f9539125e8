"""Answers about tools, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.edge.actions import Acted
from services.chassis.fields import PageResource, Resource
from services.observations.tool.domain import Tool, ToolState, ToolSummary


class LevelResource(Resource):
    score: float
    quality: str


class CriterionResource(Resource):
    criterion_id: str
    category: str
    description: str
    levels: list[LevelResource]
    scale_min: float
    scale_max: float
    reversed: bool


class ToolSummaryResource(Acted):
    """A tool without the texts of its criteria. `attribution` and `license` are to be shown
    wherever the tool is."""

    tool_id: str
    title: str
    state: ToolState
    attribution: str
    license: str
    criterion_ids: list[str]
    drafted_at: datetime
    published_at: datetime | None
    version: int


class ToolResource(Acted):
    """`attribution` and `license` are to be shown wherever the tool is."""

    tool_id: str
    title: str
    state: ToolState
    attribution: str
    license: str
    criteria: list[CriterionResource]
    drafted_at: datetime
    published_at: datetime | None
    version: int


class ToolPage(PageResource):
    tools: list[ToolSummaryResource]


def tool_summary(tool: ToolSummary) -> ToolSummaryResource:
    return ToolSummaryResource(
        tool_id=tool.id,
        title=tool.title,
        state=tool.state,
        attribution=tool.attribution,
        license=tool.license,
        criterion_ids=[each.id for each in tool.criteria],
        drafted_at=tool.drafted_at,
        published_at=tool.published_at,
        version=tool.version,
    )


def tool_resource(tool: Tool) -> ToolResource:
    """One tool with its criteria and their levels."""
    return ToolResource(
        tool_id=tool.id,
        title=tool.title,
        state=tool.state,
        attribution=tool.attribution,
        license=tool.license,
        criteria=[
            CriterionResource(
                criterion_id=each.id,
                category=each.category,
                description=each.description,
                levels=[
                    LevelResource(score=level.score, quality=level.quality) for level in each.levels
                ],
                scale_min=each.scale_min,
                scale_max=each.scale_max,
                reversed=each.reversed,
            )
            for each in tool.criteria
        ],
        drafted_at=tool.drafted_at,
        published_at=tool.published_at,
        version=tool.version,
    )
