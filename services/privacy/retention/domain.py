"""The clock by which a district keeps records for the time that its data-use policy says.

Of a district there is one. Once a day it begins a round: it asks the services, by an event that
names whom a legal hold is on, to count what they have and to erase what has had its time. For a
while after a version of the policy is enacted rounds only count, so that everybody sees what would
go before anything does.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chassis.kernel import Aggregate

NOTICE = timedelta(days=7)  # after the policy is enacted
MOST_HELD = 1_000  # legal holds that one round can tell of; with more it erases nothing


class RetentionEvent(enum.StrEnum):
    ASKED = "asked"
    NOTED = "noted"


class Waits(enum.StrEnum):
    """Why a round erases nothing."""

    NOTICE = "notice"
    HOLDS = "holds"


@dataclass(frozen=True, slots=True)
class KeptFor:
    """How many days records of a class are kept."""

    record: str
    days: int


@dataclass(frozen=True, slots=True)
class InForce:
    """What the version in force says, and since when."""

    number: int
    enacted_at: datetime
    terms: tuple[KeptFor, ...]


@dataclass(frozen=True, slots=True)
class YearFound:
    """How many records of a school year a service has."""

    school_year: int
    records: int


@dataclass(frozen=True, slots=True)
class RoundFound:
    """What a service has said of a class in a round: see `RetentionReport` in its events."""

    record: str
    at: datetime
    years: tuple[YearFound, ...]
    due: int
    held: int
    later: int
    erased: int
    complete: bool


@dataclass(kw_only=True)
class RetentionClock(Aggregate):
    """`day` is YYYY-MM-DD, in the district. `held`: whom a legal hold was on when the round was
    begun, at most 1,000. `found`: of this round; of a class that nobody has spoken of yet, of one
    before it under the same version."""

    policy: int = 0
    enacted_at: datetime | None = None
    round: int = 0
    asked_at: datetime | None = None
    day: str = ""
    terms: tuple[KeptFor, ...] = ()
    waits: str = ""
    held: tuple[str, ...] = ()
    found: tuple[RoundFound, ...] = ()

    def ask(self, policy: InForce, held: tuple[str, ...], day: str, at: datetime) -> None:
        """Begin a round; nothing where the day has had one under this version, or a newer one is
        known. `held`: one more than a round can tell of where there are too many."""
        if policy.number < self.policy or (policy.number == self.policy and day <= self.day):
            return
        if policy.number > self.policy:
            self.found = ()
        self.policy, self.enacted_at, self.terms = policy.number, policy.enacted_at, policy.terms
        self.round, self.day, self.asked_at = self.round + 1, day, at
        self.held = held[:MOST_HELD]
        self.waits = ""
        if len(held) > MOST_HELD:
            self.waits = Waits.HOLDS
        elif at < policy.enacted_at + NOTICE:
            self.waits = Waits.NOTICE
        self.record(RetentionEvent.ASKED)

    def note(self, round: int, found: RoundFound) -> None:
        """What a service has said of this round; nothing of what was said of another, or before
        this one was begun: a round that a restored backup does not know may have had its number."""
        early = self.asked_at is None or found.at < self.asked_at
        named = any(each.record == found.record for each in self.terms)
        if round != self.round or early or not named or found in self.found:
            return
        others = (each for each in self.found if each.record != found.record)
        self.found = tuple(sorted((*others, found), key=lambda each: each.record))
        self.record(RetentionEvent.NOTED)

    @property
    def erases(self) -> bool:
        return bool(self.terms) and not self.waits

    @property
    def erases_from(self) -> datetime | None:
        """When the notice is over; None where nothing is kept for a time."""
        if self.enacted_at is None or not self.terms:
            return None
        return self.enacted_at + NOTICE
