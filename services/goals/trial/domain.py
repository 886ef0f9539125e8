"""A trial of a strategy: agreed, rehearsed where that helps, tried, reflected on, closed.

It is the teacher's, and needs nobody's leave: what she plans herself is open at once. Her coach may
propose one and comment; only she agrees, says that she has tried it, reflects and closes. A step
that was taken by mistake can be taken back for a day. Her reflection is hers until she shows it.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.kernel import Fault, Kind, invalid
from services.goals.comment.domain import Comment, one_more, taken_away, under_other_id
from services.goals.evidence.domain import Evidence, GoalEvidenceKind, number_of, taken_back
from services.goals.trial.outline import (
    MOST_REFLECTIONS,
    MOST_RESULTS,
    EarlierReflection,
    TrialOutcome,
    TrialOutline,
    TrialState,
    not_tried,
)


class TrialEvent(enum.StrEnum):
    PROPOSED = "proposed"
    AGREED = "agreed"
    EDITED = "edited"
    WITHDRAWN = "withdrawn"
    REHEARSED = "rehearsed"
    TRIED = "tried"
    REFLECTED = "reflected"
    CLOSED = "closed"
    STEPPED_BACK = "stepped_back"
    RESULT_LINKED = "result_linked"
    RESULT_VOIDED = "result_voided"
    COMMENTED = "commented"
    TRANSFERRED = "transferred"


@dataclass(kw_only=True)
class Trial(TrialOutline):
    """`results`: what speaks of what she has tried, by which she decides to keep, adapt or drop."""

    reflection: str = ""
    earlier_reflections: tuple[EarlierReflection, ...] = ()
    comments: tuple[Comment, ...] = ()
    results: tuple[Evidence, ...] = ()

    def planned(self, check_back: str) -> Trial:
        """With its first event: a proposal, or what is open since she plans it herself. In that
        case `check_back` is its day. Raises INVALID unless it names a strategy or says in words
        what is tried, and what it comes from."""
        if not self.goal and not self.observation and not self.takeaway:
            detail = "Say from which goal, observation or takeaway it comes."
            raise invalid("no_origin", detail, "/goal_id")
        self._check_what()
        if self.planned_by == self.teacher:
            self._agree(self.planned_at, check_back)
        else:
            self.record(TrialEvent.PROPOSED)
        return self

    def agree(self, by: str, at: datetime, check_back: str) -> None:
        self.check_answer(by, at)
        self._agree(at, check_back)

    def _agree(self, at: datetime, check_back: str) -> None:
        self.state, self.agreed_at, self.check_back = TrialState.OPEN, at, check_back
        self.record(TrialEvent.AGREED)

    def decline(self, by: str, at: datetime) -> None:
        """Say no to a proposal, the teacher only: whoever planned it alone is told that."""
        self.check_answer(by, at)
        self.state, self.closed_at = TrialState.DECLINED, at
        self.record(TrialEvent.WITHDRAWN)

    def withdraw(self, by: str, at: datetime) -> None:
        """Take back what was not tried yet: a proposal its author too, later the teacher only."""
        self.check_withdraw(by, at)
        self.state, self.closed_at = TrialState.WITHDRAWN, at
        self.record(TrialEvent.WITHDRAWN)

    def edit(
        self,
        by: str,
        at: datetime,
        *,
        words: str | None,
        check_back_in: int | None,
        check_back: str,
    ) -> None:
        """Other words, or more or less time: None stays. `check_back`: the day that comes of
        `check_back_in`, where she has agreed."""
        self.check_edit(by, at)
        before = (self.words, self.check_back_in, self.check_back)
        self.words = self.words if words is None else words
        if check_back_in is not None:
            self.check_back_in = check_back_in
            self.check_back = check_back if self.agreed_at is not None else ""
        self._check_what()
        if (self.words, self.check_back_in, self.check_back) != before:
            self.record(TrialEvent.EDITED)

    def rehearse(self, by: str, at: datetime) -> None:
        """Say that it was rehearsed, which may be left out; the teacher only."""
        self.check_rehearse(by, at)
        self.state, self.rehearsed_at = TrialState.REHEARSED, at
        self.record(TrialEvent.REHEARSED)

    def try_out(self, by: str, at: datetime) -> None:
        """Say that it was tried in class; the teacher only."""
        self.check_try_out(by, at)
        self.state, self.tried_at = TrialState.TRIED, at
        self.record(TrialEvent.TRIED)

    def reflect(self, by: str, at: datetime, text: str, shown: bool) -> None:
        """What she thinks of it now; what she wrote before is kept for her. `shown`: to who coaches
        her, which alone still changes once it is closed. The same again changes nothing."""
        self.check_reflect(by, at)
        over = self.state is TrialState.CLOSED
        if over and text != self.reflection:
            raise not_tried()
        if (text, shown) == (self.reflection, self.reflection_shown):
            return
        if self.reflected_at is not None and text != self.reflection:
            if len(self.earlier_reflections) >= MOST_REFLECTIONS:
                raise Fault(Kind.LIMITED, "too_many_reflections", "Close it and plan another.")
            was = EarlierReflection(self.reflection, self.reflected_at)
            self.earlier_reflections = (*self.earlier_reflections, was)
        if text != self.reflection:
            self.reflected_at = at
        self.state = TrialState.CLOSED if over else TrialState.REFLECTED
        self.reflection, self.reflection_shown = text, shown
        self.record(TrialEvent.REFLECTED)

    def close(
        self,
        by: str,
        at: datetime,
        outcome: TrialOutcome,
        seen: Sequence[tuple[GoalEvidenceKind, str]] = (),
    ) -> None:
        """Decide, by what she has `seen`, too: that is linked, unless it is already."""
        self.check_close(by, at)
        for kind, of in seen:
            self._link(kind, of, by, at)
        self.state, self.closed_at, self.outcome = TrialState.CLOSED, at, outcome.value
        self.record(TrialEvent.CLOSED)

    def step_back(self, by: str, at: datetime) -> None:
        """Take back a rehearsal, that it was tried, or the close, for a day; the teacher only."""
        self.check_step_back(by, at)
        if self.state is TrialState.REHEARSED:
            self.state, self.rehearsed_at = TrialState.OPEN, None
        elif self.state is TrialState.TRIED:
            rehearsed = self.rehearsed_at is not None
            self.state = TrialState.REHEARSED if rehearsed else TrialState.OPEN
            self.tried_at = None
        else:
            self.state, self.closed_at, self.outcome = TrialState.REFLECTED, None, ""
        self.record(TrialEvent.STEPPED_BACK)

    def link_result(self, kind: GoalEvidenceKind, of: str, by: str, at: datetime) -> None:
        """Say that something speaks of what was tried; what is linked already and counts is no
        event."""
        self.check_link_result(by, at)
        if self._link(kind, of, by, at):
            self.record(TrialEvent.RESULT_LINKED)

    def _link(self, kind: GoalEvidenceKind, of: str, by: str, at: datetime) -> bool:
        """Whether that is new."""
        if number_of(self.results, kind, of):
            return False
        if len(self.results) >= MOST_RESULTS:
            raise Fault(Kind.LIMITED, "too_many_results", "Plan another trial for what is more.")
        self.results = (*self.results, Evidence(kind, of, by, at))
        return True

    def void_result(self, number: int, by: str, at: datetime) -> None:
        """Let a link to a result no longer count, at any time; the teacher only. Raises NOT_FOUND
        for a number that there is not."""
        self.check_owner(by)
        self.results = taken_back(self.results, number, self.teacher, by, at)
        self.record(TrialEvent.RESULT_VOIDED)

    def comment(self, by: str, at: datetime, text: str) -> None:
        self.check_comment(by, at)
        self.comments = one_more(self.comments, self.teacher, text, by, at)
        self.record(TrialEvent.COMMENTED)

    def void_comment(self, number: int, by: str, at: datetime, author: str = "") -> None:
        """Let a comment of one's own no longer count, at any time; its text goes. `author`: the
        record that is kept of who made it."""
        self.comments = taken_away(self.comments, number, by, at, author)
        self.record(TrialEvent.COMMENTED)

    def transfer(self, to: str) -> None:
        """It is the same person's under her other id: nothing else changes."""
        before = self.teacher
        if self.planned_by == before:
            self.planned_by = to
        self.comments = under_other_id(self.comments, before, to)
        self.results = tuple(replace(each, by=to) for each in self.results)
        self.transferred_from, self.teacher = before, to
        self.record(TrialEvent.TRANSFERRED)

    def _check_what(self) -> None:
        if not self.strategy and not self.words:
            detail = "Name a strategy, or say in words what is tried."
            raise invalid("nothing_to_try", detail, "/words")
