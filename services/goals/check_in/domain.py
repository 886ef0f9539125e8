"""What a teacher has set a day for to look at again: trials that she has agreed to and not closed,
and active goals that are due. It reminds her alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.goals.goal.domain import Goal
from services.goals.trial.domain import Trial

AHEAD_DAYS = 14
MOST = 100
TRIED_OUT = ("open", "rehearsed", "tried")  # the states of trials before she reflects
PURSUED = "active"  # the state of goals


@dataclass(frozen=True, slots=True)
class CheckIn:
    """`day`: YYYY-MM-DD. `trial` is empty where it is a goal's."""

    day: str
    trial: str = ""
    goal: str = ""


def check_ins_of(trials: Iterable[Trial], goals: Iterable[Goal], last: str) -> list[CheckIn]:
    """Those of the days until `last` (YYYY-MM-DD), the earliest first."""
    return sorted(
        (each for each in _all(trials, goals) if each.day and each.day <= last),
        key=lambda each: (each.day, each.trial, each.goal),
    )


def _all(trials: Iterable[Trial], goals: Iterable[Goal]) -> Iterator[CheckIn]:
    for trial in trials:
        yield CheckIn(trial.check_back, trial.id, trial.goal)
    for goal in goals:
        yield CheckIn(goal.due, "", goal.id)
