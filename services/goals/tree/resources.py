"""Answers about decision trees, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.goals.tree.domain import Tree, TreeSummary
from services.goals.tree.outline import TreeOutline, TreeState
from services.goals.tree.steps import TreeStep


class TreeAnswerResource(Resource):
    answer_id: str
    text: str
    leads_to: str
    again: bool


class TreeStepResource(Resource):
    """One without answers is an end: there a goal is drafted."""

    step_id: str
    title: str
    question: str
    answers: list[TreeAnswerResource]
    measure_ids: list[str]
    tool_ids: list[str]
    strategy_ids: list[str]


class TreeSummaryResource(Acted):
    """A decision tree without its steps."""

    tree_id: str
    state: TreeState
    title: str
    about: str
    number: int
    follows: str | None
    drafted_by: str
    drafted_by_name: str | None = name_of("drafted_by")
    drafted_at: datetime
    published_at: datetime | None
    closed_at: datetime | None
    version: int


class TreeResource(TreeSummaryResource):
    steps: list[TreeStepResource]


class TreePage(PageResource):
    trees: list[TreeSummaryResource]


R = TypeVar("R", bound=TreeSummaryResource)


def tree_summary(tree: Tree | TreeSummary) -> TreeSummaryResource:
    return _told(TreeSummaryResource, tree)


def tree_resource(tree: Tree) -> TreeResource:
    """One decision tree, with its steps."""
    return _told(TreeResource, tree, steps=[step_resource(each) for each in tree.steps])


def step_resource(step: TreeStep) -> TreeStepResource:
    return TreeStepResource(
        step_id=step.id,
        title=step.title,
        question=step.question,
        answers=[
            TreeAnswerResource(
                answer_id=each.id, text=each.text, leads_to=each.leads_to, again=each.again
            )
            for each in step.answers
        ],
        measure_ids=list(step.measures),
        tool_ids=list(step.tools),
        strategy_ids=list(step.strategies),
    )


def _told(shown: type[R], tree: TreeOutline, **more: Any) -> R:
    return shown(
        tree_id=tree.id,
        state=tree.state,
        title=tree.title,
        about=tree.about,
        number=tree.number,
        follows=tree.follows or None,
        drafted_by=tree.drafted_by,
        drafted_at=tree.drafted_at,
        published_at=tree.published_at,
        closed_at=tree.closed_at,
        version=tree.version,
        **more,
    )
