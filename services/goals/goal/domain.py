"""A teacher's goal: drafted, measured, pursued, revised, reached or given up.

A goal is hers: only she activates, revises and closes it. It cannot become active without a
baseline, for without one no change can be reported. Mistakes can be put right: a draft is
edited or withdrawn, a value corrected or voided, a closing taken back within a day. What was
said before is kept, but for drafts.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.kernel import Fault, invalid
from services.goals.comment.domain import Comment, one_more, taken_away, under_other_id
from services.goals.evidence.domain import Evidence, GoalEvidenceKind, counting
from services.goals.goal.outline import MOST_PROGRESS as MOST_PROGRESS
from services.goals.goal.outline import MOST_TAGS, GoalState, Revision
from services.goals.goal.outline import Progress as Progress
from services.goals.goal.progress import EvidencedGoal
from services.goals.measure.domain import Direction

MOST_GOALS = 200  # of a teacher in a school year, without those that were withdrawn
MOST_BY_OTHERS = 100  # of them
MOST_DRAFTS = 500  # by one person, of a teacher in a school year, withdrawn ones included
KEPT_RATINGS = 20  # the newest
KEPT_REVISIONS = 5  # that a goal holds at least; from twice as many on the oldest leave


class GoalEvent(enum.StrEnum):
    DRAFTED = "drafted"
    EDITED = "edited"
    WITHDRAWN = "withdrawn"
    BASELINE_SET = "baseline_set"
    ACTIVATED = "activated"
    REVISED = "revised"
    REOPENED = "reopened"
    ACHIEVED = "achieved"
    MAINTAINED = "maintained"
    CLOSED_NOT_MET = "closed_not_met"
    ABANDONED = "abandoned"
    RATED = "rated"
    ALIGNED = "aligned"
    COMMENTED = "commented"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True)
class Edit:
    """What a draft is to say instead; None leaves it as it is. An empty `due`, `class_id`,
    `aims_at` or `outcome_stage` takes it away, and so do no `priority_tags`."""

    statement: str | None = None
    focus_skill: str | None = None
    measure: str | None = None
    unit: str | None = None
    direction: Direction | None = None
    target: float | None = None
    due: str | None = None
    class_id: str | None = None
    aims_at: str | None = None
    outcome_stage: str | None = None
    priority_tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class AlignedStandard:
    """One of a framework, with what it said when it was chosen."""

    framework: str
    id: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Rating:
    """What its owner thinks of her goal, each from 1 to 10: how much it matters to her, and how
    sure she is that she will reach it."""

    importance: int
    confidence: int
    at: datetime


@dataclass(kw_only=True)
class Goal(EvidencedGoal):
    """Of what it said before it holds the newest in `earlier`; the older ones have left it, as
    progress values do. `ratings`: the newest, oldest first; the last one holds. `comments`: of
    its owner and who coaches her."""

    earlier: list[Revision] = field(default_factory=list)
    ratings: tuple[Rating, ...] = ()
    standards: tuple[AlignedStandard, ...] = ()
    comments: tuple[Comment, ...] = ()

    def drafted(self) -> Goal:
        """The first event of a new goal. Raises INVALID where the target lies on the wrong
        side of the baseline."""
        self._check_target()
        self._check_tags()
        self.record(GoalEvent.DRAFTED)
        return self

    def edit(self, by: str, edit: Edit) -> None:
        """Change what a draft says; its owner and its author may."""
        self.draft_of(by)
        said = {
            name: value
            for name in Edit.__slots__
            if (value := getattr(edit, name)) is not None and value != getattr(self, name)
        }
        for name, value in said.items():
            setattr(self, name, value)
        self._check_target()
        self._check_tags()
        if said:
            self.record(GoalEvent.EDITED)

    def withdraw(self, by: str, at: datetime) -> None:
        """Take back a draft that should not have been; its owner and its author may."""
        self.draft_of(by)
        self.state = GoalState.WITHDRAWN
        self.closed_at = at
        self.record(GoalEvent.WITHDRAWN)

    def set_baseline(self, value: float) -> None:
        self.baseline_open()
        self.baseline = value
        self._check_target("/value")
        self.record(GoalEvent.BASELINE_SET)

    def activate(self, by: str, at: datetime) -> None:
        """Begin to pursue a draft, or take up again what was closed less than a day ago; a draft
        only with a baseline, and the owner only."""
        self.check_activate(by, at)
        closed = self.state is not GoalState.DRAFT
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
        evidence: Sequence[int] = (),
        seen: Sequence[tuple[GoalEvidenceKind, str]] = (),
    ) -> None:
        """Change what an active goal says; what it said before is kept with the reason and what
        it comes from: `numbers_of`. An empty `due` takes the date away. What says the same is no
        revision, and links nothing."""
        self.check_revise(by, at)
        if statement is None and target is None and due is None and baseline is None:
            raise invalid("nothing_revised", "Name what is to be revised.")
        said = (self.statement, self.target, self.due, self.baseline)
        given = (statement, target, due, baseline)
        if all(new in (None, old) for new, old in zip(given, said, strict=True)):
            return
        named = self.numbers_of(evidence, seen, by, at)
        before = (self.revision, self.statement, self.target, self.due)
        self.earlier.append(Revision(*before, reason, at, self.baseline, named))
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

    @property
    def revised_by(self) -> list[Evidence]:
        """From which evidence its newest revision comes, without links that were voided since."""
        named = self.earlier[-1].evidence if self.earlier else ()
        return counting([self.evidence[number - 1] for number in named])

    def achieve(self, by: str, at: datetime) -> None:
        """Close an active goal as reached, or take back for a day that it has lasted; the owner
        only."""
        self.check_achieve(by, at)
        if self.state is GoalState.ACTIVE:
            self.closed_at = at
        self.state, self.maintained_at = GoalState.ACHIEVED, None
        self.record(GoalEvent.ACHIEVED)

    def maintain(self, by: str, at: datetime) -> None:
        """Say of what was achieved that it has lasted; the owner only."""
        self.check_maintain(by, at)
        self.state, self.maintained_at = GoalState.MAINTAINED, at
        self.record(GoalEvent.MAINTAINED)

    def close_not_met(self, by: str, at: datetime) -> None:
        """Close an active goal that was pursued to its end and not reached; the owner only."""
        self.check_close_not_met(by, at)
        self.state, self.closed_at = GoalState.CLOSED_NOT_MET, at
        self.record(GoalEvent.CLOSED_NOT_MET)

    def abandon(self, by: str, at: datetime) -> None:
        """Give up a draft or an active goal; the owner only."""
        self.check_abandon(by, at)
        self.state = GoalState.ABANDONED
        self.closed_at = at
        self.record(GoalEvent.ABANDONED)

    def rate(self, by: str, at: datetime, importance: int, confidence: int) -> None:
        """Say what one thinks of one's own goal; the same again is no event."""
        self.check_rate(by, at)
        newest = self.ratings[-1] if self.ratings else None
        if newest is not None and (newest.importance, newest.confidence) == (
            importance,
            confidence,
        ):
            return
        self.ratings = (*self.ratings, Rating(importance, confidence, at))[-KEPT_RATINGS:]
        self.record(GoalEvent.RATED)

    def align(self, by: str, at: datetime, standards: Sequence[AlignedStandard]) -> None:
        """Say for which standards it is, in place of what was said; the same again is no event."""
        self.check_align(by, at)
        if len({(each.framework, each.id) for each in standards}) < len(standards):
            raise invalid("standard_twice", "Name each standard once.", "/standards")
        if tuple(standards) != self.standards:
            self.standards = tuple(standards)
            self.record(GoalEvent.ALIGNED)

    def comment(self, by: str, at: datetime, text: str) -> None:
        """Say something of it, to its owner and who coaches her."""
        self.check_comment(by, at)
        self.comments = one_more(self.comments, self.teacher, text, by, at)
        self.record(GoalEvent.COMMENTED)

    def void_comment(self, number: int, by: str, at: datetime, author: str = "") -> None:
        """Let a comment of one's own no longer count, at any time; its text goes. `author`: the
        record that is kept of who made it."""
        self.comments = taken_away(self.comments, number, by, at, author)
        self.record(GoalEvent.COMMENTED)

    def transfer(self, to: str) -> None:
        """It is the same person's under her other id: nothing else changes."""
        if self.drafted_by == self.teacher:
            self.drafted_by = to
        self.comments = under_other_id(self.comments, self.teacher, to)
        self.transferred_from, self.teacher = self.teacher, to
        self.record(GoalEvent.TRANSFERRED)

    def _check_tags(self) -> None:
        if len(self.priority_tags) > MOST_TAGS or len(set(self.priority_tags)) < len(
            self.priority_tags
        ):
            detail = f"Name at most {MOST_TAGS} tags, each once."
            raise invalid("tags_twice", detail, "/priority_tags")

    def _check_target(self, place: str = "/target") -> None:
        if self.baseline is None:
            return
        ahead = self.target - self.baseline
        if ahead == 0 or (ahead > 0) is not (self.direction is Direction.INCREASE):
            raise invalid(
                "target_behind_baseline", "The target must lie ahead of the baseline.", place
            )


def unknown_goal() -> Fault:
    return invalid("unknown_goal", "The teacher has no such goal.", "/goal_id")
