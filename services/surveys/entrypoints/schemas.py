"""Request bodies and answers of the surveys service, for REST and gRPC alike."""

from __future__ import annotations

from typing import Annotated, TypedDict

from pydantic import Field, StringConstraints

from services.access.school_year import SchoolYear
from services.chassis.fields import Body, Code, Day, Id, Line
from services.surveys.administration.small_n import MOST_SEATS
from services.surveys.instrument.domain import (
    FEWEST_POINTS,
    MOST_ITEMS,
    MOST_POINTS,
    MOST_SCALES,
    Item,
    Scale,
    ScaleKind,
    ValidationStatus,
)

Value = Annotated[int, Field(ge=-1_000, le=1_000)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=100)]
ItemText = Annotated[str, StringConstraints(min_length=1, max_length=500)]
ResponseCode = Annotated[str, StringConstraints(min_length=1, max_length=32)]


class InstrumentArguments(TypedDict):
    title: str
    scales: tuple[Scale, ...]
    items: tuple[Item, ...]
    validation_status: ValidationStatus
    license: str


class ScheduleArguments(TypedDict):
    instrument_id: str
    teacher: str
    class_id: str
    goal_id: str
    lesson_date: str
    baseline: bool
    school_year: int | None


class ScaleBody(Body):
    """Ordinal values, lowest first, with a label each; an emoji's label says in words what
    it shows. Values from `favorable_from` on are favorable."""

    scale_id: Id = Field(examples=["agree"])
    kind: Annotated[ScaleKind, Field(strict=False)]
    values: list[Value] = Field(
        min_length=FEWEST_POINTS, max_length=MOST_POINTS, examples=[[1, 2, 3]]
    )
    labels: list[Label] = Field(
        min_length=FEWEST_POINTS, max_length=MOST_POINTS, examples=[["No", "Partly", "Yes"]]
    )
    favorable_from: Value = Field(examples=[3])


class ItemBody(Body):
    item_id: Id = Field(examples=["i1"])
    text: ItemText = Field(examples=["Today somebody listened to my idea."])
    construct_id: Code = Field(examples=["belonging"])
    source: Line = Field(examples=["Written for this measure"])
    license: Code = Field(examples=["Apache-2.0"])
    scale_id: Id = Field(examples=["agree"])
    reversed: bool = False


class DraftInstrument(Body):
    title: Line = Field(examples=["Today in math"])
    scales: list[ScaleBody] = Field(min_length=1, max_length=MOST_SCALES)
    items: list[ItemBody] = Field(min_length=1, max_length=MOST_ITEMS)
    validation_status: Annotated[ValidationStatus, Field(strict=False)] = ValidationStatus.LOCAL
    license: Code = Field(examples=["Apache-2.0"])

    def arguments(self) -> InstrumentArguments:
        """The arguments of the use case."""
        return {
            "title": self.title,
            "scales": tuple(
                Scale(
                    each.scale_id,
                    each.kind,
                    tuple(each.values),
                    tuple(each.labels),
                    each.favorable_from,
                )
                for each in self.scales
            ),
            "items": tuple(
                Item(
                    each.item_id,
                    each.text,
                    each.construct_id,
                    each.source,
                    each.license,
                    each.scale_id,
                    each.reversed,
                )
                for each in self.items
            ),
            "validation_status": self.validation_status,
            "license": self.license,
        }


class ScheduleAdministration(Body):
    instrument_id: Id
    teacher_id: Id = Field(examples=["teacher-1"])
    class_id: Id = Field(examples=["class-1"])
    goal_id: Id | None = None
    lesson_date: Day | None = Field(default=None, examples=["2026-10-06"])
    baseline: bool = False
    school_year: SchoolYear | None = None

    def arguments(self) -> ScheduleArguments:
        """The arguments of the use case."""
        return {
            "instrument_id": self.instrument_id,
            "teacher": self.teacher_id,
            "class_id": self.class_id,
            "goal_id": self.goal_id or "",
            "lesson_date": self.lesson_date or "",
            "baseline": self.baseline,
            "school_year": self.school_year,
        }


class OpenAdministration(Body):
    """`seats`: response codes all told, from the smallest group to one more than the class has
    students, for a child who has just joined; without it as many as it has. Where the roster
    names no students of the class it must be said, and 60 is the most. Of an open survey: those
    that there are, and as many more as it is greater."""

    seats: Annotated[int, Field(ge=1, le=MOST_SEATS)] | None = None


class AnswerBody(Body):
    item_id: Id = Field(examples=["i1"])
    value: Value = Field(examples=[2])


class SubmitResponse(Body):
    """Items may be left out, but not all: a blank sheet sent by mistake would use up the code."""

    code: ResponseCode = Field(examples=["7KQ2-M4XD-0RTZ"])
    answers: list[AnswerBody] = Field(min_length=1, max_length=MOST_ITEMS)

    def pairs(self) -> list[tuple[str, int]]:
        return [(each.item_id, each.value) for each in self.answers]
