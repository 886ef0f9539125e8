"""What a celebration says, its rules, and what a list shows of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, Fault, Kind, conflict

# All counts are with what was put away: else who sent it could tell that it was.
MOST_A_WEEK = 5  # from one person to a teacher, by the district's Monday
MOST_CELEBRATIONS = 200  # of a teacher in a school year
MOST_BY_OTHERS = 150  # of them
MOST_BY_ONE = 50  # of these, by one other person: two leave her coach room
LONGEST_NOTE = 500  # characters
MOST_REWORDINGS = 10  # by other words; it may be left without any whenever


class CelebrationState(enum.StrEnum):
    SENT = "sent"
    PUT_AWAY = "put_away"  # who sent it sees it as `sent`, and nobody else but she sees it


class CelebrationFact(enum.StrEnum):
    """What is celebrated."""

    ACHIEVED = "achieved"  # a goal
    MAINTAINED = "maintained"  # a goal that was achieved
    PROGRESS = "progress"  # a value of a goal that aims at students: about a class, as a whole
    TRIAL_KEPT = "trial_kept"


class CelebrationAudience(enum.StrEnum):
    """Who sees it beside her, and who sent it."""

    MINE = "mine"
    PAIRS_AND_GROUPS = "pairs_and_groups"
    COACHES = "coaches"


@dataclass(kw_only=True)
class CelebrationOutline(Aggregate):
    """`goal`: of which the fact is, or from which the trial comes, if it does. `number`: of
    progress which value, 0 of another fact, and `value` what it was when it was sent. `week`: the
    Monday (YYYY-MM-DD) of the district's week in which it was sent. `transferred_from`: whose it
    was before two records of one person became one, or were parted again. `by_herself`: whether
    she sent it herself; that `sent_by` is her id may also come of a peer's record being hers.
    `reworded_at`: when who sent it last changed its `note`, None where nobody did; `rewordings`:
    how often that was. `unseen`: how many of its changes are told to the teacher alone."""

    teacher: str
    school_year: int
    fact: CelebrationFact
    sent_by: str
    by_herself: bool = False
    sent_at: datetime
    week: str
    goal: str = ""
    trial: str = ""
    number: int = 0
    value: float = 0.0
    note: str = ""
    reworded_at: datetime | None = None
    rewordings: int = 0
    audience: CelebrationAudience = CelebrationAudience.MINE
    state: CelebrationState = CelebrationState.SENT
    put_away_at: datetime | None = None
    unseen: int = 0
    transferred_from: str = ""

    def told_to(self, person: str) -> tuple[CelebrationState, datetime | None]:
        """Its state, and when it was put away: that it was is told to the teacher alone."""
        if person == self.teacher:
            return self.state, self.put_away_at
        return CelebrationState.SENT, None

    def version_to(self, person: str) -> int:
        """To whom it is not told that it was put away, or taken up again: it rises by neither."""
        return self.version if person == self.teacher else self.version - self.unseen

    def check_choose(self, by: str, at: datetime) -> None:
        """Whether she may say who sees it; raises what the refusal is, as all rules do."""
        self._owner_only(by)

    def check_put_away(self, by: str, at: datetime) -> None:
        self._owner_only(by)
        if self.state is CelebrationState.PUT_AWAY:
            raise conflict("already_put_away", "It was put away already.")

    def _owner_only(self, by: str) -> None:
        if by != self.teacher:
            detail = "Only the teacher says who sees it."
            raise Fault(Kind.FORBIDDEN, "owner_only", detail)


@dataclass(kw_only=True)
class CelebrationSummary(CelebrationOutline):
    """What a list shows of a celebration, which is all of it."""
