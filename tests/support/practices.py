"""Strategies and trials as unit tests want them."""

from __future__ import annotations

from services.goals.strategy.domain import Strategy, StrategySays
from services.goals.tree.domain import Tree
from services.goals.tree.steps import TreeAnswer, TreeStep
from services.goals.trial.domain import Trial
from services.goals.walk.domain import Walk
from tests.support.clocks import START

CANARY = "canary-free-text"
TEACHER, COACH = "teacher-1", "coach-1"
SAYS = StrategySays(
    title=CANARY,
    about=CANARY,
    tags=("questioning", "talk"),
    moves=(CANARY, "Wait, then ask again"),
    source=CANARY,
    license="CC BY 4.0",
)


def new_strategy(says: StrategySays = SAYS) -> Strategy:
    """Private, with its first event."""
    return Strategy(
        id="5f0c9a4e-0000-4000-8000-000000000021",
        district="north",
        author=COACH,
        says=says,
        written_at=START,
    ).written()


def new_trial(
    by: str = COACH,
    *,
    goal: str = "goal-1",
    observation: str = "observation-1",
    takeaway: str = "takeaway-1",
    strategy: str = "strategy-1",
    words: str = CANARY,
) -> Trial:
    """Proposed by a coach or planned by the teacher, with its first event."""
    trial = Trial(
        id="5f0c9a4e-0000-4000-8000-000000000022",
        district="north",
        teacher=TEACHER,
        school_year=2027,
        planned_by=by,
        planned_at=START,
        check_back_in=5,
        goal=goal,
        observation=observation,
        takeaway=takeaway,
        strategy=strategy,
        strategy_revision=2,
        strategy_title=CANARY,
        words=words,
        class_id="class-1",
    )
    return trial.planned("2026-10-12")


def new_tree(steps: tuple[TreeStep, ...] | None = None) -> Tree:
    """A draft of two steps, the second of which is its end; with its first event."""
    known = (
        TreeStep(
            id="listen",
            title=CANARY,
            question=CANARY,
            answers=(
                TreeAnswer("wait", CANARY, "goal"),
                TreeAnswer("unsure", CANARY, "listen", again=True),
            ),
            measures=("talk-share", "wait-time"),
            tools=("tool-1",),
            strategies=("strategy-1",),
        ),
        TreeStep(id="goal", title=CANARY, question=CANARY),
    )
    return Tree(
        id="5f0c9a4e-0000-4000-8000-000000000023",
        district="north",
        title=CANARY,
        about=CANARY,
        steps=known if steps is None else steps,
        drafted_by=COACH,
        drafted_at=START,
        number=2,
        follows="tree-1",
    ).drafted()


def new_walk() -> Walk:
    """Of `new_tree`, started by a coach; with its first event."""
    return Walk(
        id="5f0c9a4e-0000-4000-8000-000000000024",
        district="north",
        teacher=TEACHER,
        school_year=2027,
        tree="tree-1",
        at_step="listen",
        started_by=COACH,
        started_at=START,
    ).started()
