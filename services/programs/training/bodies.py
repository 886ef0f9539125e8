"""What callers say of a training, and the body by which one is recorded."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from services.chassis.fields import Body, Day, Id
from services.programs.training.domain import TrainingKind, TrainingProvider, TrainingTopic

# Of the form that ids made here have: nothing else can be said by one.
ToolId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Topic = Annotated[TrainingTopic, Field(strict=False)]
Provider = Annotated[TrainingProvider, Field(strict=False)]


class RecordTraining(Body):
    person_id: Id = Field(examples=["coach-1"], description="Who coaches, rates or observes")
    kind: Annotated[TrainingKind, Field(strict=False)] = Field(examples=["rating"])
    tool_id: ToolId | None = Field(
        default=None,
        examples=["5f0c9a4e-0000-4000-8000-000000000041"],
        description="The observation tool, of who rates; null of all else",
    )
    topic: Topic | None = Field(
        default=None,
        description="Of who coaches `coaching_cycle`, `feedback`, `content_knowledge` or "
        "`facilitation`, of who reads data `student_surveys`, `observation_scores` or "
        "`student_work`; null of all else",
    )
    program_id: Id | None = Field(
        default=None,
        examples=["5f0c9a4e-0000-4000-8000-000000000031"],
        description="The program for which it was; who leads that sees it",
    )
    completed_on: Day = Field(examples=["2026-08-20"])
    expires_on: Day | None = Field(
        default=None, examples=["2027-08-20"], description="The last day on which it holds"
    )
    provider: Provider = Field(examples=["district"], description="Who trained her, or sat in")
