"""What is sent to plan a coaching session, and to say what its time went into."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.chassis.fields import Body, Id, Instant
from services.programs.session.domain import MOST_MINUTES, MOST_TEACHERS
from services.programs.session.outline import Activity, Barrier, Modality, SessionKind

HowItIs = Annotated[Modality, Field(strict=False)]
Barriers = Annotated[
    list[Annotated[Barrier, Field(strict=False)]],
    Field(max_length=len(Barrier), description="What stood in the way", examples=[["turnover"]]),
]
Minutes = Annotated[int, Field(ge=1, le=MOST_MINUTES)]


class ScheduleCoachingSession(Body):
    """With `circle_id` it is a session of that pair or group: of all who have joined it, unless
    some of them are named, and without a coach."""

    coach_id: Id | None = Field(default=None, description="Whoever asks, unless another is named")
    teacher_ids: list[Id] = Field(default=[], max_length=MOST_TEACHERS, examples=[["teacher-1"]])
    kind: Annotated[SessionKind, Field(strict=False)] = SessionKind.INDIVIDUAL
    starts_at: Instant = Field(examples=["2026-11-04T15:30:00Z"])
    modality: HowItIs = Modality.IN_PERSON
    circle_id: Id | None = Field(
        default=None,
        examples=["circle-1"],
        description="A pair or a group that the caller has joined, which meets without a coach",
    )


class RescheduleCoachingSession(Body):
    starts_at: Instant = Field(examples=["2026-11-05T15:30:00Z"])


class SpentOn(Body):
    activity: Annotated[Activity, Field(strict=False)] = Field(examples=["debrief"])
    minutes: Minutes = Field(examples=[30])
