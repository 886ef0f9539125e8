"""What callers do with goals, but for what a method of a goal does alone, and for lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from services.access.access import Access
from services.access.days import Days
from services.access.directory import ReadsManyAnew
from services.access.erasures import ErasesToo
from services.access.fair_share import FairShare
from services.access.guarded import About, Guarded, GuardedList
from services.access.names import Title
from services.access.retention import Along
from services.access.school_year import SchoolYear
from services.access.sharing.domain import Share
from services.access.ties import check_class
from services.chassis.call import Call
from services.chassis.duties.receipt import Receipt
from services.chassis.edge.naming import Names
from services.chassis.fields import DIGITS, Body, Code, Day, Id, Number, Text
from services.chassis.kernel import Clock
from services.chassis.write.by_date import ByDate
from services.chassis.write.drafts import Drafts
from services.chassis.write.entries import Entries
from services.chassis.write.write_path import WritePath
from services.goals.framework.domain import Framework
from services.goals.goal.domain import MOST_BY_OTHERS, MOST_DRAFTS, MOST_GOALS, Edit, Goal
from services.goals.goal.outline import (
    MOST_PROGRESS,
    MOST_TAGS,
    GoalAim,
    GoalOutline,
    GoalState,
    GoalSummary,
    OutcomeStage,
    Progress,
    Revision,
)
from services.goals.measure.domain import Direction

ProgressNote = Annotated[str, StringConstraints(max_length=2_000)]
SHARE = FairShare(
    "goals",
    "too_many_goals",
    most=MOST_GOALS,
    by_others=MOST_BY_OTHERS,
    ever=MOST_DRAFTS,
    author="drafted_by",
    gone=GoalState.WITHDRAWN.value,
)
BY_DATE = ByDate("drafted_at", within=("state", "class_id"))
Aim = Annotated[GoalAim, Field(strict=False)]
Stage = Annotated[OutcomeStage, Field(strict=False)]
Tags = Annotated[list[Code], Field(max_length=MOST_TAGS)]
ProgressNumber = Annotated[int, Field(ge=1, le=MOST_PROGRESS), DIGITS]


@dataclass(frozen=True, slots=True)
class Ports:
    """`catalogue`: what the district calls a measure. `frameworks` are read by their ids. `path`,
    `shares`, `erased_too`, `along` and `view` are for what no caller asks for."""

    goals: Guarded[Goal]
    path: WritePath[Goal]
    shares: WritePath[Share]
    erased_too: Sequence[ErasesToo]
    along: Sequence[Along[Any]]
    receipts: WritePath[Receipt]
    drafts: Drafts
    summaries: GuardedList[GoalSummary]
    progress: Entries[Progress]
    revisions: Entries[Revision]
    names: Names
    catalogue: Title
    frameworks: WritePath[Framework]
    access: Access
    view: ReadsManyAnew
    days: Days
    clock: Clock


def whose(goal: GoalOutline) -> About:
    return About(teacher=goal.teacher)


class DraftGoal(Body):
    teacher_id: Id = Field(examples=["teacher-1"])
    statement: Text = Field(examples=["Students explain their thinking to each other"])
    focus_skill: Code = Field(examples=["questioning"])
    measure_id: Code = Field(examples=["student-talk-share"])
    unit: Code = Field(examples=["percent"])
    direction: Annotated[Direction, Field(strict=False)] = Direction.INCREASE
    target: Number = Field(examples=[60])
    baseline: Number | None = Field(default=None, examples=[35])
    due_date: Day | None = Field(default=None, examples=["2027-03-31"])
    class_id: Id | None = None
    school_year: SchoolYear | None = None
    aims_at: Aim | None = Field(default=None, examples=["students"])
    outcome_stage: Stage | None = Field(default=None, examples=["practice"])
    priority_tags: Tags = Field(default=[], examples=[["discourse"]])


async def draft_goal(ports: Ports, call: Call, asked: DraftGoal) -> Goal:
    """A draft, by the teacher herself or proposed by her coach; it becomes hers when she
    activates it. It belongs to this school year or the next.

    Raises INVALID where she does not teach the class, and for a due date that is over or later
    than the next school year."""
    now = ports.clock.now()
    goal = Goal(
        id=ports.goals.new_id(call),
        district=call.district,
        teacher=asked.teacher_id,
        school_year=ports.days.named(call.district, now, asked.school_year),
        statement=asked.statement,
        focus_skill=asked.focus_skill,
        measure=asked.measure_id,
        unit=asked.unit,
        direction=asked.direction,
        target=asked.target,
        baseline=asked.baseline,
        due=asked.due_date or "",
        class_id=asked.class_id or "",
        aims_at=asked.aims_at or "",
        outcome_stage=asked.outcome_stage or "",
        priority_tags=tuple(asked.priority_tags),
        drafted_at=now,
        drafted_by=call.principal.person,
    )

    async def check() -> None:
        ports.days.check_current(call.district, now, goal.school_year)
        ports.days.check_due(call.district, now, goal.due)
        await check_class(ports.access, call.district, goal.teacher, goal.class_id)

    bounds = SHARE.bounds(goal.teacher, goal.school_year, goal.drafted_by)
    return await ports.goals.create(call, goal.drafted(), bounds, check)


class EditGoal(Body):
    """What is not named stays as it is."""

    statement: Text | None = None
    focus_skill: Code | None = Field(default=None, examples=["questioning"])
    measure_id: Code | None = Field(default=None, examples=["student-talk-share"])
    unit: Code | None = Field(default=None, examples=["percent"])
    direction: Annotated[Direction, Field(strict=False)] | None = None
    target: Number | None = Field(default=None, examples=[65])
    due_date: Day | None = Field(default=None, examples=["2027-04-30"])
    class_id: Id | None = None
    remove_due_date: bool = False
    remove_class: bool = False
    aims_at: Aim | None = Field(default=None, examples=["practice"])
    outcome_stage: Stage | None = Field(default=None, examples=["achievement"])
    priority_tags: Tags = Field(
        default=[], examples=[["equity"]], description="All of them anew; none: as they were"
    )
    remove_aims_at: bool = False
    remove_outcome_stage: bool = False
    remove_priority_tags: bool = False


async def edit_goal(ports: Ports, call: Call, goal_id: Id, asked: EditGoal) -> Goal:
    """Change what a draft says; its owner and its author may.

    Raises INVALID where she does not teach the class, and for a new due date as `draft_goal`."""
    edit = Edit(
        statement=asked.statement,
        focus_skill=asked.focus_skill,
        measure=asked.measure_id,
        unit=asked.unit,
        direction=asked.direction,
        target=asked.target,
        due="" if asked.remove_due_date else asked.due_date,
        class_id="" if asked.remove_class else asked.class_id,
        aims_at="" if asked.remove_aims_at else asked.aims_at,
        outcome_stage="" if asked.remove_outcome_stage else asked.outcome_stage,
        priority_tags=() if asked.remove_priority_tags else tuple(asked.priority_tags) or None,
    )

    async def act(goal: Goal) -> None:
        before = goal.due
        goal.edit(call.principal.person, edit)
        if goal.due != before:
            ports.days.check_due(call.district, ports.clock.now(), goal.due)
        await check_class(ports.access, call.district, goal.teacher, edit.class_id or "")

    return await ports.goals.change(call, goal_id, act)


class SetBaseline(Body):
    value: Number = Field(examples=[35])


async def set_baseline(ports: Ports, call: Call, goal_id: Id, asked: SetBaseline) -> Goal:
    """Say where a draft starts from, in the goal's unit."""
    return await ports.goals.change(call, goal_id, lambda goal: goal.set_baseline(asked.value))


