"""What a goal says, and what a list shows of it."""

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
    YYYY-MM-DD or empty. `drafted_by` is empty where it was not kept yet."""

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
