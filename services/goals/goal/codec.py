"""Goals: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.goals.v1 import goal_events_pb2 as published
from services.access.erasures import receipts
from services.access.retention_report import reports_of
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.entries import EntryCodec
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.goals.comment.domain import standing
from services.goals.evidence.domain import GoalEvidenceKind
from services.goals.goal.domain import Goal, GoalEvent
from services.goals.goal.outline import GoalState, GoalSummary, Progress, Revision
from services.goals.goal.progress import ProgressEvent
from services.goals.measure.domain import Direction

EVENTS = messages_of(published.DESCRIPTOR, "Goal", GoalEvent, ProgressEvent, Last)
_GOAL_STATES = numbers_of(GoalState, published.GoalState.DESCRIPTOR)
_DIRECTIONS = numbers_of(Direction, published.Direction.DESCRIPTOR)
_EVIDENCE = numbers_of(GoalEvidenceKind, published.GoalEvidenceKind.DESCRIPTOR)


def goal_snapshot(goal: Goal) -> published.GoalSnapshot:
    """References and numbers only: the statement and the notes stay here."""
    values, evidence = goal.counting, goal.evidence_counting
    newest, said = values[-1] if values else None, standing(goal.comments)
    return published.GoalSnapshot(
        goal_id=goal.id,
        teacher_id=goal.teacher,
        school_year=goal.school_year,
        state=_GOAL_STATES[goal.state],
        revision=goal.revision,
        class_id=goal.class_id,
        focus_skill=goal.focus_skill,
        measure_id=goal.measure,
        unit=goal.unit,
        direction=_DIRECTIONS[goal.direction],
        baseline=goal.baseline,
        target=goal.target,
        due_date=goal.due,
        current=newest.value if newest else None,
        previous=values[-2].value if len(values) > 1 else None,
        progress_count=goal.settled_counting + len(values),
        last_progress_at=stamp(newest.at) if newest else None,
        drafted_at=stamp(goal.drafted_at),
        activated_at=stamp(goal.activated_at),
        closed_at=stamp(goal.closed_at),
        transferred_from_id=goal.transferred_from,
        aims_at=goal.aims_at,
        outcome_stage=goal.outcome_stage,
        priority_tags=goal.priority_tags,
        evidence_count=len(evidence),
        maintained_at=stamp(goal.maintained_at),
        standards=[
            published.AlignedStandard(
                framework_id=each.framework, standard_id=each.id, code=each.code
            )
            for each in goal.standards
        ],
        last_evidence_at=stamp(evidence[-1].at) if evidence else None,
        comment_count=len(said),
        revised_by=[
            published.EvidenceLink(kind=_EVIDENCE[each.kind], evidence_id=each.of)
            for each in goal.revised_by
        ],
        last_comment_at=stamp(said[-1].at) if said else None,
    )


def encode_goal(goal: Goal, event: GoalEvent | ProgressEvent | Last) -> EncodedEvent:
    if event is Last.ERASED:
        only = published.GoalSnapshot(goal_id=goal.id)
        before = (goal.transferred_from,) if goal.transferred_from else ()
        keys = keys_about(goal.district, goal.teacher, left=before)
        return encoded(EVENTS[event](goal=only), keys, goal.school_year)
    message = EVENTS[event](goal=goal_snapshot(goal))
    gave = [goal.transferred_from] if event is GoalEvent.TRANSFERRED else []
    keys = keys_about(goal.district, goal.teacher, left=gave)
    left = goal.take_left()
    entries = (*PROGRESS.entries(left), *REVISIONS.entries(left))
    return encoded(message, keys, goal.school_year, entries)


def none_settled(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says how many progress values have left the goal."""
    return {"settled": 0, "settled_counting": 0, **state}


def _transferred_from_nobody(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 says whose it was before two records of one person became one."""
    return {**state, "transferred_from": ""}


def _nothing_more_said(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 4 says whom it aims at, of which stage it is, which priorities it serves, what speaks
    of it and what its owner thinks of it."""
    said = {"aims_at": "", "outcome_stage": "", "priority_tags": [], "evidence": [], "ratings": []}
    return {**said, **state}


def _not_maintained(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 5 says when it was found that what was achieved has lasted, has states for that and
    for what was not met, and says for which standards it is."""
    return {"maintained_at": None, "standards": [], **state}


def _of_no_evidence(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 of a revision says from which evidence it comes."""
    return {"evidence": [], **state}


def _not_commented(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 6 has what was said of it, and revisions that say from which evidence they come."""
    earlier = [_of_no_evidence(each) for each in state["earlier"]]
    return {"comments": [], **state, "earlier": earlier}


PROGRESS = EntryCodec("goal_progress", "goal", Progress)
REVISIONS = EntryCodec("goal_revision", "goal", Revision, [_of_no_evidence])
GOALS = AggregateCodec(
    "goal",
    Goal,
    encode_goal,
    [
        none_settled,
        _transferred_from_nobody,
        _nothing_more_said,
        _not_maintained,
        _not_commented,
    ],
)
GOAL_SUMMARIES = SummaryCodec(GOALS, GoalSummary)
RECEIPTS = receipts(published.ErasureCarriedOut)
REPORTS = reports_of(published.RetentionReported)
