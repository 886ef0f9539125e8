"""Answers of the observations service over REST."""

from __future__ import annotations

from datetime import datetime

from services.chassis.fields import PageResource, Resource
from services.observations.domain.observation import Observation, ObservationOutline
from services.observations.domain.tool import Tool, ToolSummary


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


class ToolSummaryResource(Resource):
    """A tool without the texts of its criteria. `attribution` and `license` are to be shown
    wherever the tool is."""

    tool_id: str
    title: str
    state: str
    attribution: str
    license: str
    criterion_ids: list[str]
    drafted_at: datetime
    published_at: datetime | None
    version: int


class ToolResource(Resource):
    """`attribution` and `license` are to be shown wherever the tool is."""

    tool_id: str
    title: str
    state: str
    attribution: str
    license: str
    criteria: list[CriterionResource]
    drafted_at: datetime
    published_at: datetime | None
    version: int


class ScoreResource(Resource):
    criterion_id: str
    score: float
    scale_min: float
    scale_max: float
    reversed: bool


class NoteResource(Resource):
    criterion_id: str | None
    text: str


class HandOverResource(Resource):
    """Who was the observer before, and who handed the observation over."""

    observer_id: str
    handed_over_by: str
    handed_over_at: datetime


class ObservationSummaryResource(Resource):
    """An observation without its notes."""

    observation_id: str
    observer_id: str
    teacher_id: str
    tool_id: str
    class_id: str | None
    goal_id: str | None
    school_year: int
    state: str
    setting: str
    scheduled_for: datetime
    scores: list[ScoreResource]
    completed_at: datetime | None
    shared_at: datetime | None
    acknowledged_at: datetime | None
    cancelled_at: datetime | None
    handed_over: list[HandOverResource]
    version: int


class ObservationResource(ObservationSummaryResource):
    notes: list[NoteResource]


class ToolPage(PageResource):
    tools: list[ToolSummaryResource]


class ObservationPage(PageResource):
    observations: list[ObservationSummaryResource]


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


def observation_summary(observation: ObservationOutline) -> ObservationSummaryResource:
    return ObservationSummaryResource(
        observation_id=observation.id,
        observer_id=observation.observer,
        teacher_id=observation.teacher,
        tool_id=observation.tool,
        class_id=observation.class_id or None,
        goal_id=observation.goal or None,
        school_year=observation.school_year,
        state=observation.state,
        setting=observation.setting,
        scheduled_for=observation.scheduled_for,
        scores=[
            ScoreResource(
                criterion_id=each.criterion,
                score=each.score,
                scale_min=each.scale_min,
                scale_max=each.scale_max,
                reversed=each.reversed,
            )
            for each in observation.scores
        ],
        completed_at=observation.completed_at,
        shared_at=observation.shared_at,
        acknowledged_at=observation.acknowledged_at,
        cancelled_at=observation.cancelled_at,
        handed_over=[
            HandOverResource(
                observer_id=each.observer, handed_over_by=each.by, handed_over_at=each.at
            )
            for each in observation.handed_over
        ],
        version=observation.version,
    )


def observation_resource(observation: Observation) -> ObservationResource:
    return ObservationResource(
        **dict(observation_summary(observation)),
        notes=[
            NoteResource(criterion_id=each.criterion or None, text=each.text)
            for each in observation.notes
        ],
    )
