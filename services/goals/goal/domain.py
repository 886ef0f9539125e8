"""A teacher's goal: drafted, measured, pursued, revised, reached or given up.

A goal is hers: only she activates, revises and closes it. It cannot become active without a
baseline, for without one no change can be reported. Mistakes can be put right: a draft is
edited or withdrawn, a value corrected or voided, a closing taken back within a day. What was
said before is kept, but for drafts.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.chassis.kernel import Fault, Kind, conflict, invalid, not_found
from services.goals.goal.outline import (
    Correction,
    Direction,
    GoalOutline,
    GoalState,
    Progress,
    Revision,
)

MOST_GOALS = 200  # of a teacher in a school year, without those that were withdrawn
MOST_BY_OTHERS = 100  # of them
MOST_DRAFTS = 500  # by one person, of a teacher in a school year, withdrawn ones included
MOST_PROGRESS = 1_000
KEPT = 20  # progress values that a goal holds at least; from twice as many on the oldest leave
MOST_REVISIONS = 100
KEPT_REVISIONS = 5  # likewise
MOST_CORRECTIONS = 20  # of one progress value
TAKEN_BACK = timedelta(days=1)  # how long a closing can be


class GoalEvent(enum.StrEnum):
    DRAFTED = "drafted"
    EDITED = "edited"
    WITHDRAWN = "withdrawn"
    BASELINE_SET = "baseline_set"
    ACTIVATED = "activated"
    REVISED = "revised"
    PROGRESS_RECORDED = "progress_recorded"
    PROGRESS_CORRECTED = "progress_corrected"
    PROGRESS_VOIDED = "progress_voided"
    REOPENED = "reopened"
    ACHIEVED = "achieved"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Edit:
    """What a draft is to say instead; None leaves it as it is, and so does an empty `due` or
    `class_id` its absence."""

    statement: str | None = None
    focus_skill: str | None = None
    measure: str | None = None
    unit: str | None = None
    direction: Direction | None = None
    target: float | None = None
    due: str | None = None
    class_id: str | None = None


@dataclass(kw_only=True)
class Goal(GoalOutline):
    """The number of a progress value is its place among all that were recorded, from 1. The goal
    holds the newest of them in `progress`; the older ones have left it: `cases.settled`. So it is
    with what it said before, in `earlier`."""

    progress: list[Progress] = field(default_factory=list)
    earlier: list[Revision] = field(default_factory=list)

    def drafted(self) -> Goal:
        """The first event of a new goal. Raises INVALID where the target lies on the wrong
        side of the baseline."""
        self._check_target()
        self.record(GoalEvent.DRAFTED)
        return self

    def edit(self, by: str, edit: Edit) -> None:
        """Change what a draft says; its owner and its author may."""
        self._draft_of(by)
        said = {
            name: value
            for name in Edit.__slots__
            if (value := getattr(edit, name)) is not None and value != getattr(self, name)
        }
        for name, value in said.items():
            setattr(self, name, value)
        self._check_target()
        if said:
            self.record(GoalEvent.EDITED)

    def withdraw(self, by: str, at: datetime) -> None:
        """Take back a draft that should not have been; its owner and its author may."""
        self._draft_of(by)
        self.state = GoalState.WITHDRAWN
        self.closed_at = at
        self.record(GoalEvent.WITHDRAWN)

    def set_baseline(self, value: float) -> None:
        if self.state is not GoalState.DRAFT:
            raise conflict("baseline_fixed", "The baseline is fixed once a goal is active.")
        self.baseline = value
        self._check_target("/value")
        self.record(GoalEvent.BASELINE_SET)

    def activate(self, by: str, at: datetime) -> None:
        """Begin to pursue a draft, only with a baseline, or take up again what was closed less
        than a day ago; the owner only."""
        self._owner_only(by)
        closed = self.state in (GoalState.ACHIEVED, GoalState.ABANDONED)
        if not closed and self.state is not GoalState.DRAFT:
            raise conflict("not_draft", "Only a draft can be activated.")
        if closed and (self.closed_at is None or at - self.closed_at > TAKEN_BACK):
            raise conflict("closed_for_good", "A closing can be taken back for a day.")
        if self.baseline is None:
            raise conflict("no_baseline", "A goal needs a baseline before it is activated.")
        self.state = GoalState.ACTIVE
        self.activated_at = self.activated_at or at
        self.closed_at = None
        self.record(GoalEvent.REOPENED if closed else GoalEvent.ACTIVATED)

    def revise(
        self,
        by: str,
        at: datetime,
        reason: str,
        *,
        statement: str | None = None,
        target: float | None = None,
        due: str | None = None,
        baseline: float | None = None,
    ) -> None:
        """Change what an active goal says; what it said before is kept with the reason. An
        empty `due` takes the date away. What says the same is no revision."""
        self._owner_only(by)
        self._active()
        if statement is None and target is None and due is None and baseline is None:
            raise invalid("nothing_revised", "Name what is to be revised.")
        said = (self.statement, self.target, self.due, self.baseline)
        given = (statement, target, due, baseline)
        if all(new in (None, old) for new, old in zip(given, said, strict=True)):
            return
        if self.revision > MOST_REVISIONS:
            raise Fault(Kind.LIMITED, "too_many_revisions", "Close this goal and draft another.")
        self.earlier.append(
            Revision(
                self.revision, self.statement, self.target, self.due, reason, at, self.baseline
            )
        )
        if len(self.earlier) > 2 * KEPT_REVISIONS:
            for each in self.earlier[:-KEPT_REVISIONS]:
                self.leave(each.number, each)
            self.earlier = self.earlier[-KEPT_REVISIONS:]
        self.revision += 1
        self.statement = self.statement if statement is None else statement
        self.target = self.target if target is None else target
        self.due = self.due if due is None else due
        self.baseline = self.baseline if baseline is None else baseline
        self._check_target("/target")
        self.record(GoalEvent.REVISED)

    def record_progress(self, value: float, note: str, by: str, at: datetime) -> None:
        self._active()
        if self.settled + len(self.progress) >= MOST_PROGRESS:
            raise Fault(Kind.LIMITED, "too_much_progress", "Close this goal and draft another.")
        self.progress.append(Progress(value, at, by, note))
        self._settle()
        self.record(GoalEvent.PROGRESS_RECORDED)

    def correct_progress(
        self,
        number: int,
        value: float,
        note: str | None,
        reason: str,
        by: str,
        at: datetime,
        left: Progress | None = None,
    ) -> None:
        """Put a mistyped value right; who recorded it and the goal's owner may. A note of None
        stays; what is so already is no correction. `left`: the value as it is, where it has left
        the goal. Raises NOT_FOUND for a number that there is not."""
        old = self._progress(number, by, left)
        if value == old.value and note in (None, old.note):
            return
        if len(old.earlier) >= MOST_CORRECTIONS:
            raise Fault(Kind.LIMITED, "too_many_corrections", "Void it and record it anew.")
        before = Correction(old.value, old.note, reason, by, at)
        new = replace(
            old,
            value=value,
            note=old.note if note is None else note,
            earlier=(*old.earlier, before),
        )
        self._put(number, new)
        self.record(GoalEvent.PROGRESS_CORRECTED)

    def void_progress(
        self, number: int, by: str, at: datetime, left: Progress | None = None
    ) -> None:
        """Let a value no longer count; who recorded it and the goal's owner may. `left` as for a
        correction. Of what the goal holds the two newest that count stay while older ones do:
        they say where it stands."""
        old = self._progress(number, by, left)
        if number <= self.settled:
            self.settled_counting -= 1
        elif self.settled_counting and len(self.counting) <= 2:
            raise Fault(Kind.LIMITED, "too_many_voided", "Record the right values first.")
        self._put(number, replace(old, voided_at=at, voided_by=by))
        self.record(GoalEvent.PROGRESS_VOIDED)

    @property
    def counting(self) -> list[Progress]:
        """The progress values in hand that were not voided, oldest first."""
        return [each for each in self.progress if each.voided_at is None]

    def achieve(self, by: str, at: datetime) -> None:
        """Close an active goal as reached; the owner only."""
        self._owner_only(by)
        self._active()
        self.state = GoalState.ACHIEVED
        self.closed_at = at
        self.record(GoalEvent.ACHIEVED)

    def abandon(self, by: str, at: datetime) -> None:
        """Give up a draft or an active goal; the owner only."""
        self._owner_only(by)
        if self.state not in (GoalState.DRAFT, GoalState.ACTIVE):
            raise conflict("goal_closed", "The goal is closed already.")
        self.state = GoalState.ABANDONED
        self.closed_at = at
        self.record(GoalEvent.ABANDONED)

    def _draft_of(self, by: str) -> None:
        if by != self.teacher and (not self.drafted_by or by != self.drafted_by):
            raise Fault(Kind.FORBIDDEN, "author_only", "Only the owner or who drafted it may.")
        if self.state is not GoalState.DRAFT:
            raise conflict("not_draft", "The goal is no draft any more.")

    def _settle(self) -> None:
        """Let the oldest values go, many at once: a list that begins elsewhere is written anew."""
        newest = self.progress[-KEPT:]
        if len(self.progress) <= 2 * KEPT or sum(not each.voided_at for each in newest) < 2:
            return
        oldest, self.progress = self.progress[:-KEPT], newest
        for number, each in enumerate(oldest, self.settled + 1):
            self.leave(number, each)
        self.settled += len(oldest)
        self.settled_counting += sum(not each.voided_at for each in oldest)

    def _put(self, number: int, new: Progress) -> None:
        if number <= self.settled:
            self.leave(number, new)
        else:
            self.progress[number - 1 - self.settled] = new

    def _progress(self, number: int, by: str, left: Progress | None) -> Progress:
        self._active()
        held = dict(enumerate(self.progress, self.settled + 1))
        found = left if 1 <= number <= self.settled else held.get(number)
        if found is None:
            raise not_found()
        if by not in (self.teacher, found.by):
            raise Fault(Kind.FORBIDDEN, "author_only", "Only the owner or who recorded it may.")
        if found.voided_at is not None:
            raise conflict("progress_voided", "The value was voided already.")
        return found

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
