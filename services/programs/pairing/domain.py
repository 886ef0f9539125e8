"""A teacher who would like to be of a pair: what she can show others, and what she would like to
learn. She says both herself, in short words, and takes them back at once.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict


class PairInterestState(enum.StrEnum):
    STATED = "stated"
    WITHDRAWN = "withdrawn"


class PairInterestEvent(enum.StrEnum):
    STATED = "stated"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"


@dataclass(kw_only=True)
class PairInterest(Aggregate):
    """The only one of its teacher. It counts in its `school_year` alone: in the next she says
    anew whether she would like to. `first_stated_at`: at first, in whatever year.
    `transferred_from`: whose it was before two records of one person became one. `agreed`: see
    `Aggregate`."""

    teacher: str
    school_year: int
    offers: tuple[str, ...]
    seeks: tuple[str, ...]
    stated_at: datetime
    first_stated_at: datetime
    state: PairInterestState = PairInterestState.STATED
    transferred_from: str = ""
    agreed: int = 1

    def stated(self) -> PairInterest:
        self.record(PairInterestEvent.STATED)
        return self

    def state_again(
        self, offers: tuple[str, ...], seeks: tuple[str, ...], year: int, at: datetime
    ) -> None:
        """In place of what she said before, or after she took it back; the same again changes
        nothing."""
        said = (offers, seeks, year, PairInterestState.STATED)
        if said == (self.offers, self.seeks, self.school_year, self.state):
            return
        self.offers, self.seeks, self.school_year, self.state = said
        self.stated_at, self.agreed = at, self.version + 1
        self.record(PairInterestEvent.STATED)

    def lacks(self, offers: tuple[str, ...], seeks: tuple[str, ...], year: int) -> bool:
        """Whether others would be told more by this than by what counts now."""
        said = self.state is PairInterestState.STATED and self.school_year == year
        return not (said and {*offers} <= {*self.offers} and {*seeks} <= {*self.seeks})

    def check_withdraw(self, by: str, at: datetime) -> None:
        if self.state is PairInterestState.WITHDRAWN:
            raise conflict("interest_withdrawn", "It was taken back already.")

    def withdraw(self, by: str, at: datetime) -> None:
        """Take it back: nobody is suggested to her, nor she to anybody, and what she had said is
        kept no more. Pairs that there are stay."""
        self.check_withdraw(by, at)
        self.state, self.offers, self.seeks = PairInterestState.WITHDRAWN, (), ()
        self.record(PairInterestEvent.WITHDRAWN)

    def transfer(self, to: str) -> None:
        """It is of the same person under her other id."""
        self.transferred_from, self.teacher = self.teacher, to
        self.record(PairInterestEvent.TRANSFERRED)
