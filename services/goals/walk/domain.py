"""A walk through a decision tree: a teacher's way from a question to a goal, alone or with a coach.

What she answers and chooses at each step is kept with her reasons, and so is what she took back.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.kernel import Fault, Kind, conflict, invalid
from services.goals.tree.domain import Tree
from services.goals.walk.outline import (
    MOST_MOVES,
    MOST_REASON_BYTES,
    OfferKind,
    WalkAnswer,
    WalkChoice,
    WalkOutline,
    WalkState,
    check_step_back,
)


class WalkEvent(enum.StrEnum):
    STARTED = "started"
    ANSWERED = "answered"
    CHOSEN = "chosen"
    STEPPED_BACK = "stepped_back"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    TRANSFERRED = "transferred"


@dataclass(kw_only=True)
class Walk(WalkOutline):
    """`answers`: the way to `at_step`, `taken_back`: what was answered and is no more on it, both
    in the order in which they were given."""

    answers: tuple[WalkAnswer, ...] = ()
    choices: tuple[WalkChoice, ...] = ()
    taken_back: tuple[WalkAnswer, ...] = ()

    def started(self) -> Walk:
        """With its first event."""
        self.record(WalkEvent.STARTED)
        return self

    def answer(
        self, tree: Tree, step: str, answer: str, reason: str, by: str, at: datetime
    ) -> None:
        """Go on by an answer of the step where it stands, which the caller has seen."""
        self.check_underway(by, at)
        self._check_here(step)
        known = tree.step(step)
        found = known.answer(answer) if known is not None else None
        if found is None:
            raise invalid("unknown_answer", "The step has no such answer.", "/answer_id")
        if len(self.answers) + len(self.taken_back) >= MOST_MOVES:
            raise _too_long()
        self._check_reasons(self.choices, reason)
        self.answers = (*self.answers, WalkAnswer(step, answer, reason, by, at))
        self.at_step = found.leads_to
        self.record(WalkEvent.ANSWERED)

    def choose(
        self,
        tree: Tree,
        step: str,
        kind: OfferKind,
        offered: str,
        reason: str,
        by: str,
        at: datetime,
    ) -> None:
        """Choose one of each kind of what the step offers where it stands; another takes its
        place. The same again changes nothing."""
        self.check_underway(by, at)
        self._check_here(step)
        known = tree.step(step)
        offers = {
            OfferKind.MEASURE: known.measures if known else (),
            OfferKind.TOOL: known.tools if known else (),
            OfferKind.STRATEGY: known.strategies if known else (),
        }
        if offered not in offers[kind]:
            raise invalid("not_offered", "The step offers no such thing.", "/offered_id")
        chosen = WalkChoice(step, kind, offered, reason, by, at)
        before = [each for each in self.choices if (each.step, each.kind) == (step, kind)]
        if any((each.offered, each.reason) == (offered, reason) for each in before):
            return
        others = tuple(each for each in self.choices if each not in before)
        self._check_reasons(others, reason)
        self.choices = (*others, chosen)
        self.record(WalkEvent.CHOSEN)

    def check_step_back(self, by: str, at: datetime) -> None:
        check_step_back(self, by, at, len(self.answers))

    def step_back(self, by: str, at: datetime) -> None:
        """Go back to the step before. What was answered there is kept, and no more on the way;
        what was chosen at the step that is left is no more."""
        self.check_step_back(by, at)
        *rest, last = self.answers
        passed = {each.step for each in rest} | {last.step}
        if self.at_step not in passed:
            self.choices = tuple(each for each in self.choices if each.step != self.at_step)
        self.answers, self.at_step = tuple(rest), last.step
        self.taken_back = (*self.taken_back, last)
        self.record(WalkEvent.STEPPED_BACK)

    def complete(self, tree: Tree, goal: str, by: str, at: datetime) -> None:
        """It has led to a goal. Raises CONFLICT unless it stands at an end of the tree."""
        self.check_underway(by, at)
        step = tree.step(self.at_step)
        if step is None or step.answers:
            raise conflict("not_at_an_end", "Go on: this step leads further.")
        self.state, self.goal, self.ended_at = WalkState.COMPLETED, goal, at
        self.record(WalkEvent.COMPLETED)

    def abandon(self, by: str, at: datetime) -> None:
        """End it without a goal. What was answered stays."""
        self.check_underway(by, at)
        self.state, self.ended_at = WalkState.ABANDONED, at
        self.record(WalkEvent.ABANDONED)

    def transfer(self, to: str) -> None:
        """It is the same person's under her other id: nothing else changes."""
        before = self.teacher
        if self.started_by == before:
            self.started_by = to
        self.answers, self.taken_back = (
            tuple(replace(each, by=to) if each.by == before else each for each in some)
            for some in (self.answers, self.taken_back)
        )
        self.choices = tuple(
            replace(each, by=to) if each.by == before else each for each in self.choices
        )
        self.transferred_from, self.teacher = before, to
        self.record(WalkEvent.TRANSFERRED)

    def _check_here(self, step: str) -> None:
        if step != self.at_step:
            raise conflict("another_step", "The walk stands at another step: read it anew.")

    def _check_reasons(self, choices: Sequence[WalkChoice], reason: str) -> None:
        """Whether there is room for one more, beside those of its answers and these choices."""
        said = [each.reason for each in (*self.answers, *self.taken_back)]
        said += [each.reason for each in choices]
        held = sum(len(each.encode()) for each in said)
        if reason and held + len(reason.encode()) > MOST_REASON_BYTES:
            raise _too_long()


def _too_long() -> Fault:
    return Fault(Kind.LIMITED, "walk_too_long", "End it, and begin another.")
