"""Answers about goals, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of, refers_to
from services.chassis.fields import Before, PageResource, Resource, Written
from services.chassis.write.entries import Numbered
from services.goals.evidence.domain import Evidence, GoalEvidenceKind
from services.goals.goal.domain import Goal
from services.goals.goal.lists import Revised
from services.goals.goal.outline import GoalAim, GoalState, GoalSummary, OutcomeStage, Progress
from services.goals.measure.domain import Direction


class CorrectionResource(Resource):
    """What a progress value was before it was corrected."""

    value: float
    note: Written
    reason: Written
    corrected_by: str
    corrected_by_name: str | None = name_of("corrected_by")
    corrected_at: datetime


class ProgressResource(Resource):
    """`progress_number` counts from 1. One that was voided no longer counts."""

    progress_number: int
    value: float
    recorded_at: datetime
    recorded_by: str
    recorded_by_name: str | None = name_of("recorded_by")
    note: Written
    earlier: Before[CorrectionResource]
    voided_at: datetime | None
    voided_by: str | None
    voided_by_name: str | None = name_of("voided_by")


class EvidenceResource(Resource):
    """What speaks of the goal and is another service's: one of three kinds, by its id there for
    those who are shown such a thing. A link that was voided no longer counts."""

    evidence_number: int
    teacher_id: str
    kind: GoalEvidenceKind
    administration_id: str | None = refers_to("administration", "teacher_id")
    student_work_id: str | None = refers_to("observation", "teacher_id")
    observation_id: str | None = refers_to("observation", "teacher_id")
    linked_by: str
    linked_by_name: str | None = name_of("linked_by")
    linked_at: datetime
    voided_at: datetime | None
    voided_by: str | None
    voided_by_name: str | None = name_of("voided_by")


class RevisionResource(Resource):
    revision: int
    statement: Written
    target: float
    due_date: str | None
    baseline: float | None
    reason: Written
    revised_at: datetime
    evidence: list[EvidenceResource]


class AlignedStandardResource(Resource):
    """One of a framework of the district's, with what it said when it was chosen."""

    framework_id: str
    standard_id: str
    code: str
    text: str


class GoalSummaryResource(Acted):
    """A goal without the texts noted on the way. Values are in `unit`; `current` is the newest
    that was not voided, `previous` the one before, and `progress_count` how many there are."""

    goal_id: str
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    school_year: int
    state: GoalState
    revision: int
    statement: Written
    focus_skill: str
    measure_id: str
    measure_title: str | None = name_of("measure_id", "measure")
    unit: str
    direction: Direction
    baseline: float | None
    target: float
    due_date: str | None
    class_id: str | None
    class_title: str | None = name_of("class_id", "class", "teacher_id")
    current: float | None
    previous: float | None
    progress_count: int
    last_progress_at: datetime | None
    drafted_at: datetime
    drafted_by: str | None
    drafted_by_name: str | None = name_of("drafted_by")
    activated_at: datetime | None
    closed_at: datetime | None
    maintained_at: datetime | None
    aims_at: GoalAim | None
    outcome_stage: OutcomeStage | None
    priority_tags: list[str]
    evidence_count: int
    version: int


class GoalResource(GoalSummaryResource):
    """With its newest progress values, 20 at least where there are as many, and what it said
    before its newest revisions, 5 at least. All are listed below the goal."""

    progress: list[ProgressResource]
    earlier_revisions: Before[RevisionResource]
    evidence: list[EvidenceResource]
    standards: list[AlignedStandardResource]


R = TypeVar("R", bound=GoalSummaryResource)


class GoalPage(PageResource):
    goals: list[GoalSummaryResource]


class ProgressPage(PageResource):
    progress: list[ProgressResource]


class RevisionPage(PageResource):
    revisions: list[RevisionResource]


def goal_summary(goal: Goal | GoalSummary) -> GoalSummaryResource:
    return _told(GoalSummaryResource, goal)


def goal_resource(goal: Goal) -> GoalResource:
    """One goal with its newest progress and revisions."""
    return _told(
        GoalResource,
        goal,
        progress=[
            progress_resource(Numbered(number, each))
            for number, each in enumerate(goal.progress, goal.settled + 1)
        ],
        earlier_revisions=[revision_resource(Revised(goal, each)) for each in goal.earlier],
        evidence=[_evidence(goal, *each) for each in enumerate(goal.evidence, 1)],
        standards=[
            AlignedStandardResource(
                framework_id=each.framework, standard_id=each.id, code=each.code, text=each.text
            )
            for each in goal.standards
        ],
    )


def _evidence(goal: Goal, number: int, evidence: Evidence) -> EvidenceResource:
    def of(kind: GoalEvidenceKind) -> str | None:
        return evidence.of if evidence.kind is kind else None

    return EvidenceResource(
        evidence_number=number,
        teacher_id=goal.teacher,
        kind=evidence.kind,
        administration_id=of(GoalEvidenceKind.SURVEY),
        student_work_id=of(GoalEvidenceKind.STUDENT_WORK),
        observation_id=of(GoalEvidenceKind.OBSERVATION),
        linked_by=evidence.by,
        linked_at=evidence.at,
        voided_at=evidence.voided_at,
        voided_by=evidence.voided_by or None,
    )


def _told(shown: type[R], goal: Goal | GoalSummary, **more: Any) -> R:
    counting = goal.counting
    return shown(
        goal_id=goal.id,
        teacher_id=goal.teacher,
        school_year=goal.school_year,
        state=goal.state,
        revision=goal.revision,
        statement=goal.statement,
        focus_skill=goal.focus_skill,
        measure_id=goal.measure,
        unit=goal.unit,
        direction=goal.direction,
        baseline=goal.baseline,
        target=goal.target,
        due_date=goal.due or None,
        class_id=goal.class_id or None,
        current=counting[-1].value if counting else None,
        previous=counting[-2].value if len(counting) > 1 else None,
        progress_count=goal.settled_counting + len(counting),
        last_progress_at=counting[-1].at if counting else None,
        drafted_at=goal.drafted_at,
        drafted_by=goal.drafted_by or None,
        activated_at=goal.activated_at,
        closed_at=goal.closed_at,
        maintained_at=goal.maintained_at,
        aims_at=GoalAim(goal.aims_at) if goal.aims_at else None,
        outcome_stage=OutcomeStage(goal.outcome_stage) if goal.outcome_stage else None,
        priority_tags=list(goal.priority_tags),
        evidence_count=len(goal.evidence_counting),
        version=goal.version,
        **more,
    )


def revision_resource(revised: Revised) -> RevisionResource:
    goal, said = revised.goal, revised.said
    return RevisionResource(
        revision=said.number,
        statement=said.statement,
        target=said.target,
        due_date=said.due or None,
        baseline=said.baseline,
        reason=said.reason,
        revised_at=said.at,
        evidence=[_evidence(goal, each, goal.evidence[each - 1]) for each in said.evidence],
    )


def progress_resource(numbered: Numbered[Progress]) -> ProgressResource:
    progress = numbered.part
    return ProgressResource(
        progress_number=numbered.number,
        value=progress.value,
        recorded_at=progress.at,
        recorded_by=progress.by,
        note=progress.note,
        earlier=[
            CorrectionResource(
                value=each.value,
                note=each.note,
                reason=each.reason,
                corrected_by=each.by,
                corrected_at=each.at,
            )
            for each in progress.earlier
        ],
        voided_at=progress.voided_at,
        voided_by=progress.voided_by or None,
    )
