"""The words of agreements, what one says, and the rules of who may do what with it when: they raise
what the refusal is."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict
from services.programs.relationship.domain import Work


class AgreementState(enum.StrEnum):
    OFFERED = "offered"  # nothing is in force; one side has offered something
    IN_FORCE = "in_force"  # whatever else is offered meanwhile
    OVER = "over"


class AgreementEvent(enum.StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DROPPED = "dropped"
    ENDED = "ended"
    TRANSFERRED = "transferred"


class AgreementOutcome(enum.StrEnum):
    """What became of what counts no more."""

    REPLACED = "replaced"  # something else was offered before it was answered
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    FOLLOWED = "followed"  # another came into force
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """What the two agree on, in their words. `coach_sees`: of the teacher's work what her coach may
    see. `begins`, `ends`: days (YYYY-MM-DD) from when to when they mean to work so; empty: open."""

    works_on: str
    how_often: str
    coach_sees: tuple[Work, ...]
    shared_with: str = ""
    begins: str = ""
    ends: str = ""


@dataclass(frozen=True, slots=True)
class AgreementVersion:
    """What one side has offered. `heard`: by which version of the relationship the teacher agreed
    to it; 0 where she has not. `over_at`, `outcome`: of what counts no more."""

    number: int
    terms: AgreementTerms
    offered_by: str
    offered_at: datetime
    heard: int = 0
    accepted_at: datetime | None = None
    over_at: datetime | None = None
    outcome: AgreementOutcome | None = None


@dataclass(kw_only=True)
class AgreementOutline(Aggregate):
    """What a coach and a teacher have written down for their relationship. `sides`: the two.
    `numbers`: how many versions have been offered. `offered` waits for the other side; `in_force`
    is what both have accepted, and stays until they accept another; `earlier` are those that count
    no more, all that both had accepted and the newest of the others, oldest first.
    `teacher_before`, `coach_before`: the record whose it was, since two records of one person
    became one, or were parted again."""

    relationship: str
    coach: str
    teacher: str
    school_year: int
    begun_at: datetime
    sides: tuple[str, ...] = ()
    numbers: int = 0
    offered: AgreementVersion | None = None
    in_force: AgreementVersion | None = None
    earlier: tuple[AgreementVersion, ...] = ()
    teacher_before: str = ""
    coach_before: str = ""

    @property
    def state(self) -> AgreementState:
        if self.in_force is not None:
            return AgreementState.IN_FORCE
        return AgreementState.OVER if self.offered is None else AgreementState.OFFERED

    def check_accept(self, by: str, at: datetime) -> None:
        """Whether the other side has offered something."""
        if self._waiting().offered_by == by:
            raise conflict("not_yours_to_answer", "The other side answers what you have offered.")

    def check_decline(self, by: str, at: datetime) -> None:
        self.check_accept(by, at)

    def check_withdraw(self, by: str, at: datetime) -> None:
        """Whether she has offered something."""
        if self._waiting().offered_by != by:
            raise conflict("not_your_offer", "Who has offered it takes it back: decline it.")

    def check_end(self, by: str, at: datetime) -> None:
        if self.in_force is None:
            raise conflict("not_in_force", "Only an agreement that is in force is ended.")

    def _waiting(self) -> AgreementVersion:
        if self.offered is None:
            raise conflict("nothing_offered", "Nothing is offered that could be answered.")
        return self.offered
