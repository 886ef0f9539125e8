"""Decision trees: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.goals.v1 import tree_events_pb2 as published
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, SummaryCodec, encoded, stamp
from services.chassis.write.write_path import EncodedEvent
from services.goals.tree.domain import Tree, TreeEvent, TreeSummary
from services.goals.tree.outline import TreeState

TREE_EVENTS = messages_of(published.DESCRIPTOR, "Tree", TreeEvent)
_STATES = numbers_of(TreeState, published.TreeState.DESCRIPTOR)


def tree_snapshot(tree: Tree) -> published.TreeSnapshot:
    """References only: titles, questions and answers stay here."""
    return published.TreeSnapshot(
        tree_id=tree.id,
        state=_STATES[tree.state],
        number=tree.number,
        follows=tree.follows,
        steps=[
            published.TreeStep(
                step_id=step.id,
                answers=[
                    published.TreeAnswer(
                        answer_id=answer.id, leads_to=answer.leads_to, again=answer.again
                    )
                    for answer in step.answers
                ],
                measure_ids=step.measures,
                tool_ids=step.tools,
                strategy_ids=step.strategies,
            )
            for step in tree.steps
        ],
        drafted_at=stamp(tree.drafted_at),
        published_at=stamp(tree.published_at),
        closed_at=stamp(tree.closed_at),
    )


def encode_tree(tree: Tree, event: TreeEvent) -> EncodedEvent:
    message = TREE_EVENTS[event](tree=tree_snapshot(tree))
    return encoded(message, (f"{tree.district}:tree-{tree.id}",))


def _transferred_from_nobody(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says who had drafted it before two records of one person became one."""
    return {**state, "transferred_from": ""}


TREES = AggregateCodec("tree", Tree, encode_tree, [_transferred_from_nobody])
TREE_SUMMARIES = SummaryCodec(TREES, TreeSummary)
