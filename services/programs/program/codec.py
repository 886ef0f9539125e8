"""Programs: between the domain, the stored state and the published events."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from coaching.programs.v1 import program_events_pb2 as published
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.program.domain import Program, ProgramEvent, ProgramSummary
from services.programs.program.outline import (
    AttentionSettings,
    ProgramFocus,
    ProgramModality,
    ProgramPurpose,
    ProgramState,
    ProgramType,
    SizeBand,
)
from services.programs.program.process import DeviationKind, EvidenceKind, StepActor, StepNeed

PROGRAM_EVENTS = messages_of(published.DESCRIPTOR, "Program", ProgramEvent)
_STATES = numbers_of(ProgramState, published.ProgramState.DESCRIPTOR)
_TYPES = numbers_of(ProgramType, published.ProgramType.DESCRIPTOR)
_PURPOSES = numbers_of(ProgramPurpose, published.ProgramPurpose.DESCRIPTOR)
_FOCUSES = numbers_of(ProgramFocus, published.ProgramFocus.DESCRIPTOR)
_MODALITIES = numbers_of(ProgramModality, published.ProgramModality.DESCRIPTOR)
_SIZES = numbers_of(SizeBand, published.SizeBand.DESCRIPTOR)
_ACTORS = numbers_of(StepActor, published.StepActor.DESCRIPTOR)
_NEEDS = numbers_of(StepNeed, published.StepNeed.DESCRIPTOR)
_EVIDENCE = numbers_of(EvidenceKind, published.EvidenceKind.DESCRIPTOR)
_DEVIATIONS = numbers_of(DeviationKind, published.DeviationKind.DESCRIPTOR)


def program_snapshot(program: Program) -> published.ProgramSnapshot:
    """References, choices and figures: its name and what is said in words stay here."""
    says, process = program.says, program.process
    return published.ProgramSnapshot(
        program_id=program.id,
        state=_STATES[program.state],
        school_year=program.school_year,
        session_id=says.cohort,
        type=_TYPES[says.type],
        purpose=_PURPOSES[says.purpose],
        focus=_FOCUSES[says.focus],
        modality=_MODALITIES[says.modality],
        paired_workshop=says.paired_workshop,
        curriculum_materials=says.curriculum_materials,
        success_criteria=[
            published.SuccessCriterion(
                criterion_id=each.id, measure_id=each.measure, target=each.target
            )
            for each in says.success_criteria
        ],
        lead_ids=says.leads,
        planned_contacts=says.planned_contacts,
        cost_per_coach_hour=says.cost_per_coach_hour,
        currency=says.currency,
        funding_source=says.funding_source,
        template=process.template,
        template_version=process.template_version,
        revision=program.revision,
        steps=[
            published.ProgramStep(
                stage_id=stage.id,
                step_id=step.id,
                actor=_ACTORS[step.actor],
                need=_NEEDS[step.need],
                evidence=_EVIDENCE[step.evidence],
                due_within=step.due_within,
                repeats_after=step.repeats_after,
                stage_lasts=stage.lasts,
            )
            for stage, step in process.steps()
        ],
        deviations=[
            published.ProgramDeviation(step_id=each.step, deviation=_DEVIATIONS[each.kind])
            for each in program.deviations
        ],
        drafted_at=stamp(program.drafted_at),
        opened_at=stamp(program.opened_at),
        begun_at=stamp(program.begun_at),
        closed_at=stamp(program.closed_at),
        size_band=_SIZES[program.size_band],
        attention=published.AttentionSettings(**asdict(says.attention)),
    )


def encode_program(program: Program, event: ProgramEvent) -> EncodedEvent:
    message = PROGRAM_EVENTS[event](program=program_snapshot(program))
    return encoded(message, (f"{program.district}:{program.id}",), program.school_year)


def _of_few(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2: of how many teachers it is, of whom none could be enrolled before."""
    return {**state, "size_band": SizeBand.UNDER_100.value}


def _as_everywhere(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3: when it wants attention to be called to its teachers, of which none had said
    anything."""
    return {**state, "says": {**state["says"], "attention": asdict(AttentionSettings())}}


def _balanced_as_everywhere(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 4: when a pair is imbalanced, of which none had said anything."""
    attention = {"imbalance_visits": None, "imbalance_ratio": None, **state["says"]["attention"]}
    return {**state, "says": {**state["says"], "attention": attention}}


PROGRAMS = AggregateCodec(
    "program", Program, encode_program, [_of_few, _as_everywhere, _balanced_as_everywhere]
)
PROGRAM_SUMMARIES = SummaryCodec(PROGRAMS, ProgramSummary)
