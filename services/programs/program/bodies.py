"""What is sent to state a program and its process."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import Field, StringConstraints

from services.access.school_year import SchoolYear
from services.chassis.fields import Body, Id, Line, Number, Text
from services.programs.program.outline import (
    MOST_CONTACTS,
    MOST_CRITERIA,
    MOST_LEADS,
    AttentionSettings,
    ProgramFocus,
    ProgramModality,
    ProgramPurpose,
    ProgramSays,
    ProgramType,
    SuccessCriterion,
)
from services.programs.program.process import (
    LONGEST,
    MOST_CARDS,
    MOST_PROMPTS,
    MOST_STAGES,
    MOST_STEPS,
    DeviationKind,
    EvidenceKind,
    GuidanceCard,
    ProgramStage,
    ProgramStep,
    StepActor,
    StepNeed,
)

E = TypeVar("E")
Lax = Annotated[E, Field(strict=False)]  # an enum, as its text
LaterDays = Annotated[int, Field(ge=1, le=LONGEST)]
Days = Annotated[int, Field(ge=0, le=LONGEST)]
CardText = Annotated[str, StringConstraints(min_length=1, max_length=800)]
Currency = Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")]
PartId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
CodeOrNone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:/@ -]{0,64}$")]


class StateCriterion(Body):
    criterion_id: PartId = Field(
        examples=["talk"], description="A name of its own within the program"
    )
    statement: Text = Field(examples=["In most classes students talk for half of the lesson"])
    measure_id: CodeOrNone = Field(
        default="", examples=["talk-share"], description="A code that goals name; empty: none"
    )
    target: Number | None = Field(default=None, examples=[50])


class StateCard(Body):
    title: Line = Field(examples=["A small step"])
    text: CardText = Field(examples=["One that can be seen in the next lesson"])


class StateStep(Body):
    step_id: PartId = Field(examples=["visit"])
    title: Line = Field(examples=["Visit a lesson"])
    actor: Lax[StepActor] = Field(examples=["coach"])
    need: Lax[StepNeed] = Field(examples=["required"])
    evidence: Lax[EvidenceKind] = Field(examples=["observation"])
    due_within: Days = Field(default=0, examples=[5])
    repeats_after: Days = Field(default=0, examples=[5])
    ends_when: Line = Field(examples=["The notes are shared"])
    prompts: list[Line] = Field(
        default=[], max_length=MOST_PROMPTS, examples=[["What did the students say?"]]
    )
    cards: list[StateCard] = Field(default=[], max_length=MOST_CARDS)


class StateStage(Body):
    stage_id: PartId = Field(examples=["loop"])
    title: Line = Field(examples=["The weekly loop"])
    lasts: Days = Field(default=0, examples=[30])
    steps: list[StateStep] = Field(min_length=1, max_length=MOST_STEPS)


class StateAttention(Body):
    """What is left out is as it is everywhere."""

    no_observation_days: LaterDays | None = Field(default=None, examples=[10])
    feedback_days: LaterDays | None = Field(default=None, examples=[3])
    stalled_days: LaterDays | None = Field(default=None, examples=[28])
    no_baseline_days: LaterDays | None = Field(default=None, examples=[15])
    celebrated_days: LaterDays | None = Field(default=None, examples=[14])
    step_open_days: LaterDays | None = Field(default=None, examples=[21])
    gap_percent: int | None = Field(default=None, ge=1, le=100, examples=[60])
    overload_percent: int | None = Field(default=None, ge=101, le=1_000, examples=[200])
    imbalance_visits: int | None = Field(default=None, ge=1, le=20, examples=[3])
    imbalance_ratio: int | None = Field(default=None, ge=2, le=20, examples=[4])


class _Says(Body):
    name: Line = Field(examples=["Math talk in grades 3 to 5"])
    type: Lax[ProgramType] = Field(examples=["one_to_one"])
    purpose: Lax[ProgramPurpose] = Field(examples=["new_pedagogy"])
    focus: Lax[ProgramFocus] = Field(examples=["content"])
    modality: Lax[ProgramModality] = Field(examples=["in_person"])
    paired_workshop: bool = Field(default=False, examples=[True])
    curriculum_materials: bool = Field(default=False, examples=[True])
    success_criteria: list[StateCriterion] = Field(default=[], max_length=MOST_CRITERIA)
    lead_ids: list[Id] = Field(
        default=[], max_length=MOST_LEADS, description="Empty: whoever sends this"
    )
    planned_contacts: int | None = Field(default=None, ge=1, le=MOST_CONTACTS, examples=[18])
    cost_per_coach_hour: Number | None = Field(default=None, ge=0, examples=[62.5])
    currency: Currency = Field(default="", examples=["USD"])
    funding_source: CodeOrNone = Field(default="", examples=["title-ii"])
    session_id: Id | None = Field(
        default=None,
        examples=["session-2027"],
        description="Its cohort's academic session in the roster; null: the school year",
    )
    attention: StateAttention | None = Field(
        default=None,
        examples=[{"no_observation_days": 10, "gap_percent": 60}],
        description="When attention is called to the teachers who are in it; null: as everywhere",
    )

    def says(self, by: str) -> ProgramSays:
        return ProgramSays(
            name=self.name,
            type=self.type,
            purpose=self.purpose,
            focus=self.focus,
            modality=self.modality,
            paired_workshop=self.paired_workshop,
            curriculum_materials=self.curriculum_materials,
            success_criteria=tuple(
                SuccessCriterion(each.criterion_id, each.statement, each.measure_id, each.target)
                for each in self.success_criteria
            ),
            leads=tuple(sorted({*self.lead_ids} or {by})),
            planned_contacts=self.planned_contacts,
            cost_per_coach_hour=self.cost_per_coach_hour,
            currency=self.currency,
            funding_source=self.funding_source,
            cohort=self.session_id or "",
            attention=AttentionSettings(**self.attention.model_dump())
            if self.attention
            else AttentionSettings(),
        )


class _Process(Body):
    template: PartId | None = Field(
        default=None,
        examples=["weekly-steps"],
        description="A shipped template to copy; then no stages are sent",
    )
    stages: list[StateStage] = Field(
        default=[],
        max_length=MOST_STAGES,
        examples=[[]],
        description="Its own process, where no template is named; neither: none yet",
    )

    def own_stages(self) -> tuple[ProgramStage, ...]:
        return tuple(map(stage_of, self.stages))


class DraftProgram(_Says, _Process):
    school_year: SchoolYear | None = Field(default=None, description="This one or the next")


class EditProgram(_Says):
    """All of it, in place of what it says."""


class PlanProgram(_Process):
    """All of it, in place of the process that it has."""


class DeviateProgram(Body):
    step_id: PartId = Field(examples=["check-back"])
    deviation: Lax[DeviationKind] | None = Field(
        default=None, examples=["adapted"], description="Null: as planned again"
    )
    reason: Text = Field(
        examples=["Testing week: nobody can be visited"],
        description="Why; whoever is enrolled in the program reads it, too",
    )


def stage_of(asked: StateStage) -> ProgramStage:
    return ProgramStage(
        id=asked.stage_id,
        title=asked.title,
        lasts=asked.lasts,
        steps=tuple(
            ProgramStep(
                id=each.step_id,
                title=each.title,
                actor=each.actor,
                need=each.need,
                evidence=each.evidence,
                due_within=each.due_within,
                repeats_after=each.repeats_after,
                ends_when=each.ends_when,
                prompts=tuple(each.prompts),
                cards=tuple(GuidanceCard(card.title, card.text) for card in each.cards),
            )
            for each in asked.steps
        ),
    )
