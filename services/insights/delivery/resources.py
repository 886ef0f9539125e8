"""Answers about what is delivered of programs, over REST and gRPC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from services.chassis.fields import Resource
from services.insights.caseload.resources import FindingResource
from services.insights.delivery.adherence import StepAdherence
from services.insights.delivery.domain import REVIEW_RULE_VERSION, Delivery
from services.insights.program.domain import ProgramPlan
from services.insights.program.process import OF_EVENTS


class ModalityShareResource(Resource):
    modality: str = Field(
        examples=["in_person"], description="`other`: those of too few teachers, together"
    )
    share: float = Field(
        examples=[0.8],
        description="Of all contacts, to tenths; 0.9 is that or more, 0.1 that or less, since none "
        "says that all contacts are of one modality",
    )


class StepOutcomeResource(Resource):
    outcome: Literal["in_time", "late", "not_done", "not_yet_due", "other"] = Field(
        description="`other`: those of too few teachers, together"
    )
    share: float = Field(
        examples=[0.75],
        description="To quarters; 0.75 is that or more, 0.25 that or less, and 1 is only of what "
        "is not due for anybody yet: none says what each has done",
    )


class StepAdherenceResource(Resource):
    """A step of the process as it is delivered: `outcomes` are of all times at which it was due
    while a teacher was in the program, and of those for whom it was not yet, whether or not they
    have done it."""

    stage_id: str
    step_id: str
    need: Literal["required", "recommended", "optional"] | None = Field(
        description="How much it belongs to the process; null: a newer version of Tandem has said"
    )
    deviation: Literal["skipped", "adapted"] | None = Field(
        description="That the program leaves it out or does it otherwise; its `deviations` say why"
        "; null where it is done as planned"
    )
    told: bool = Field(
        description="Whether anything that Tandem knows of tells that it was done: of student "
        "work nothing does"
    )
    outcomes: list[StepOutcomeResource] = Field(
        description="The largest share first; empty where too few can be told of, which is so, "
        "too, where all but fewer than `small_n` have one outcome, and where an older version of "
        "Tandem has said last how the program is planned"
    )


class ProgramDeliveryResource(Resource):
    """Of all teachers who were in it together, and of nobody alone, as it was on the last Monday:
    what is of fewer than `small_n` teachers is null, and figures come in steps. Everything
    published before `as_of` is in it; `stale`: that was too long ago."""

    program_id: str
    school_year: int
    teacher_count: int | None = Field(
        description="How many were in it, whenever, before this week; null where too few can be "
        "told of"
    )
    small_n: int
    planned_contacts_each: float | None = Field(
        description="Contacts planned with a teacher until the last Monday, for the instructional "
        "days on which she was in it: the average; null where too few can be told of, and where "
        "none are planned"
    )
    delivered_contacts_each: float | None = Field(
        description="Contacts held with a teacher while she was in it: the average, to halves; "
        "null where too few can be told of"
    )
    median_days_between: float | None = Field(
        description="Days between two contacts of a teacher: of all teachers the median, as the "
        "nearest of a few values; null where too few can be told of"
    )
    median_group_size: float | None = Field(
        description="Teachers of a contact: of all teachers the median, as the nearest of a few "
        "values; null where too few can be told of"
    )
    modalities: list[ModalityShareResource] = Field(
        description="The largest share first; empty where too few can be told of, which is so, "
        "too, where all but fewer than `small_n` were met in one way"
    )
    steps: list[StepAdherenceResource] = Field(description="Of its process, stage by stage")
    review_due: bool = Field(
        description="F20: 100 teachers or more are enrolled. Programs of so many have been found "
        "to do less for each: look at it again"
    )
    review: FindingResource | None = Field(
        description="Why a review is due: of the program, and of no teacher; null: none is"
    )
    as_of: datetime
    stale: bool


def program_delivery(
    plan: ProgramPlan,
    found: Delivery,
    steps: Sequence[StepAdherence],
    small_n: int,
    as_of: datetime,
    stale: bool,
) -> ProgramDeliveryResource:
    return ProgramDeliveryResource(
        program_id=plan.program,
        school_year=plan.school_year,
        teacher_count=found.teachers,
        small_n=small_n,
        planned_contacts_each=found.planned,
        delivered_contacts_each=found.delivered,
        median_days_between=found.days_between,
        median_group_size=found.group_size,
        modalities=[
            ModalityShareResource(modality=each.modality, share=each.share)
            for each in found.modalities
        ],
        steps=[_step(each) for each in steps],
        review_due=plan.large,
        review=_review(plan) if plan.large else None,
        as_of=as_of,
        stale=stale,
    )


def _review(plan: ProgramPlan) -> FindingResource:
    return FindingResource(
        code="F20", rule_version=REVIEW_RULE_VERSION, evidence_ids=[plan.program]
    )


def _step(found: StepAdherence) -> StepAdherenceResource:
    return StepAdherenceResource.model_validate(
        {
            "stage_id": found.step.stage,
            "step_id": found.step.step,
            "need": found.step.need or None,
            "deviation": found.step.deviation or None,
            "told": found.step.evidence in OF_EVENTS,
            "outcomes": [{"outcome": each.outcome, "share": each.share} for each in found.outcomes],
        }
    )
