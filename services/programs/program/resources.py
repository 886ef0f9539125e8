"""Answers about programs and process templates, over REST and gRPC."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.programs.program.domain import Program, ProgramSummary
from services.programs.program.outline import (
    ProgramFocus,
    ProgramModality,
    ProgramOutline,
    ProgramPurpose,
    ProgramState,
    ProgramType,
    SizeBand,
)
from services.programs.program.process import (
    Deviation,
    DeviationKind,
    EvidenceKind,
    ProgramProcess,
    StepActor,
    StepNeed,
)
from services.programs.program.shipped import ProcessTemplate


class CriterionOfSuccess(Resource):
    criterion_id: str
    statement: str
    measure_id: str
    target: float | None


class ProgramLead(Resource):
    lead_id: str
    lead_name: str | None = name_of("lead_id")


class GuidanceCardResource(Resource):
    title: str
    text: str


class ProcessStepResource(Resource):
    step_id: str
    title: str
    actor: StepActor
    need: StepNeed
    evidence: EvidenceKind
    due_within: int
    repeats_after: int
    ends_when: str
    prompts: list[str]
    cards: list[GuidanceCardResource]


class ProcessStageResource(Resource):
    stage_id: str
    title: str
    lasts: int
    steps: list[ProcessStepResource]


class ProcessDeviationResource(Resource):
    step_id: str
    deviation: DeviationKind
    reason: str
    deviated_at: datetime


class DeviationResource(ProcessDeviationResource):
    deviated_by: str
    deviated_by_name: str | None = name_of("deviated_by")


class AttentionSettingsResource(Resource):
    """When attention is called to the teachers who are in a program; null: as it is everywhere."""

    no_observation_days: int | None
    feedback_days: int | None
    stalled_days: int | None
    no_baseline_days: int | None
    celebrated_days: int | None
    step_open_days: int | None
    gap_percent: int | None
    overload_percent: int | None
    imbalance_visits: int | None
    imbalance_ratio: int | None


class ProgramSummaryResource(Acted):
    """A program without its process. `template`: of which shipped one its process is a copy, in
    which version; empty: it was written for the program."""

    program_id: str
    name: str
    type: ProgramType
    purpose: ProgramPurpose
    focus: ProgramFocus
    modality: ProgramModality
    paired_workshop: bool
    curriculum_materials: bool
    success_criteria: list[CriterionOfSuccess]
    leads: list[ProgramLead]
    planned_contacts: int | None
    cost_per_coach_hour: float | None
    currency: str
    funding_source: str
    session_id: str
    school_year: int
    state: ProgramState
    template: str
    template_version: int
    revision: int
    drafted_at: datetime
    opened_at: datetime | None
    begun_at: datetime | None
    closed_at: datetime | None
    size_band: SizeBand
    attention: AttentionSettingsResource
    version: int


class ProgramResource(ProgramSummaryResource):
    """A program with its process and where it deviates. `template`: of which shipped one its
    process is a copy, in which version; empty: it was written for the program."""

    stages: list[ProcessStageResource]
    deviations: list[DeviationResource]


class ProgramPage(PageResource):
    programs: list[ProgramSummaryResource]


class ProgramProcessResource(Resource):
    """By which process a program goes, and where it deviates, without who said so and its costs."""

    program_id: str
    name: str
    school_year: int
    state: ProgramState
    template: str
    template_version: int
    revision: int
    stages: list[ProcessStageResource]
    deviations: list[ProcessDeviationResource]


class ProcessTemplateSummary(Resource):
    """A process template without its stages."""

    process_template_id: str
    title: str
    about: str
    step_count: int
    template_version: int


class ProcessTemplateResource(Resource):
    """A process template that ships."""

    process_template_id: str
    title: str
    about: str
    stages: list[ProcessStageResource]
    template_version: int


class ProcessTemplatePage(PageResource):
    process_templates: list[ProcessTemplateSummary]


def program_summary(program: ProgramSummary) -> ProgramSummaryResource:
    return ProgramSummaryResource(**_told(program))


def program_resource(program: Program) -> ProgramResource:
    """One program with its process and where it deviates."""
    return ProgramResource(
        **_told(program),
        stages=_stages(program.process),
        deviations=[
            DeviationResource(**_deviates(each), deviated_by=each.by) for each in program.deviations
        ],
    )


def program_process_resource(program: Program) -> ProgramProcessResource:
    return ProgramProcessResource(
        program_id=program.id,
        name=program.says.name,
        school_year=program.school_year,
        state=program.state,
        template=program.template,
        template_version=program.template_version,
        revision=program.revision,
        stages=_stages(program.process),
        deviations=[ProcessDeviationResource(**_deviates(each)) for each in program.deviations],
    )


def _deviates(of: Deviation) -> dict[str, Any]:
    return {"step_id": of.step, "deviation": of.kind, "reason": of.reason, "deviated_at": of.at}


def process_template_summary(template: ProcessTemplate) -> ProcessTemplateSummary:
    return ProcessTemplateSummary(
        process_template_id=template.id,
        title=template.title,
        about=template.about,
        step_count=sum(1 for _ in template.process.steps()),
        template_version=template.version,
    )


def process_template_resource(template: ProcessTemplate) -> ProcessTemplateResource:
    return ProcessTemplateResource(
        process_template_id=template.id,
        title=template.title,
        about=template.about,
        stages=_stages(template.process),
        template_version=template.version,
    )


def _told(program: ProgramOutline) -> dict[str, Any]:
    says = program.says
    return {
        "program_id": program.id,
        "name": says.name,
        "type": says.type,
        "purpose": says.purpose,
        "focus": says.focus,
        "modality": says.modality,
        "paired_workshop": says.paired_workshop,
        "curriculum_materials": says.curriculum_materials,
        "success_criteria": [
            CriterionOfSuccess(
                criterion_id=each.id,
                statement=each.statement,
                measure_id=each.measure,
                target=each.target,
            )
            for each in says.success_criteria
        ],
        "leads": [ProgramLead(lead_id=each) for each in says.leads],
        "planned_contacts": says.planned_contacts,
        "cost_per_coach_hour": says.cost_per_coach_hour,
        "currency": says.currency,
        "funding_source": says.funding_source,
        "session_id": says.cohort,
        "school_year": program.school_year,
        "state": program.state,
        "template": program.template,
        "template_version": program.template_version,
        "revision": program.revision,
        "drafted_at": program.drafted_at,
        "opened_at": program.opened_at,
        "begun_at": program.begun_at,
        "closed_at": program.closed_at,
        "size_band": program.size_band,
        "attention": AttentionSettingsResource(**asdict(says.attention)),
        "version": program.version,
    }


def _stages(process: ProgramProcess) -> list[ProcessStageResource]:
    return [
        ProcessStageResource(
            stage_id=stage.id,
            title=stage.title,
            lasts=stage.lasts,
            steps=[
                ProcessStepResource(
                    step_id=step.id,
                    title=step.title,
                    actor=step.actor,
                    need=step.need,
                    evidence=step.evidence,
                    due_within=step.due_within,
                    repeats_after=step.repeats_after,
                    ends_when=step.ends_when,
                    prompts=list(step.prompts),
                    cards=[
                        GuidanceCardResource(title=each.title, text=each.text)
                        for each in step.cards
                    ],
                )
                for step in stage.steps
            ],
        )
        for stage in process.stages
    ]
