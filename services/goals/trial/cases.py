"""What callers do with trials, but for what a method of one does alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access import merges
from services.access.access import Access
from services.access.acknowledged import check_acknowledged
from services.access.days import Days
from services.access.directory import ReadsAnew
from services.access.fair_share import FairShare
from services.access.guarded import About, Guarded, GuardedList
from services.access.school_days import SchoolDays
from services.access.school_year import SchoolYear
from services.access.ties import check_class
from services.chassis.call import Call
from services.chassis.duties.each import erased_since
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id, Text
from services.chassis.kernel import Clock, if_there
from services.chassis.write.by_date import ByDate
from services.chassis.write.write_path import WritePath
from services.goals.goal.domain import Goal, unknown_goal
from services.goals.strategy.domain import Strategy, unknown_strategy
from services.goals.trial.domain import Trial
from services.goals.trial.outline import (
    LONGEST_CHECK_BACK,
    MOST_BY_OTHERS,
    MOST_PLANNED,
    MOST_TRIALS,
    TrialOutline,
    TrialState,
    TrialSummary,
)

Words = Annotated[str, StringConstraints(max_length=2_000)]
HowManyDays = Annotated[int, Field(ge=1, le=LONGEST_CHECK_BACK)]
SHARE = FairShare(
    "trials",
    "too_many_trials",
    most=MOST_TRIALS,
    by_others=MOST_BY_OTHERS,
    ever=MOST_PLANNED,
    author="planned_by",
    gone=TrialState.WITHDRAWN.value,
)
BY_DATE = ByDate("planned_at", within=("state",))


@dataclass(frozen=True, slots=True)
class Ports:
    """`reflections` are the same trials, for who may see what she thinks of them. `path` and `view`
    are for what no caller asks for; `goals` and `strategies` are read by their ids."""

    trials: Guarded[Trial]
    reflections: Guarded[Trial]
    summaries: GuardedList[TrialSummary]
    path: WritePath[Trial]
    goals: WritePath[Goal]
    strategies: WritePath[Strategy]
    names: Names
    access: Access
    view: ReadsAnew
    days: Days
    school_days: SchoolDays
    clock: Clock


def whose_trial(trial: TrialOutline) -> About:
    return About(teacher=trial.teacher)


async def state_told(ports: Ports, call: Call, trial: TrialOutline) -> TrialState:
    """In which state it is to the caller. No database command when profiles are warm."""
    planner = await merges.kept_of(ports.access, trial.district, trial.planned_by)
    return trial.state_for(call.principal.person, planner)


def whose_reflection(trial: TrialOutline) -> About:
    return About(teacher=trial.teacher, visible_to=trial.reflection_visible_to)


class PlanTrial(Body):
    teacher_id: Id = Field(examples=["teacher-1"])
    goal_id: Id | None = Field(
        default=None, examples=["goal-1"], description="The goal that it comes from"
    )
    observation_id: Id | None = Field(
        default=None, examples=["observation-1"], description="The observation that it comes from"
    )
    takeaway_id: Id | None = Field(
        default=None,
        examples=["takeaway-1"],
        description="What was taken away from a community meeting, that it comes from",
    )
    strategy_id: Id | None = Field(
        default=None, examples=["strategy-1"], description="Of the bank; null: in words alone"
    )
    words: Words = Field(default="", examples=["Wait five seconds after a question"])
    check_back_in: HowManyDays = Field(
        default=5, examples=[5], description="Instructional days after she has agreed"
    )
    class_id: Id | None = None
    school_year: SchoolYear | None = None


async def plan_trial(ports: Ports, call: Call, asked: PlanTrial) -> Trial:
    """Plan to try a strategy of the bank, or something in the caller's own words.

    By the teacher herself it is open at once; by her coach it is proposed, until she agrees. Raises
    INVALID for a goal that is not hers or was withdrawn, a strategy that not both can see or that
    is retired, and where she does not teach the class."""
    by, now = call.principal.person, ports.clock.now()
    trial = Trial(
        id=ports.trials.new_id(call),
        district=call.district,
        teacher=asked.teacher_id,
        school_year=ports.days.named(call.district, now, asked.school_year),
        planned_by=by,
        planned_at=now,
        check_back_in=asked.check_back_in,
        goal=asked.goal_id or "",
        observation=asked.observation_id or "",
        takeaway=asked.takeaway_id or "",
        strategy=asked.strategy_id or "",
        words=asked.words,
        class_id=asked.class_id or "",
    )
    strategy: Strategy | None = None

    async def make() -> Trial:
        nonlocal strategy
        strategy = await _strategy(ports, trial)
        if strategy is not None:
            trial.strategy_revision, trial.strategy_title = strategy.revision, strategy.says.title
        return trial.planned(await _check_back(ports, trial, asked.check_back_in))

    async def check() -> None:
        ports.days.check_current(call.district, now, trial.school_year)
        if trial.strategy:
            _check_offered(trial, strategy)
        await _check_goal(ports, trial)
        await check_class(ports.access, call.district, trial.teacher, trial.class_id)

    bounds = SHARE.bounds(trial.teacher, trial.school_year, by)
    made = await ports.trials.create_about(call, whose_trial(trial), make, bounds, check)
    if made.goal and await erased_since(ports.goals, made.goal, ports.path, call, made.id):
        raise unknown_goal()
    return made


async def _check_back(ports: Ports, trial: Trial, days: int) -> str:
    """So many instructional days from today, as its teacher's school has them."""
    asked = (trial.district, ports.clock.now(), days, trial.teacher)
    return (await ports.school_days.day_after(*asked)).isoformat()