class RecordProgress(Body):
    value: Number = Field(examples=[42])
    note: ProgressNote = ""


async def record_progress(ports: Ports, call: Call, goal_id: Id, asked: RecordProgress) -> Goal:
    """Add a measured value, in the goal's unit."""

    def act(goal: Goal) -> None:
        goal.record_progress(asked.value, asked.note, call.principal.person, ports.clock.now())

    return await ports.goals.change(call, goal_id, act)


class CorrectProgress(Body):
    value: Number = Field(examples=[44])
    note: ProgressNote | None = Field(default=None, description="Without one the note stays")
    reason: Text = Field(examples=["Mistyped"])


async def correct_progress(
    ports: Ports, call: Call, goal_id: Id, progress_number: ProgressNumber, asked: CorrectProgress
) -> Goal:
    """Put a mistyped value right; who recorded it and the owner may. What it was before is
    kept."""

    async def act(goal: Goal) -> None:
        by, at = call.principal.person, ports.clock.now()
        left = await settled(ports, goal, progress_number)
        goal.correct_progress(progress_number, asked.value, asked.note, asked.reason, by, at, left)

    return await ports.goals.change(call, goal_id, act)


async def void_progress(
    ports: Ports, call: Call, goal_id: Id, progress_number: ProgressNumber
) -> Goal:
    """Let a value no longer count; who recorded it and the owner may."""

    async def act(goal: Goal) -> None:
        left = await settled(ports, goal, progress_number)
        goal.void_progress(progress_number, call.principal.person, ports.clock.now(), left)

    return await ports.goals.change(call, goal_id, act)


async def settled(ports: Ports, goal: Goal, number: int) -> Progress | None:
    """A progress value that has left the goal, None for one that it holds."""
    if not 1 <= number <= goal.settled:
        return None
    return await ports.progress.get(goal.district, goal.id, number)
