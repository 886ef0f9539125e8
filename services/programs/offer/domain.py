"""What a coach offers in a round: for which grades, subjects and languages she would coach, and how
many. She says it herself, once for each round, and takes it back at once.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict
from services.programs.request.domain import NOTHING_SAID, Teaching

MOST_TEACHERS = 100  # whom one coach would have in a school year


class OfferState(enum.StrEnum):
    MADE = "made"
    WITHDRAWN = "withdrawn"


class CoachingOfferEvent(enum.StrEnum):
    MADE = "made"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"


@dataclass(kw_only=True)
class CoachingOffer(Aggregate):
    """The only one of its round and coach. `capacity`: how many teachers she would have in its
    school year, with those whom she has by then, in whatever program. `first_offered_at`: at first.
    `transferred_from`: whose it was before two records of one person became one; `moved_in`: in
    which of its versions it became hers so, 0 while it never has. `agreed`: see `Aggregate`."""

    round: str
    program: str
    coach: str
    school_year: int
    teaching: Teaching
    capacity: int
    offered_at: datetime
    first_offered_at: datetime
    state: OfferState = OfferState.MADE
    transferred_from: str = ""
    moved_in: int = 0
    agreed: int = 1

    def made(self) -> CoachingOffer:
        self.record(CoachingOfferEvent.MADE)
        return self

    @property
    def counts(self) -> bool:
        return self.state is OfferState.MADE

    def make_again(self, teaching: Teaching, capacity: int, at: datetime) -> None:
        """In place of what she offered before, or after she took it back; the same again changes
        nothing."""
        said = (teaching, capacity, OfferState.MADE)
        if said == (self.teaching, self.capacity, self.state):
            return
        self.teaching, self.capacity, self.state = said
        self.offered_at, self.agreed = at, self.version + 1
        self.record(CoachingOfferEvent.MADE)

    def check_withdraw(self, by: str, at: datetime) -> None:
        if not self.counts:
            raise conflict("offer_withdrawn", "It was taken back already.")

    def withdraw(self, by: str, at: datetime) -> None:
        """Take it back: she is suggested to nobody, and what she had said is kept no more. Whom she
        coaches she coaches."""
        self.check_withdraw(by, at)
        self._take_back()
        self.record(CoachingOfferEvent.WITHDRAWN)

    def transfer(self, to: str, *, back: bool = False) -> None:
        """It is of the same person under her other id. `back`: the two are two after all, and what
        the other has said since is taken back, which this one never said."""
        if back and self.agreed > self.moved_in > 0:
            self._take_back()
        self.transferred_from, self.coach = self.coach, to
        self.moved_in = self.version + 1
        self.record(CoachingOfferEvent.TRANSFERRED)

    def _take_back(self) -> None:
        self.state, self.teaching, self.capacity = OfferState.WITHDRAWN, NOTHING_SAID, 0
