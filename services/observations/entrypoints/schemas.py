"""Request bodies of the observations service, for REST and gRPC alike."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, TypedDict

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from services.chassis.fields import Body, Code, Id, Line, Number, SchoolYear, Text
from services.observations.domain.observation import Note, Setting
from services.observations.domain.tool import (
    LEAST_LEVELS,
    MOST_CRITERIA,
    MOST_LEVELS,
    Criterion,
    Level,
)

NoteText = Annotated[str, StringConstraints(max_length=4_000)]


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def _instant(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC_3339.fullmatch(value)):
        return value
    raise ValueError("an instant is written as in RFC 3339, with its offset")


def _utc(instant: datetime) -> datetime:
    if not 2000 <= instant.year <= 2100:
        raise ValueError("the year must lie between 2000 and 2100")
    return instant.astimezone(UTC).replace(microsecond=instant.microsecond // 1000 * 1000)


# Kept in UTC and cut to milliseconds, as MongoDB keeps it.
Instant = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(_instant), AfterValidator(_utc)
]


class ToolArguments(TypedDict):
    title: str
    attribution: str
    license: str
    criteria: list[Criterion]


class ScheduleArguments(TypedDict):
    teacher: str
    tool_id: str
    class_id: str
    goal_id: str
    setting: Setting
    scheduled_for: datetime
    school_year: int | None


class ScoreArguments(TypedDict):
    scores: list[tuple[str, float]]
    notes: list[Note]


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
    attribution: NoteText = Field(default="", description="Whose work it is or is adapted from")
    license: Code = Field(examples=["CC BY 4.0"])
    criteria: list[DraftCriterion] = Field(min_length=1, max_length=MOST_CRITERIA)

    def arguments(self) -> ToolArguments:
        """The arguments of the use case."""
        return {
            "title": self.title,
            "attribution": self.attribution,
            "license": self.license,
            "criteria": [
                Criterion(
                    id=each.criterion_id,
                    category=each.category,
                    description=each.description,
                    levels=tuple(Level(level.score, level.quality) for level in each.levels),
                    reversed=each.reversed,
                )
                for each in self.criteria
            ],
        }


class ScheduleObservation(Body):
    teacher_id: Id = Field(examples=["teacher-1"])
    tool_id: Id = Field(examples=["tool-1"])
    scheduled_for: Instant = Field(examples=["2026-11-04T15:30:00Z"])
    setting: Annotated[Setting, Field(strict=False)] = Setting.LIVE
    class_id: Id | None = None
    goal_id: Id | None = None
    school_year: SchoolYear | None = None

    def arguments(self) -> ScheduleArguments:
        """The arguments of the use case."""
        return {
            "teacher": self.teacher_id,
            "tool_id": self.tool_id,
            "class_id": self.class_id or "",
            "goal_id": self.goal_id or "",
            "setting": self.setting,
            "scheduled_for": self.scheduled_for,
            "school_year": self.school_year,
        }


class CriterionScore(Body):
    criterion_id: Id = Field(examples=["critical-thinking"])
    score: Number = Field(examples=[3])


class CriterionNote(Body):
    """Without a criterion it is about the whole lesson; an empty text takes it away."""

    criterion_id: Id | None = Field(default=None, examples=["critical-thinking"])
    text: NoteText = Field(default="", examples=["Asked why before giving the answer"])


class RecordScores(Body):
    scores: list[CriterionScore] = Field(default_factory=list, max_length=MOST_CRITERIA)
    notes: list[CriterionNote] = Field(default_factory=list, max_length=MOST_CRITERIA + 1)

    def arguments(self) -> ScoreArguments:
        """The arguments of the use case."""
        return {
            "scores": [(each.criterion_id, each.score) for each in self.scores],
            "notes": [Note(each.criterion_id or "", each.text) for each in self.notes],
        }


class RescheduleObservation(Body):
    scheduled_for: Instant = Field(examples=["2026-11-05T15:30:00Z"])


class HandOverObservation(Body):
    observer_id: Id = Field(examples=["coach-1"], description="A coach of the teacher, or she")
