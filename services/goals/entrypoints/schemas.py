"""Request bodies of the goals service, for REST and gRPC alike."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.chassis.edge.paging import MAX_TOKEN
from services.chassis.fields import Body, Id, SchoolYear
from services.goals.domain.relationship import Acknowledgment

Acknowledged = Annotated[
    list[Annotated[Acknowledgment, Field(strict=False)]],
    Field(max_length=10, description="From the teacher alone."),
]


class ProposeRelationship(Body):
    coach_id: Id = Field(examples=["coach-1"])
    teacher_id: Id = Field(examples=["teacher-1"])
    school_year: SchoolYear | None = Field(default=None, description="This one or the next")
    acknowledges: Acknowledged = []


class AcceptRelationship(Body):
    acknowledges: Acknowledged = []


class CarryOverRelationships(Body):
    from_school_year: SchoolYear = Field(examples=[2027])
    to_school_year: SchoolYear = Field(
        examples=[2028], description="The one after it: this one or the next"
    )
    validate_only: bool = Field(default=False, description="Answer what would be, change nothing")
    page_token: str = Field(
        default="", max_length=MAX_TOKEN, description="next_page_token of the page before"
    )
