"""Answers about trials, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from services.chassis.call import Call
from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of, refers_to
from services.chassis.fields import Before, PageResource, Resource, Written
from services.goals.comment.domain import Comment
from services.goals.evidence.domain import Evidence, GoalEvidenceKind
from services.goals.trial.cases import Ports, state_told
from services.goals.trial.domain import Trial
from services.goals.trial.outline import TrialOutcome, TrialOutline, TrialState, TrialSummary


class TrialCommentResource(Resource):
    comment_number: int
    text: Written
    commented_by: str
    commented_by_name: str | None = name_of("commented_by")
    commented_at: datetime
    voided_at: datetime | None


class TrialSummaryResource(Acted):
    """A trial without what people said of it. That it was declined the teacher and who planned it
    are told: to everybody else it was `withdrawn`."""

    trial_id: str
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    school_year: int
    state: TrialState
    goal_id: str | None = refers_to("goal", "teacher_id")
    observation_id: str | None = refers_to("observation", "teacher_id")
    takeaway_id: str | None = refers_to("takeaway", "teacher_id")
    strategy_id: str | None
    strategy_title: Written
    strategy_revision: int
    words: Written
    class_id: str | None
    class_title: str | None = name_of("class_id", "class", "teacher_id")
    planned_by: str
    planned_by_name: str | None = name_of("planned_by")
    planned_at: datetime
    agreed_at: datetime | None
    check_back_in: int
    check_back_date: str | None
    rehearsed_at: datetime | None
    tried_at: datetime | None
    reflected_at: datetime | None
    reflection_shown: bool
    closed_at: datetime | None
    outcome: TrialOutcome | None
    version: int


class TrialResultResource(Resource):
    """What speaks of what was tried and is another service's: one of three kinds, by its id there
    for those who are shown such a thing. A link that was voided no longer counts."""

    result_number: int
    teacher_id: str
    kind: GoalEvidenceKind
    administration_id: str | None = refers_to("administration", "teacher_id")
    student_work_id: str | None = refers_to("observation", "teacher_id")
    observation_id: str | None = refers_to("observation", "teacher_id")
    linked_at: datetime
    voided_at: datetime | None


class TrialResource(TrialSummaryResource):
    """With what came of it and what people said of it; the teacher's reflection is an answer of
    its own."""

    results: list[TrialResultResource]
    comments: list[TrialCommentResource]


class TrialPage(PageResource):
    trials: list[TrialSummaryResource]


class ReflectionResource(Resource):
    """What the teacher thinks of what she has tried; null before she has said so."""

    trial_id: str
    text: Written
    shown: bool
    reflected_at: datetime | None


class EarlierReflectionResource(Resource):
    text: Written
    reflected_at: datetime


class EarlierReflectionsResource(Resource):
    """What she wrote before she wrote it anew, oldest first."""

    trial_id: str
    reflections: Before[EarlierReflectionResource]


R = TypeVar("R", bound=TrialSummaryResource)


def trial_summary(trial: TrialSummary) -> TrialSummaryResource:
    """As `list_trials` has found it, in the state that its reader is told."""
    return _told(TrialSummaryResource, trial, trial.state)


async def trial_resource(ports: Ports, call: Call, trial: Trial) -> TrialResource:
    """One trial of a strategy, with what came of it and the comments on it."""
    comments = [_comment(*each) for each in enumerate(trial.comments, 1)]
    state = await state_told(ports, call, trial)
    results = [_result(trial, *each) for each in enumerate(trial.results, 1)]
    return _told(TrialResource, trial, state, comments=comments, results=results)


def reflection_resource(trial: Trial) -> ReflectionResource:
    """What the teacher thinks of what she has tried."""
    return ReflectionResource(
        trial_id=trial.id,
        text=trial.reflection,
        shown=trial.reflection_shown,
        reflected_at=trial.reflected_at,
    )


def earlier_reflections_resource(trial: Trial) -> EarlierReflectionsResource:
    """What the teacher wrote before she wrote it anew."""
    return EarlierReflectionsResource(
        trial_id=trial.id,
        reflections=[
            EarlierReflectionResource(text=each.text, reflected_at=each.at)
            for each in trial.earlier_reflections
        ],
    )


def _result(trial: Trial, number: int, result: Evidence) -> TrialResultResource:
    def of(kind: GoalEvidenceKind) -> str | None:
        return result.of if result.kind is kind else None

    return TrialResultResource(
        result_number=number,
        teacher_id=trial.teacher,
        kind=result.kind,
        administration_id=of(GoalEvidenceKind.SURVEY),
        student_work_id=of(GoalEvidenceKind.STUDENT_WORK),
        observation_id=of(GoalEvidenceKind.OBSERVATION),
        linked_at=result.at,
        voided_at=result.voided_at,
    )


def _comment(number: int, comment: Comment) -> TrialCommentResource:
    return TrialCommentResource(
        comment_number=number,
        text=comment.text,
        commented_by=comment.by,
        commented_at=comment.at,
        voided_at=comment.voided_at,
    )


def _told(shown: type[R], trial: TrialOutline, state: TrialState, **more: Any) -> R:
    return shown(
        trial_id=trial.id,
        teacher_id=trial.teacher,
        school_year=trial.school_year,
        state=state,
        goal_id=trial.goal or None,
        observation_id=trial.observation or None,
        takeaway_id=trial.takeaway or None,
        strategy_id=trial.strategy or None,
        strategy_title=trial.strategy_title,
        strategy_revision=trial.strategy_revision,
        words=trial.words,
        class_id=trial.class_id or None,
        planned_by=trial.planned_by,
        planned_at=trial.planned_at,
        agreed_at=trial.agreed_at,
        check_back_in=trial.check_back_in,
        check_back_date=trial.check_back or None,
        rehearsed_at=trial.rehearsed_at,
        tried_at=trial.tried_at,
        reflected_at=trial.reflected_at,
        reflection_shown=trial.reflection_shown,
        closed_at=trial.closed_at,
        outcome=TrialOutcome(trial.outcome) if trial.outcome else None,
        version=trial.version,
        **more,
    )
