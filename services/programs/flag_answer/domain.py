"""What a coach says to an attention flag of one of her teachers: seen, or set aside for a time.

It is hers alone, and about what to look at, never about how a teacher does. What the flag is about
is not kept: its id holds digests.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict, invalid

FLAG_ID = r"^F[0-9]{1,2}-[0-9a-f]{16}-[0-9a-f]{16}$"


class FlagAnswerKind(enum.StrEnum):
    ACKNOWLEDGED = "acknowledged"  # until what it follows from changes
    DISMISSED = "dismissed"  # whatever it follows from, for a time or for the school year


class FlagAnswerState(enum.StrEnum):
    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class FlagAnswerEvent(enum.StrEnum):
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"


class DismissalReason(enum.StrEnum):
    """None of them judges anybody."""

    SEEN_TO = "seen_to"  # outside of Tandem
    AGREED = "agreed"  # the two have agreed on it
    NOT_NOW = "not_now"
    AWAY = "away"  # the teacher is
    NOT_SO = "not_so"  # what it follows from is wrong


@dataclass(frozen=True, slots=True)
class Said:
    """`until`: the day (YYYY-MM-DD) on which a dismissed flag is back; empty: for the school
    year."""

    answer: FlagAnswerKind
    reason: DismissalReason | None = None
    until: str = ""

    def check(self) -> None:
        """Raises INVALID `reason_needed`, or `dismissals_only` for what an acknowledgment does not
        have."""
        dismissed = self.answer is FlagAnswerKind.DISMISSED
        if dismissed and self.reason is None:
            raise invalid("reason_needed", "Say why it is dismissed.", "/reason")
        for place, said in (("/reason", self.reason), ("/until", self.until)):
            if said and not dismissed:
                detail = "Only a dismissal says that: what is acknowledged is back when it changes."
                raise invalid("dismissals_only", detail, place)


@dataclass(kw_only=True)
class FlagAnswer(Aggregate):
    """The only one of its coach, teacher, school year and what the flag is about (`flag_id` without
    its last part). `relationship`: by which she coaches, and with which this goes. `first_at`: when
    she first said anything to it. `teacher_before`, `coach_before`: whose it was before two records
    of one person became one."""

    coach: str
    teacher: str
    relationship: str
    school_year: int
    flag_id: str
    says: Said
    first_at: datetime
    answered_at: datetime
    state: FlagAnswerState = FlagAnswerState.GIVEN
    teacher_before: str = ""
    coach_before: str = ""

    @property
    def code(self) -> str:
        return self.flag_id.partition("-")[0]

    def given(self) -> FlagAnswer:
        self.record(FlagAnswerEvent.GIVEN)
        return self

    def answer(self, flag_id: str, says: Said, at: datetime) -> None:
        """Say something to it anew, also after that was taken back; the same again changes
        nothing."""
        if self.state is FlagAnswerState.GIVEN and (self.flag_id, self.says) == (flag_id, says):
            return
        self.flag_id, self.says, self.answered_at = flag_id, says, at
        self.state = FlagAnswerState.GIVEN
        self.record(FlagAnswerEvent.GIVEN)

    def check_withdraw(self, by: str, at: datetime) -> None:
        if self.state is FlagAnswerState.WITHDRAWN:
            raise conflict("answer_withdrawn", "It was taken back: answer the flag anew.")

    def withdraw(self, by: str, at: datetime) -> None:
        """Take it back: the flag is as if nothing had been said to it."""
        self.check_withdraw(by, at)
        self.state = FlagAnswerState.WITHDRAWN
        self.record(FlagAnswerEvent.WITHDRAWN)

    def is_of(self, other: FlagAnswer) -> bool:
        """Whether both are given to what one flag is about, in one school year."""
        given = FlagAnswerState.GIVEN
        same = subject_of(self.flag_id) == subject_of(other.flag_id)
        both = self.state is given and other.state is given
        return both and same and self.school_year == other.school_year and self.id != other.id

    def transfer(self, side: str, to: str, newer: bool = False) -> None:
        """The coach or the teacher (`side`) is the same person under her other id. `newer`: what
        has been said under that one to the same flag counts."""
        if newer:
            self.state = FlagAnswerState.WITHDRAWN
        setattr(self, f"{side}_before", getattr(self, side))
        setattr(self, side, to)
        self.record(FlagAnswerEvent.TRANSFERRED)


def subject_of(flag_id: str) -> str:
    """What a flag is about: its id without the digest of what it follows from."""
    return flag_id.rpartition("-")[0]
