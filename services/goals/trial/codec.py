"""Trials: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.goals.v1 import goal_events_pb2 as evidence
from coaching.goals.v1 import trial_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.goals.comment.domain import standing
from services.goals.evidence.domain import GoalEvidenceKind, counting
from services.goals.trial.domain import Trial, TrialEvent
from services.goals.trial.outline import TrialOutcome, TrialState, TrialSummary, told_to_others

TRIAL_EVENTS = messages_of(published.DESCRIPTOR, "Trial", TrialEvent, Last)
_STATES = numbers_of(TrialState, published.TrialState.DESCRIPTOR)
_EVIDENCE = numbers_of(GoalEvidenceKind, evidence.GoalEvidenceKind.DESCRIPTOR)
_OUTCOMES = numbers_of(TrialOutcome, published.TrialOutcome.DESCRIPTOR)


def trial_snapshot(trial: Trial) -> published.TrialSnapshot:
    """References, days and words of lists: what is said stays here, and that it was declined."""
    return published.TrialSnapshot(
        trial_id=trial.id,
        teacher_id=trial.teacher,
        school_year=trial.school_year,
        state=_STATES[told_to_others(trial.state)],
        goal_id=trial.goal,
        observation_id=trial.observation,
        takeaway_id=trial.takeaway,
        strategy_id=trial.strategy,
        strategy_revision=trial.strategy_revision,
        class_id=trial.class_id,
        planned_by=trial.planned_by,
        planned_at=stamp(trial.planned_at),
        agreed_at=stamp(trial.agreed_at),
        check_back_date=trial.check_back,
        rehearsed_at=stamp(trial.rehearsed_at),
        tried_at=stamp(trial.tried_at),
        reflected_at=stamp(trial.reflected_at),
        closed_at=stamp(trial.closed_at),
        outcome=_OUTCOMES[TrialOutcome(trial.outcome)]
        if trial.outcome
        else published.TRIAL_OUTCOME_UNSPECIFIED,
        comment_count=len(standing(trial.comments)),
        transferred_from_id=trial.transferred_from,
        results=[
            evidence.EvidenceLink(kind=_EVIDENCE[each.kind], evidence_id=each.of)
            for each in counting(trial.results)
        ],
    )


def encode_trial(trial: Trial, event: TrialEvent | Last) -> EncodedEvent:
    if event is Last.ERASED:
        only = published.TrialSnapshot(trial_id=trial.id)
        before = (trial.transferred_from,) if trial.transferred_from else ()
        keys = keys_about(trial.district, trial.teacher, left=before)
        return encoded(TRIAL_EVENTS[event](trial=only), keys, trial.school_year)
    gave = [trial.transferred_from] if event is TrialEvent.TRANSFERRED else []
    keys = keys_about(trial.district, trial.teacher, left=gave)
    return encoded(TRIAL_EVENTS[event](trial=trial_snapshot(trial)), keys, trial.school_year)


def _from_meetings(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 may come from what was taken away from a community meeting."""
    return {"takeaway": "", **state}


def _without_results(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 has links to what came of it."""
    return {"results": [], **state}


TRIALS = AggregateCodec("trial", Trial, encode_trial, [_from_meetings, _without_results])
TRIAL_SUMMARIES = SummaryCodec(TRIALS, TrialSummary)
