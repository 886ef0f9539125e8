"""A teacher's goal: drafted, measured, pursued, revised, reached or given up.

A goal is hers: only she activates, revises and closes it. It cannot become active without a
baseline, for without one no change can be reported. Revising keeps what it said before.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.kernel import Aggregate, Fault, Kind, conflict, invalid

MOST_PROGRESS = 1_000
MOST_REVISIONS = 100


class GoalState(enum.StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ACHIEVED = "achieved"
    ABANDONED = "abandoned"


class Direction(enum.StrEnum):
    INCREASE = "increase"
    DECREASE = "decrease"


class GoalEvent(enum.StrEnum):
    DRAFTED = "drafted"
    BASELINE_SET = "baseline_set"
    ACTIVATED = "activated"
    REVISED = "revised"
    PROGRESS_RECORDED = "progress_recorded"
    ACHIEVED = "achieved"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Progress:
    value: float
    at: datetime
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """What a goal said before it was revised, and why it was."""

    number: int
    statement: str
    target: float
    due: str
    reason: str
    at: datetime


@dataclass(kw_only=True)
class Goal(Aggregate):
    """Values are in `unit`; `due` is YYYY-MM-DD or empty."""

    teacher: str
    school_year: int
    statement: str
    focus_skill: str
    measure: str
    unit: str
    direction: Direction
    target: float
    drafted_at: datetime
    class_id: str = ""
    due: str = ""
    baseline: float | None = None
    state: GoalState = GoalState.DRAFT
    revision: int = 1
    progress: list[Progress] = field(default_factory=list)
    earlier: list[Revision] = field(default_factory=list)
    activated_at: datetime | None = None
    closed_at: datetime | None = None

    def drafted(self) -> Goal:
        """The first event of a new goal. Raises INVALID where the target lies on the wrong
        side of the baseline."""
        self._check_target()
        self.record(GoalEvent.DRAFTED)
        return self

    def set_baseline(self, value: float) -> None:
        if self.state is not GoalState.DRAFT:
            raise conflict("baseline_fixed", "The baseline is fixed once a goal is active.")
        self.baseline = value
        self._check_target("/value")
        self.record(GoalEvent.BASELINE_SET)

    def activate(self, by: str, at: datetime) -> None:
        self._owner_only(by)
        if self.state is not GoalState.DRAFT:
            raise conflict("not_draft", "Only a draft can be activated.")
        if self.baseline is None:
            raise conflict("no_baseline", "A goal needs a baseline before it is activated.")
        self.state = GoalState.ACTIVE
        self.activated_at = at
        self.record(GoalEvent.ACTIVATED)

    def revise(
        self,
        by: str,
        at: datetime,
        reason: str,
        *,
        statement: str | None = None,
        target: float | None = None,
        due: str | None = None,
    ) -> None:
        """Change what an active goal says; what it said before is kept with the reason."""
        self._owner_only(by)
        self._active()
        if statement is None and target is None and due is None:
            raise invalid("nothing_revised", "Name at least one of statement, target, due_date.")
        if len(self.earlier) >= MOST_REVISIONS:
            raise Fault(Kind.LIMITED, "too_many_revisions", "Close this goal and draft another.")
        self.earlier.append(
            Revision(self.revision, self.statement, self.target, self.due, reason, at)
        )
        self.revision += 1
        self.statement = self.statement if statement is None else statement
        self.target = self.target if target is None else target
        self.due = self.due if due is None else due
        self._check_target("/target")
        self.record(GoalEvent.REVISED)

    def record_progress(self, value: float, note: str, by: str, at: datetime) -> None:
        self._active()
        if len(self.progress) >= MOST_PROGRESS:
            raise Fault(Kind.LIMITED, "too_much_progress", "Close this goal and draft another.")
        self.progress.append(Progress(value, at, by, note))
        self.record(GoalEvent.PROGRESS_RECORDED)

    def achieve(self, by: str, at: datetime) -> None:
        self._owner_only(by)
        self._active()
        self.state = GoalState.ACHIEVED
        self.closed_at = at
        self.record(GoalEvent.ACHIEVED)

    def abandon(self, by: str, at: datetime) -> None:
        self._owner_only(by)
        if self.state not in (GoalState.DRAFT, GoalState.ACTIVE):
            raise conflict("goal_closed", "The goal is closed already.")
        self.state = GoalState.ABANDONED
        self.closed_at = at
        self.record(GoalEvent.ABANDONED)

    def _owner_only(self, by: str) -> None:
        if by != self.teacher:
            raise Fault(
                Kind.FORBIDDEN, "owner_only", "Only the goal's owner activates, revises or closes."
            )

    def _active(self) -> None:
        if self.state is not GoalState.ACTIVE:
            raise conflict("not_active", "The goal is not active.")

    def _check_target(self, place: str = "/target") -> None:
        if self.baseline is None:
            return
        ahead = self.target - self.baseline
        if ahead == 0 or (ahead > 0) is not (self.direction is Direction.INCREASE):
            raise invalid(
                "target_behind_baseline", "The target must lie ahead of the baseline.", place
            )
