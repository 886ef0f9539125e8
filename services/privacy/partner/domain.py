"""A partner: a program that a district lets read its data, by the client that its tokens name.

What its tokens open is what both they and the registration say, and nothing once it is suspended,
revoked or over. Every service learns that by the events, as it learns of everybody else.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict, invalid

MOST_PARTNERS = 500  # of a district, ever
MOST_STEPS = 50  # that are kept
MOST_OVERDUE = 200  # receipts that are known to keep it out


class PartnerState(enum.StrEnum):
    """`unregistered`: nobody has registered it, and a receipt of its was overdue."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    UNREGISTERED = "unregistered"


class PartnerEvent(enum.StrEnum):
    REGISTERED = "registered"
    CHANGED = "changed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    FELL_BEHIND = "fell_behind"
    CAUGHT_UP = "caught_up"
    REVOKED = "revoked"


class PartnerAct(enum.StrEnum):
    """What people do with one."""

    REGISTERED = "registered"
    CHANGED = "changed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class PartnerStepTaken:
    """A step, by whom, when and why."""

    step: PartnerAct
    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PartnerTerms:
    """`scopes` ascend; `until` is None where there is no end; `contact`: whom to ask at the
    partner's."""

    title: str
    scopes: tuple[str, ...]
    contact: str
    until: datetime | None


@dataclass(kw_only=True)
class Partner(Aggregate):
    """`partner`: the client's id in its tokens. `steps`: what people did with it, the newest last,
    at most MOST_STEPS. `overdue`: the ids of receipts that keep it out. `registered_at`: of one
    that is not registered, since when it is known."""

    partner: str
    terms: PartnerTerms
    registered_at: datetime
    state: PartnerState = PartnerState.ACTIVE
    steps: tuple[PartnerStepTaken, ...] = ()
    overdue: tuple[str, ...] = ()

    def registered(self, by: str) -> Partner:
        """With its first event. Raises INVALID for an end that is not ahead."""
        self._check_ahead(self.terms, self.registered_at)
        self._took(PartnerAct.REGISTERED, by, self.registered_at)
        return self

    @classmethod
    def unregistered(
        cls, id: str, district: str, partner: str, receipt: str, at: datetime
    ) -> Partner:
        """A client whose receipt is overdue, and which nobody has registered."""
        new = cls(
            id=id,
            district=district,
            partner=partner,
            terms=PartnerTerms("", (), "", None),
            registered_at=at,
            state=PartnerState.UNREGISTERED,
        )
        new.fall_behind(receipt)
        return new

    def register(self, terms: PartnerTerms, by: str, at: datetime) -> None:
        """One that nobody had registered. What keeps it out still does. Raises INVALID for an end
        that is not ahead, CONFLICT `already_exists` where it is registered by now."""
        if self.state is not PartnerState.UNREGISTERED:
            raise conflict("already_exists", "The resource exists already.")
        self._check_ahead(terms, at)
        self.terms, self.registered_at, self.state = terms, at, PartnerState.ACTIVE
        self._took(PartnerAct.REGISTERED, by, at)

    def change(self, terms: PartnerTerms, by: str, at: datetime) -> None:
        """What it says, in place of what it said. Raises INVALID for another end that is not
        ahead."""
        self.check_change(by, at)
        if terms.until != self.terms.until:
            self._check_ahead(terms, at)
        self.terms = terms
        self._took(PartnerAct.CHANGED, by, at)

    def check_change(self, by: str, at: datetime) -> None:
        if self.state is PartnerState.REVOKED:
            raise conflict("partner_is_revoked", "It is revoked for good: register another.")
        self._check_registered()

    def suspend(self, by: str, at: datetime, reason: str = "") -> None:
        """Its tokens open nothing until it is resumed."""
        self.check_suspend(by, at)
        self.state = PartnerState.SUSPENDED
        self._took(PartnerAct.SUSPENDED, by, at, reason)

    def check_suspend(self, by: str, at: datetime) -> None:
        self.check_change(by, at)
        if self.state is PartnerState.SUSPENDED:
            raise conflict("already_suspended", "It is suspended already.")

    def resume(self, by: str, at: datetime, reason: str = "") -> None:
        """Its tokens count again."""
        self.check_resume(by, at)
        self.state = PartnerState.ACTIVE
        self._took(PartnerAct.RESUMED, by, at, reason)

    def check_resume(self, by: str, at: datetime) -> None:
        if self.state is not PartnerState.SUSPENDED:
            raise conflict("not_suspended", "It is not suspended.")

    def revoke(self, by: str, at: datetime, reason: str = "") -> None:
        """Its tokens open nothing any more, for good."""
        self.check_revoke(by, at)
        self.state = PartnerState.REVOKED
        self._took(PartnerAct.REVOKED, by, at, reason)

    def check_revoke(self, by: str, at: datetime) -> None:
        if self.state is PartnerState.REVOKED:
            raise conflict("already_revoked", "It is revoked already.")
        self._check_registered()

    def fall_behind(self, receipt: str) -> None:
        """A receipt of its is overdue; nothing where it is known already, or not `has_room`."""
        if receipt in self.overdue or not self.has_room:
            return
        self.overdue = (*self.overdue, receipt)
        self.record(PartnerEvent.FELL_BEHIND)

    @property
    def has_room(self) -> bool:
        """For one more receipt to keep it out."""
        return len(self.overdue) < MOST_OVERDUE

    def catch_up(self, receipt: str) -> None:
        """That receipt is confirmed; with the last its tokens count again."""
        if receipt in self.overdue:
            self.overdue = tuple(each for each in self.overdue if each != receipt)
            self.record(PartnerEvent.CAUGHT_UP)

    def _check_registered(self) -> None:
        if self.state is PartnerState.UNREGISTERED:
            raise conflict("not_registered", "Nobody has registered it: do so first.")

    def _check_ahead(self, terms: PartnerTerms, at: datetime) -> None:
        if terms.until is not None and terms.until <= at:
            raise invalid("until_in_the_past", "The end is over already.", "/until")

    def _took(self, step: PartnerAct, by: str, at: datetime, reason: str = "") -> None:
        self.steps = (*self.steps, PartnerStepTaken(step, by, at, reason))[-MOST_STEPS:]
        self.record(PartnerEvent(step.value))
