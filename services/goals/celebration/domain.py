"""A celebration: somebody tells a teacher of a fact of her own work that it is worth celebrating.

The fact is true when it is sent; whether it still is, is asked whenever it is read, and never
stored. The teacher alone says who sees it, on any day, and may put it away: then who sent it sees
it as before, nobody else does, and nobody is told. Who sent it may say it in other words, or in
none: what it said before is kept nowhere, since it may have named a student.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Fault, Kind, invalid
from services.goals.celebration.outline import (
    MOST_REWORDINGS,
    CelebrationAudience,
    CelebrationFact,
    CelebrationOutline,
    CelebrationState,
)
from services.goals.goal.domain import Goal, Progress, unknown_goal
from services.goals.trial.domain import Trial


class CelebrationEvent(enum.StrEnum):
    SENT = "sent"
    AUDIENCE_CHOSEN = "audience_chosen"
    PUT_AWAY = "put_away"
    REWORDED = "reworded"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a fact is of, as it is now; None of what there is not, or is not meant."""

    goal: Goal | None = None
    trial: Trial | None = None
    progress: Progress | None = None


@dataclass(kw_only=True)
class Celebration(CelebrationOutline):
    def sent(self) -> Celebration:
        """With its first event."""
        self.record(CelebrationEvent.SENT)
        return self

    @property
    def chosen(self) -> CelebrationAudience:
        """Who sees it beside her, and who sent it: nobody what she has put away."""
        put_away = self.state is CelebrationState.PUT_AWAY
        return CelebrationAudience.MINE if put_away else self.audience

    def choose(self, by: str, at: datetime, audience: CelebrationAudience) -> None:
        """Who sees it beside her, and who sent it. What she had put away is there again; the same
        again changes nothing."""
        self.check_choose(by, at)
        if (audience, CelebrationState.SENT) == (self.audience, self.state):
            return
        if audience == self.audience:  # of all that others are told nothing changes
            self.unseen += 1
        self.audience, self.state, self.put_away_at = audience, CelebrationState.SENT, None
        self.record(CelebrationEvent.AUDIENCE_CHOSEN)

    def put_away(self, by: str, at: datetime) -> None:
        """Let nobody else see it any more but who sent it, who is not told; the teacher only."""
        self.check_put_away(by, at)
        self.state, self.put_away_at = CelebrationState.PUT_AWAY, at
        self.unseen += 1
        self.record(CelebrationEvent.PUT_AWAY)

    def reword(self, at: datetime, note: str) -> None:
        """As who sent it, put away or not; the same again changes nothing."""
        if note == self.note:
            return
        if note and self.rewordings >= MOST_REWORDINGS:
            detail = "It was said in other words too often: leave it, or without any."
            raise Fault(Kind.LIMITED, "too_many_corrections", detail)
        self.note, self.reworded_at, self.rewordings = note, at, self.rewordings + 1
        self.record(CelebrationEvent.REWORDED)

    def transfer(self, to: str) -> None:
        """It is the same person's under her other id, and so is who sent it, where it was she."""
        if self.by_herself:
            self.sent_by = to
        self.transferred_from, self.teacher = self.teacher, to
        self.record(CelebrationEvent.TRANSFERRED)


def refusal_of(celebration: CelebrationOutline, ground: Ground) -> Fault | None:
    """Why its fact is not true, INVALID at its place in the request; None of one that is."""
    if celebration.fact is CelebrationFact.TRIAL_KEPT:
        return _of_trial(ground.trial)
    goal = ground.goal
    if goal is None or not goal.shareable:
        return unknown_goal()
    if celebration.fact is CelebrationFact.PROGRESS:
        return _of_progress(celebration, goal, ground.progress)
    if celebration.fact is CelebrationFact.MAINTAINED and not goal.is_maintained:
        return invalid("not_maintained", "That it has lasted was not said.", "/fact")
    if not goal.is_achieved:
        return invalid("not_achieved", "The goal is not achieved.", "/fact")
    return None


def _of_trial(trial: Trial | None) -> Fault | None:
    if trial is None:
        return unknown_trial()
    if not trial.is_kept:
        return invalid("not_kept", "What was tried is not kept.", "/trial_id")
    return None


def _of_progress(
    celebration: CelebrationOutline, goal: Goal, progress: Progress | None
) -> Fault | None:
    place = "/progress_number"
    if not goal.is_about_students:
        detail = "Of a goal that aims at students a value is celebrated, and of no other."
        return invalid("not_about_students", detail, "/goal_id")
    if progress is None:
        return invalid("unknown_progress", "The goal has no such value.", place)
    if progress.voided_at is not None or progress.value != celebration.value:
        return invalid("progress_voided", "The value counts no more, or is another.", place)
    return None


def unknown_trial() -> Fault:
    return invalid("unknown_trial", "The teacher has no such trial.", "/trial_id")
