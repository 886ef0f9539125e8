"""Answers about walks, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of, refers_to
from services.chassis.fields import Before, PageResource, Resource, Written
from services.chassis.kernel import if_there
from services.goals.walk.cases import Ports
from services.goals.walk.domain import Walk
from services.goals.walk.outline import (
    OfferKind,
    WalkAnswer,
    WalkOutline,
    WalkState,
    WalkSummary,
)


class WalkAnswerResource(Resource):
    step_id: str
    answer_id: str
    reason: Written
    answered_by: str
    answered_by_name: str | None = name_of("answered_by")
    answered_at: datetime


class WalkChoiceResource(Resource):
    step_id: str
    kind: OfferKind
    offered_id: str
    reason: Written
    chosen_by: str
    chosen_by_name: str | None = name_of("chosen_by")
    chosen_at: datetime


class WalkSummaryResource(Acted):
    """A walk without its answers."""

    walk_id: str
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    school_year: int
    state: WalkState
    tree_id: str
    at_step_id: str
    goal_id: str | None = refers_to("goal", "teacher_id")
    started_by: str
    started_by_name: str | None = name_of("started_by")
    started_at: datetime
    ended_at: datetime | None
    version: int


class WalkResource(WalkSummaryResource):
    """With the question where it stands and what is offered there, which the tree says."""

    question: str
    measure_ids: list[str]
    tool_ids: list[str]
    strategy_ids: list[str]
    answers: list[WalkAnswerResource]
    choices: list[WalkChoiceResource]
    answers_taken_back: Before[WalkAnswerResource]


class WalkPage(PageResource):
    walks: list[WalkSummaryResource]


R = TypeVar("R", bound=WalkSummaryResource)


def walk_summary(walk: Walk | WalkSummary) -> WalkSummaryResource:
    return _told(WalkSummaryResource, walk)


async def walk_resource(ports: Ports, walk: Walk) -> WalkResource:
    """One walk through a decision tree: how it came to where it stands, what is offered there."""
    tree = await if_there(ports.trees.get(walk.district, walk.tree))
    step = tree.step(walk.at_step) if tree is not None else None
    return _told(
        WalkResource,
        walk,
        question=step.question if step else "",
        measure_ids=list(step.measures) if step else [],
        tool_ids=list(step.tools) if step else [],
        strategy_ids=list(step.strategies) if step else [],
        answers=list(map(_answer, walk.answers)),
        choices=[
            WalkChoiceResource(
                step_id=each.step,
                kind=each.kind,
                offered_id=each.offered,
                reason=each.reason,
                chosen_by=each.by,
                chosen_at=each.at,
            )
            for each in walk.choices
        ],
        answers_taken_back=list(map(_answer, walk.taken_back)),
    )


def _answer(answer: WalkAnswer) -> WalkAnswerResource:
    return WalkAnswerResource(
        step_id=answer.step,
        answer_id=answer.answer,
        reason=answer.reason,
        answered_by=answer.by,
        answered_at=answer.at,
    )


def _told(shown: type[R], walk: WalkOutline, **more: Any) -> R:
    return shown(
        walk_id=walk.id,
        teacher_id=walk.teacher,
        school_year=walk.school_year,
        state=walk.state,
        tree_id=walk.tree,
        at_step_id=walk.at_step,
        goal_id=walk.goal or None,
        started_by=walk.started_by,
        started_at=walk.started_at,
        ended_at=walk.ended_at,
        version=walk.version,
        **more,
    )
