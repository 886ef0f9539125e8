"""What a goal says, what is measured on the way, and what a list shows of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate


class GoalState(enum.StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ACHIEVED = "achieved"
    ABANDONED = "abandoned"
    WITHDRAWN = "withdrawn"  # a draft that should not have been


class Direction(enum.StrEnum):
    INCREASE = "increase"
    DECREASE = "decrease"


@dataclass(kw_only=True)
class GoalOutline(Aggregate):
    """What a goal says, without what was noted on the way. Values are in `unit`; `due` is
    YYYY-MM-DD or empty. `drafted_by` is empty where it was not kept yet. `settled`: how many
    progress values are no longer held by the goal, the first ones, and `settled_counting` how
    many of them were not voided."""

    teacher: str
    school_year: int
    statement: str
    focus_skill: str
    measure: str
    unit: str
    direction: Direction
    target: float
    drafted_at: datetime
    drafted_by: str = ""
    class_id: str = ""
    due: str = ""
    baseline: float | None = None
    state: GoalState = GoalState.DRAFT
    revision: int = 1
    activated_at: datetime | None = None
    closed_at: datetime | None = None
    settled: int = 0
    settled_counting: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """What a progress value was before it was corrected, by whom and why it was."""

    value: float
    note: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """A measured value. `at` is when it was recorded; one that was voided does not count."""

    value: float
    at: datetime
    by: str
    note: str = ""
    earlier: tuple[Correction, ...] = ()
    voided_at: datetime | None = None
    voided_by: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """What a goal said before it was revised, and why it was."""

    number: int
    statement: str
    target: float
    due: str
    reason: str
    at: datetime
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class ProgressValue:
    """A `Progress` without its texts."""

    value: float
    at: datetime
    voided_at: datetime | None = None


@dataclass(kw_only=True)
class GoalSummary(GoalOutline):
    """What a list shows of a goal."""

    progress: tuple[ProgressValue, ...] = ()

    @property
    def counting(self) -> list[ProgressValue]:
        return [each for each in self.progress if each.voided_at is None]
