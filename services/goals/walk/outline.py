"""What a list shows of a walk, and its rules."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict

MOST_WALKS = 100  # of a teacher in a school year, without those that were abandoned
MOST_BY_OTHERS = 50  # of them
MOST_STARTED = 300  # by one person, of a teacher in a school year, with them
MOST_MOVES = 400  # answers of a walk, those that were taken back included
MOST_REASON_BYTES = 256 * 1024  # of all reasons of a walk, in UTF-8: what duties add has room


class WalkState(enum.StrEnum):
    UNDERWAY = "underway"
    COMPLETED = "completed"
    ABANDONED = "abandoned"


class OfferKind(enum.StrEnum):
    MEASURE = "measure"
    TOOL = "tool"
    STRATEGY = "strategy"


@dataclass(frozen=True, slots=True)
class WalkAnswer:
    """What was answered at a step; `reason` may be empty."""

    step: str
    answer: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WalkChoice:
    """What was chosen of what a step offers; one of each kind at a step. `reason` may be empty."""

    step: str
    kind: OfferKind
    offered: str
    reason: str
    by: str
    at: datetime


@dataclass(kw_only=True)
class WalkOutline(Aggregate):
    """A walk without its answers. `tree`: a published one; `at_step`: where it stands; `goal`: to
    which it has led, empty before. `transferred_from`: whose it was before two records of one
    person became one, or were parted again."""

    teacher: str
    school_year: int
    tree: str
    at_step: str
    started_by: str
    started_at: datetime
    state: WalkState = WalkState.UNDERWAY
    goal: str = ""
    ended_at: datetime | None = None
    transferred_from: str = ""

    def check_underway(self, by: str, at: datetime) -> None:
        """Whether it may go on, to wherever it leads; raises what the refusal is, as all rules
        do."""
        if self.state is not WalkState.UNDERWAY:
            raise conflict("walk_over", "The walk is over: begin another.")


@dataclass(kw_only=True)
class WalkSummary(WalkOutline):
    """What a list shows of a walk."""

    answers: tuple[WalkAnswer, ...] = ()

    def check_step_back(self, by: str, at: datetime) -> None:
        check_step_back(self, by, at, len(self.answers))


def check_step_back(walk: WalkOutline, by: str, at: datetime, answered: int) -> None:
    walk.check_underway(by, at)
    if not answered:
        raise conflict("at_the_beginning", "There is no step to go back to.")
