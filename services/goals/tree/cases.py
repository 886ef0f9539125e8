"""What callers do with decision trees."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.access.access import Access
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded, GuardedList
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Id
from services.chassis.kernel import Clock, Fault, if_there, invalid
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.goals.measure.domain import MOST_MEASURES, Measure
from services.goals.strategy.domain import Strategy, unknown_strategy
from services.goals.tree.bodies import DraftTree, EditTree
from services.goals.tree.domain import Tree, TreeSummary
from services.goals.tree.outline import (
    MOST_OWN_TREES,
    MOST_TREE_DRAFTS,
    MOST_TREES,
    TreeOutline,
    TreeState,
)

BY_DATE = ByDate("drafted_at", within=("state",))
_WITHDRAWN = {"state": TreeState.WITHDRAWN.value}


@dataclass(frozen=True, slots=True)
class Ports:
    """`measures` and `strategies` are read for what a tree names, `path` for what it follows;
    `path` and `view` are for what no caller asks for."""

    trees: Guarded[Tree]
    summaries: GuardedList[TreeSummary]
    path: WritePath[Tree]
    measures: WritePath[Measure]
    strategies: WritePath[Strategy]
    names: Names
    access: Access
    view: ReadsAnew
    clock: Clock


async def draft_tree(ports: Ports, call: Call, asked: DraftTree) -> Tree:
    """Draft a decision tree, or one that is to follow another. It may be unfinished.

    Raises INVALID for one that it cannot follow: only what was published is followed."""
    tree = Tree(
        id=ports.trees.new_id(call),
        district=call.district,
        title=asked.title,
        about=asked.about,
        steps=asked.tree_steps(),
        drafted_by=call.principal.person,
        drafted_at=ports.clock.now(),
        follows=asked.follows or "",
    )

    async def make() -> Tree:
        if tree.follows:
            before = await if_there(ports.path.get(call.district, tree.follows))
            if before is None or before.published_at is None:
                raise invalid("unknown_tree", "There is no such published tree.", "/follows")
            tree.number = before.number + 1
        return tree.drafted()

    return await ports.trees.create_about(call, About(), make, _bounds(tree.drafted_by))


def _bounds(author: str) -> Sequence[Bound]:
    """Her own first: nobody uses up what is there for all."""
    hers, code = {"drafted_by": author}, "too_many_own_trees"
    own = f"One person has at most {MOST_OWN_TREES} trees that are not withdrawn."
    ever = f"One person drafts at most {MOST_TREE_DRAFTS} trees, withdrawn ones included."
    whole = f"A district has at most {MOST_TREES} trees."
    return (
        Bound(hers, MOST_OWN_TREES, code, own, _WITHDRAWN),
        Bound(hers, MOST_TREE_DRAFTS, code, ever),
        Bound({}, MOST_TREES, "too_many_trees", whole, _WITHDRAWN),
    )


async def drafting(ports: Ports, call: Call, tree: TreeOutline) -> None:
    tree.check_draft(call.principal.person, await _in_charge(ports, call, tree))


async def retiring(ports: Ports, call: Call, tree: TreeOutline) -> None:
    tree.check_retire(call.principal.person, await _in_charge(ports, call, tree))


async def _in_charge(ports: Ports, call: Call, tree: TreeOutline) -> bool:
    """An administrator, once its author has left."""
    return await ports.access.in_charge_of(call, tree.drafted_by)


async def edit_tree(ports: Ports, call: Call, tree_id: Id, asked: EditTree) -> Tree:
    """Say anew what a draft says, all of it. Needs the version that was seen."""

    async def act(tree: Tree) -> None:
        in_charge = await _in_charge(ports, call, tree)
        steps = asked.tree_steps()
        tree.edit(asked.title, asked.about, steps, call.principal.person, in_charge)

    return await ports.trees.change(call, tree_id, act)


async def publish_tree(ports: Ports, call: Call, tree_id: Id) -> Tree:
    """Let a tree be walked; from then on it does not change.

    Raises INVALID, at its place, where a step is not reached or leads to no end, where a way back
    is not marked, and where what is offered is not in the catalogue of measures or the bank of
    strategies, or is retired. Tools are another service's: their ids are kept as they were sent."""

    async def act(tree: Tree) -> None:
        in_charge = await _in_charge(ports, call, tree)
        tree.publish(call.principal.person, ports.clock.now(), in_charge)
        await _check_offers(ports, tree)

    return await ports.trees.change(call, tree_id, act)


async def _check_offers(ports: Ports, tree: Tree) -> None:
    """1 database command for all measures, and 1 for each strategy, of which there are few."""
    measures = await _measures(ports, tree)
    strategies: dict[str, Fault | None] = {}
    for index, step in enumerate(tree.steps):
        for turn, code in enumerate(step.measures):
            if code not in measures:
                detail = "The catalogue has no such measure, or it is retired."
                raise invalid("unknown_measure", detail, f"/steps/{index}/measure_ids/{turn}")
        for turn, strategy in enumerate(step.strategies):
            if strategy not in strategies:
                strategies[strategy] = await _refusal(ports, tree, strategy)
            if (fault := strategies[strategy]) is not None:
                place = f"/steps/{index}/strategy_ids/{turn}"
                raise invalid(fault.code, fault.detail, place)


async def _measures(ports: Ports, tree: Tree) -> Collection[str]:
    if not any(step.measures for step in tree.steps):
        return ()
    found = await ports.measures.find(tree.district, {}, "", MOST_MEASURES)
    return {each.code for each in found.items if not each.said.retired}


async def _refusal(ports: Ports, tree: Tree, strategy: str) -> Fault | None:
    """Why a strategy cannot be offered to all."""
    found = await if_there(ports.strategies.get(tree.district, strategy))
    try:
        if found is None:
            raise unknown_strategy("")
        found.check_offered((), "")
    except Fault as fault:
        return fault
    return None


async def retire_tree(ports: Ports, call: Call, tree_id: Id) -> Tree:
    """Let nobody begin to walk a published tree any more; who is on the way goes on. Its author
    may, and an administrator once she has left."""

    async def act(tree: Tree) -> None:
        in_charge = await _in_charge(ports, call, tree)
        tree.retire(call.principal.person, ports.clock.now(), in_charge)

    return await ports.trees.change(call, tree_id, act)


async def withdraw_tree(ports: Ports, call: Call, tree_id: Id) -> Tree:
    """Take back a draft that should not have been. Its author may, and an administrator once she
    has left."""

    async def act(tree: Tree) -> None:
        in_charge = await _in_charge(ports, call, tree)
        tree.withdraw(call.principal.person, ports.clock.now(), in_charge)

    return await ports.trees.change(call, tree_id, act)


async def list_trees(
    ports: Ports,
    call: Call,
    *,
    state: TreeState | None = None,
    order: Order = Order.NEWEST,
    taken_back: bool = False,
    after: str,
    limit: int,
) -> Found[TreeSummary]:
    """The district's decision trees, drafts and retired ones too, by when they were drafted;
    without their steps; withdrawn drafts with `taken_back`, or where their state is asked for."""
    every = taken_back or state is not None
    return await ports.summaries.find(
        call,
        About(),
        where(state=state),
        after,
        limit,
        by=BY_DATE.first(order),
        unless=None if every else _WITHDRAWN,
    )
