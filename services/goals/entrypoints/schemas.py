"""Request bodies of the goals service, for REST and gRPC alike."""

from __future__ import annotations

from typing import Annotated, TypedDict

from pydantic import Field, StringConstraints

from services.chassis.edge.paging import MAX_TOKEN
from services.chassis.fields import Body, Code, Day, Id, Number, SchoolYear, Text
from services.goals.domain.goal import Edit
from services.goals.domain.goal_outline import Direction
from services.goals.domain.relationship import Acknowledgment

Note = Annotated[str, StringConstraints(max_length=2_000)]


Acknowledged = Annotated[
    list[Annotated[Acknowledgment, Field(strict=False)]],
    Field(max_length=10, description="From the teacher alone."),
]


class DraftArguments(TypedDict):
    teacher: str
    statement: str
    focus_skill: str
    measure: str
    unit: str
    direction: Direction
    target: float
    baseline: float | None
    due: str
    class_id: str
    school_year: int | None


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


class DraftGoal(Body):
    teacher_id: Id = Field(examples=["teacher-1"])
    statement: Text = Field(examples=["Students explain their thinking to each other"])
    focus_skill: Code = Field(examples=["questioning"])
    measure_id: Code = Field(examples=["student-talk-share"])
    unit: Code = Field(examples=["percent"])
    direction: Annotated[Direction, Field(strict=False)] = Direction.INCREASE
    target: Number = Field(examples=[60])
    baseline: Number | None = Field(default=None, examples=[35])
    due_date: Day | None = Field(default=None, examples=["2027-03-31"])
    class_id: Id | None = None
    school_year: SchoolYear | None = None

    def arguments(self) -> DraftArguments:
        """The arguments of the use case."""
        return {
            "teacher": self.teacher_id,
            "statement": self.statement,
            "focus_skill": self.focus_skill,
            "measure": self.measure_id,
            "unit": self.unit,
            "direction": self.direction,
            "target": self.target,
            "baseline": self.baseline,
            "due": self.due_date or "",
            "class_id": self.class_id or "",
            "school_year": self.school_year,
        }


class EditGoal(Body):
    """What is not named stays as it is."""

    statement: Text | None = None
    focus_skill: Code | None = Field(default=None, examples=["questioning"])
    measure_id: Code | None = Field(default=None, examples=["student-talk-share"])
    unit: Code | None = Field(default=None, examples=["percent"])
    direction: Annotated[Direction, Field(strict=False)] | None = None
    target: Number | None = Field(default=None, examples=[65])
    due_date: Day | None = Field(default=None, examples=["2027-04-30"])
    class_id: Id | None = None
    remove_due_date: bool = False
    remove_class: bool = False

    def edit(self) -> Edit:
        return Edit(
            statement=self.statement,
            focus_skill=self.focus_skill,
            measure=self.measure_id,
            unit=self.unit,
            direction=self.direction,
            target=self.target,
            due="" if self.remove_due_date else self.due_date,
            class_id="" if self.remove_class else self.class_id,
        )


class SetBaseline(Body):
    value: Number = Field(examples=[35])


class ReviseGoal(Body):
    reason: Text = Field(examples=["The survey showed another need"])
    statement: Text | None = None
    target: Number | None = None
    due_date: Day | None = None
    remove_due_date: bool = False
    baseline: Number | None = Field(
        default=None, examples=[36], description="Where it was mistyped"
    )

    @property
    def due(self) -> str | None:
        """As the use case takes it: empty for no date, None for the one that it has."""
        return "" if self.remove_due_date else self.due_date


class RecordProgress(Body):
    value: Number = Field(examples=[42])
    note: Note = ""


class CorrectProgress(Body):
    value: Number = Field(examples=[44])
    note: Note | None = Field(default=None, description="Without one the note stays")
    reason: Text = Field(examples=["Mistyped"])
