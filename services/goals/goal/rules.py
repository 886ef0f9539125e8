"""What makes a goal a good one. It is advice: nothing is refused for it."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from services.goals.goal.domain import Goal
from services.goals.goal.outline import GoalAim

FEWEST_WORDS = 5  # of a statement that says what is to be seen
SHORTEST, LONGEST = 14, 183  # days from the start to the due date
SURE = 5  # a confidence of less says that a smaller step is wanted
_UNIT_ENDS = {"percent": (0.0, 100.0), "share": (0.0, 1.0)}


class Aspect(enum.StrEnum):
    SPECIFIC = "specific"
    MEASURABLE = "measurable"
    STUDENT_FACING = "student_facing"
    REACHABLE = "reachable"
    BASELINE = "baseline"
    MEASURE = "measure"


@dataclass(frozen=True, slots=True)
class Advice:
    """What a goal lacks, as a code, and what could be done; both empty where it is met."""

    aspect: Aspect
    lacks: str = ""
    words: str = ""


def advice(goal: Goal, begins: date, title: str) -> Iterator[Advice]:
    """One for each aspect. `begins`: the day on which it was activated, or today. `title`: of its
    measure in the district's catalogue, empty where there is none."""
    yield _specific(goal)
    yield _measurable(goal)
    yield _student_facing(goal)
    yield _reachable(goal, begins)
    if goal.baseline is None:
        words = "Measure where it starts from; without that no change can be told."
        yield Advice(Aspect.BASELINE, "no_baseline", words)
    else:
        yield Advice(Aspect.BASELINE)
    if title:
        yield Advice(Aspect.MEASURE)
    else:
        words = "Choose a measure of the district's catalogue, which says what is counted."
        yield Advice(Aspect.MEASURE, "measure_unknown", words)


def _specific(goal: Goal) -> Advice:
    if len(goal.statement.split()) >= FEWEST_WORDS:
        return Advice(Aspect.SPECIFIC)
    words = "Say in a sentence what somebody in the room would see or hear."
    return Advice(Aspect.SPECIFIC, "statement_short", words)


def _measurable(goal: Goal) -> Advice:
    lowest, highest = _UNIT_ENDS.get(goal.unit, (goal.target, goal.target))
    if lowest <= goal.target <= highest:
        return Advice(Aspect.MEASURABLE)
    words = f"In this unit values lie between {lowest:g} and {highest:g}; choose such a target."
    return Advice(Aspect.MEASURABLE, "target_out_of_unit", words)


def _student_facing(goal: Goal) -> Advice:
    if goal.aims_at == GoalAim.STUDENTS:
        return Advice(Aspect.STUDENT_FACING)
    if goal.aims_at:
        words = "Say what students will do otherwise once the practice has changed."
        return Advice(Aspect.STUDENT_FACING, "aims_at_practice", words)
    words = "Say whether students are to do otherwise, or the teacher."
    return Advice(Aspect.STUDENT_FACING, "aim_not_said", words)


def _reachable(goal: Goal, begins: date) -> Advice:
    if not goal.due:
        words = "Choose a day by which it is to be reached."
        return Advice(Aspect.REACHABLE, "no_due_date", words)
    days = (date.fromisoformat(goal.due) - begins).days
    if days < SHORTEST:
        words = f"Leave at least {SHORTEST} days to try and to measure again."
        return Advice(Aspect.REACHABLE, "window_too_short", words)
    if days > LONGEST:
        words = f"Choose a first step that is reached within {LONGEST} days."
        return Advice(Aspect.REACHABLE, "window_too_long", words)
    if goal.ratings and goal.ratings[-1].confidence < SURE:
        words = "Choose a smaller step, or more help: its owner is not sure to reach it."
        return Advice(Aspect.REACHABLE, "not_sure", words)
    return Advice(Aspect.REACHABLE)
