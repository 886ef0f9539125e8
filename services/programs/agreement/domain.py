"""What a coach and a teacher have agreed on in writing: what they work on, how often, and what is
shared with whom.

Either offers a version, and it is in force once the other has accepted that very version. The one
in force stays until then. It is the two's alone: nobody else reads it, or is told who said no.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.chassis.kernel import conflict, invalid
from services.programs.agreement.outline import (
    AgreementEvent,
    AgreementOutcome,
    AgreementOutline,
    AgreementTerms,
    AgreementVersion,
)

MOST_AGREED = 20  # versions that both have accepted: all are kept, so no more are offered then
MOST_OFFERED = 10  # by one side in A_WEEK
MOST_UNANSWERED = 2 * MOST_OFFERED  # kept, the newest, of those that were never accepted
A_WEEK = timedelta(hours=7 * 24)


@dataclass(kw_only=True)
class Agreement(AgreementOutline):
    """The only one of its relationship that counts: after two records of one person became one,
    that of the record given up is over."""

    @classmethod
    def begin(
        cls,
        *,
        id: str,
        district: str,
        relationship: str,
        coach: str,
        teacher: str,
        year: int,
        by: str,
        at: datetime,
        terms: AgreementTerms,
        heard: int,
    ) -> Agreement:
        """With the first version that one of the two offers; `heard` as in `offer`."""
        agreement = cls(
            id=id,
            district=district,
            relationship=relationship,
            coach=coach,
            teacher=teacher,
            school_year=year,
            begun_at=at,
            sides=(coach, teacher),
        )
        agreement.offer(by, at, terms, heard)
        return agreement

    def offer(self, by: str, at: datetime, terms: AgreementTerms, heard: int) -> None:
        """A new version, in place of whatever waits for an answer. `heard`: the version of the
        relationship, where the teacher offers it. Raises INVALID `ends_before_it_begins`, CONFLICT
        `too_many_offers` by one side in a week, `too_many_agreed` by both."""
        if terms.begins and terms.ends and terms.ends < terms.begins:
            raise invalid("ends_before_it_begins", "It ends before it begins.", "/end_date")
        self._check_room(by, at)
        self._drop(AgreementOutcome.REPLACED, at)
        self.numbers += 1
        self.offered = AgreementVersion(self.numbers, terms, by, at, heard)
        self.record(AgreementEvent.OFFERED)

    def accept(self, by: str, at: datetime, number: int, heard: int) -> None:
        """What the other side has offered, by its number: if that is another one by now, nothing
        is agreed. `heard` as in `offer`. Raises CONFLICT `another_version`."""
        self.check_accept(by, at)
        offered = self._waiting()
        if offered.number != number:
            raise conflict("another_version", "Another version is offered by now: read it first.")
        self._close(AgreementOutcome.FOLLOWED, at)
        self.in_force = replace(offered, accepted_at=at, heard=offered.heard or heard)
        self.offered = None
        self.record(AgreementEvent.ACCEPTED)

    def decline(self, by: str, at: datetime) -> None:
        """Say no to what the other side has offered; what is in force stays."""
        self.check_decline(by, at)
        self._drop(AgreementOutcome.DECLINED, at)
        self.record(AgreementEvent.DROPPED)

    def withdraw(self, by: str, at: datetime) -> None:
        """Take back what you have offered; what is in force stays."""
        self.check_withdraw(by, at)
        self._drop(AgreementOutcome.WITHDRAWN, at)
        self.record(AgreementEvent.DROPPED)

    def end(self, by: str, at: datetime) -> None:
        """End what is in force, as either side; what the coach sees stays as it is."""
        self.check_end(by, at)
        self._close(AgreementOutcome.ENDED, at)
        self.record(AgreementEvent.ENDED)

    def finish(self, until: datetime, at: datetime) -> None:
        """Its relationship has ended: what was offered or accepted until then is over."""
        if self.offered is not None and self.offered.offered_at <= until:
            self._drop(AgreementOutcome.ENDED, at)
            self.record(AgreementEvent.ENDED)
        accepted = self.in_force.accepted_at if self.in_force is not None else None
        if accepted is not None and accepted <= until:
            self._close(AgreementOutcome.ENDED, at)
            self.take_event()  # one event says both
            self.record(AgreementEvent.ENDED)

    def transfer(self, before: str, after: str, relationship: str, at: datetime) -> None:
        """The one is the other, a record of the same person, who has the `relationship` now. What
        was agreed on is over: it was agreed as somebody else, and is agreed anew."""
        self._drop(AgreementOutcome.ENDED, at)
        self._close(AgreementOutcome.ENDED, at)
        if self.teacher == before:
            self.teacher, self.teacher_before = after, before
        if self.coach == before:
            self.coach, self.coach_before = after, before
        self.sides, self.relationship = (self.coach, self.teacher), relationship
        self.earlier = tuple(
            replace(each, offered_by=after) if each.offered_by == before else each
            for each in self.earlier
        )
        self.record(AgreementEvent.TRANSFERRED)

    def _drop(self, outcome: AgreementOutcome, at: datetime) -> None:
        self._keep(self.offered, outcome, at)
        self.offered = None

    def _close(self, outcome: AgreementOutcome, at: datetime) -> None:
        self._keep(self.in_force, outcome, at)
        self.in_force = None

    def _keep(self, over: AgreementVersion | None, outcome: AgreementOutcome, at: datetime) -> None:
        """What both have accepted stays; of the rest the newest do."""
        if over is None:
            return
        kept = [*self.earlier, replace(over, outcome=outcome, over_at=at)]
        never = [each for each in kept if each.accepted_at is None]
        left = never[: max(len(never) - MOST_UNANSWERED, 0)]
        self.earlier = tuple(each for each in kept if each not in left)

    def _check_room(self, by: str, at: datetime) -> None:
        known = [each for each in (*self.earlier, self.in_force, self.offered) if each is not None]
        lately = [e for e in known if e.offered_by == by and e.offered_at > at - A_WEEK]
        if len(lately) >= MOST_OFFERED:
            detail = f"You have offered {MOST_OFFERED} versions within a week: offer another later."
            raise conflict("too_many_offers", detail)
        if sum(each.accepted_at is not None for each in known) >= MOST_AGREED:
            detail = f"The two have agreed {MOST_AGREED} times, and all of it is kept."
            raise conflict("too_many_agreed", detail)