async def _strategy(ports: Ports, trial: Trial) -> Strategy | None:
    """That of the bank which it names, if there is one."""
    known = ports.strategies.get
    return await if_there(known(trial.district, trial.strategy)) if trial.strategy else None


def _check_offered(trial: Trial, strategy: Strategy | None) -> None:
    if strategy is None:
        raise unknown_strategy("/strategy_id")
    strategy.check_offered((trial.teacher, trial.planned_by), "/strategy_id")


async def _check_goal(ports: Ports, trial: Trial) -> None:
    """Observations and takeaways are other services': their ids are kept as they were sent."""
    if not trial.goal:
        return
    goal = await if_there(ports.goals.get(trial.district, trial.goal))
    if goal is None or goal.teacher != trial.teacher or not goal.shareable:
        raise unknown_goal()


async def agree_trial(ports: Ports, call: Call, trial_id: Id) -> Trial:
    """Agree to try what was proposed; the teacher only. From now on its time runs."""

    async def act(trial: Trial) -> None:
        check_back = await _check_back(ports, trial, trial.check_back_in)
        trial.agree(call.principal.person, ports.clock.now(), check_back)

    return await ports.trials.change(call, trial_id, act)


class EditTrial(Body):
    """What is not named stays as it is."""

    words: Words | None = Field(default=None, examples=["Wait five seconds, twice a lesson"])
    check_back_in: HowManyDays | None = Field(
        default=None, examples=[8], description="Instructional days from today, once she has agreed"
    )


async def edit_trial(ports: Ports, call: Call, trial_id: Id, asked: EditTrial) -> Trial:
    """Say otherwise what is to be tried, or give it another time, before it was tried. The teacher
    may, and who proposed it until she has agreed."""

    async def act(trial: Trial) -> None:
        days = asked.check_back_in
        trial.edit(
            call.principal.person,
            ports.clock.now(),
            words=asked.words,
            check_back_in=days,
            check_back="" if days is None else await _check_back(ports, trial, days),
        )

    return await ports.trials.change(call, trial_id, act)


class ReflectTrial(Body):
    text: Text = Field(examples=["Two who never speak have spoken"])
    shown: bool = Field(
        default=False, examples=[True], description="To who coaches her, as long as it says so"
    )


async def reflect_trial(ports: Ports, call: Call, trial_id: Id, asked: ReflectTrial) -> Trial:
    """Write what the teacher thinks of what she has tried; she alone. Nobody else reads it unless
    she shows it; what she wrote before is kept for her. Once it is closed only `shown`
    changes, with the same text.

    Raises CONFLICT where she would show it, and the data-use policy in force wants her to
    acknowledge it first."""

    async def act(trial: Trial) -> None:
        by, at = call.principal.person, ports.clock.now()
        shown = trial.reflection_shown
        trial.reflect(by, at, asked.text, asked.shown)
        if asked.shown and not shown:
            await check_acknowledged(ports.access, call.district, trial.teacher)

    return await ports.trials.change(call, trial_id, act)


async def get_reflection(ports: Ports, call: Call, trial_id: Id) -> Trial:
    """What the teacher thinks of what she has tried: she alone, unless she shows it to who coaches
    her."""
    return await ports.reflections.get(call, trial_id)


async def get_earlier_reflections(ports: Ports, call: Call, trial_id: Id) -> Trial:
    """What the teacher wrote before she wrote it anew: she alone, whatever she shows."""
    return await ports.trials.get(call, trial_id)
