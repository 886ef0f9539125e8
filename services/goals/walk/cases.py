"""What callers do with walks, but for what a method of one does alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access.access import Access
from services.access.days import Days
from services.access.directory import ReadsAnew
from services.access.fair_share import FairShare
from services.access.guarded import About, Guarded, GuardedList
from services.access.school_year import QueryYear, SchoolYear
from services.chassis.call import Call
from services.chassis.duties.each import erased_since
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Code, Id, IdOrMe
from services.chassis.kernel import Clock, if_there, invalid
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.write_path import WritePath
from services.goals.goal.domain import Goal, unknown_goal
from services.goals.tree.domain import Tree
from services.goals.walk.domain import Walk
from services.goals.walk.outline import (
    MOST_BY_OTHERS,
    MOST_STARTED,
    MOST_WALKS,
    OfferKind,
    WalkOutline,
    WalkState,
    WalkSummary,
)

WalkReason = Annotated[str, StringConstraints(max_length=2_000)]
SHARE = FairShare(
    "walks",
    "too_many_walks",
    most=MOST_WALKS,
    by_others=MOST_BY_OTHERS,
    ever=MOST_STARTED,
    author="started_by",
    gone=WalkState.ABANDONED.value,
)
BY_DATE = ByDate("started_at", within=("state",))


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` and `view` are for what no caller asks for; `trees` and `goals` are read by id."""

    walks: Guarded[Walk]
    summaries: GuardedList[WalkSummary]
    path: WritePath[Walk]
    trees: WritePath[Tree]
    goals: WritePath[Goal]
    names: Names
    access: Access
    view: ReadsAnew
    days: Days
    clock: Clock


def whose_walk(walk: WalkOutline) -> About:
    return About(teacher=walk.teacher)


class StartWalk(Body):
    teacher_id: Id = Field(examples=["teacher-1"])
    tree_id: Id = Field(examples=["tree-1"])
    school_year: SchoolYear | None = None


async def start_walk(ports: Ports, call: Call, asked: StartWalk) -> Walk:
    """Begin to walk a published tree, as the teacher herself or her coach with her.

    Raises INVALID for a tree that there is not, or that is not walked any more."""
    by, now = call.principal.person, ports.clock.now()
    year = ports.days.named(call.district, now, asked.school_year)
    tree: Tree | None = None

    async def make() -> Walk:
        nonlocal tree
        tree = await if_there(ports.trees.get(call.district, asked.tree_id))
        return Walk(
            id=ports.walks.new_id(call),
            district=call.district,
            teacher=asked.teacher_id,
            school_year=year,
            tree=asked.tree_id,
            at_step=tree.steps[0].id if tree is not None and tree.steps else "",
            started_by=by,
            started_at=now,
        ).started()

    async def check() -> None:
        ports.days.check_current(call.district, now, year)
        if tree is None or not tree.walkable:
            detail = "There is no such tree, or it is not walked any more."
            raise invalid("unknown_tree", detail, "/tree_id")

    bounds = SHARE.bounds(asked.teacher_id, year, by)
    about = About(teacher=asked.teacher_id)
    return await ports.walks.create_about(call, about, make, bounds, check)


class AnswerStep(Body):
    step_id: Code = Field(examples=["listen"], description="Where the walk stands")
    answer_id: Code = Field(examples=["wait"])
    reason: WalkReason = Field(default="", examples=["They look at me each time"])


async def answer_step(ports: Ports, call: Call, walk_id: Id, asked: AnswerStep) -> Walk:
    """Answer the question of the step where a walk stands, and go on to where that leads."""

    async def act(walk: Walk) -> None:
        tree = await ports.trees.get(call.district, walk.tree)
        by, at = call.principal.person, ports.clock.now()
        walk.answer(tree, asked.step_id, asked.answer_id, asked.reason, by, at)

    return await ports.walks.change(call, walk_id, act)


class ChooseOffer(Body):
    step_id: Code = Field(examples=["listen"], description="Where the walk stands")
    kind: Annotated[OfferKind, Field(strict=False)] = Field(examples=["measure"])
    offered_id: Id = Field(examples=["talk-share"])
    reason: WalkReason = Field(default="", examples=["We count it already"])


async def choose_offer(ports: Ports, call: Call, walk_id: Id, asked: ChooseOffer) -> Walk:
    """Choose a measure, a tool or a strategy of those that the step offers where a walk stands."""

    async def act(walk: Walk) -> None:
        tree = await ports.trees.get(call.district, walk.tree)
        by, at = call.principal.person, ports.clock.now()
        step, offered = asked.step_id, asked.offered_id
        walk.choose(tree, step, asked.kind, offered, asked.reason, by, at)

    return await ports.walks.change(call, walk_id, act)


class CompleteWalk(Body):
    goal_id: Id = Field(examples=["goal-1"], description="A goal of hers, drafted from the walk")


async def complete_walk(ports: Ports, call: Call, walk_id: Id, asked: CompleteWalk) -> Walk:
    """End a walk at an end of its tree, with the goal that was drafted there.

    Raises INVALID for a goal that is not hers, or was withdrawn."""

    async def act(walk: Walk) -> None:
        tree = await ports.trees.get(call.district, walk.tree)
        walk.complete(tree, asked.goal_id, call.principal.person, ports.clock.now())
        goal = await if_there(ports.goals.get(call.district, asked.goal_id))
        if goal is None or goal.teacher != walk.teacher or not goal.shareable:
            raise unknown_goal()

    ended = await ports.walks.change(call, walk_id, act)
    if await erased_since(ports.goals, asked.goal_id, ports.path, call, walk_id):
        raise unknown_goal()
    return ended


async def list_walks(
    ports: Ports,
    call: Call,
    *,
    teacher_id: IdOrMe | None = None,
    school_year: QueryYear | None = None,
    state: WalkState | None = None,
    order: Order = Order.NEWEST,
    after: str,
    limit: int,
) -> Found[WalkSummary]:
    """A teacher's walks, the caller's own where nobody is named, by when they were started;
    without their reasons."""
    teacher = teacher_id or ports.summaries.own(call)
    return await ports.summaries.find(
        call,
        About(teacher=teacher),
        where(teacher=teacher, school_year=school_year, state=state),
        after,
        limit,
        by=BY_DATE.first(order),
    )
