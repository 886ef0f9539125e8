"""What becomes of a relationship with which another coach is to go on: proposed by the coach or the
district, accepted by the teacher, and for at once or from a day on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.kernel import Fault, Kind, conflict, invalid
from services.programs.relationship.outline import (
    Acknowledgment,
    CoachKind,
    Handover,
    HandoverAsked,
    RelationshipEvent,
    RelationshipState,
    Work,
    asked_once_more,
    untold,
)
from services.programs.relationship.pausing import Pausing


@dataclass(kw_only=True)
class HandedOver(Pausing):
    @property
    def gone_on(self) -> bool:
        """Whether another coach has gone on by the teacher's word, now or a round ago."""
        return self.handover is not None and self.handover.began_at is not None

    @property
    def waits_for_its_day(self) -> bool:
        """Whether the teacher has accepted another coach from a day on that has not come: until
        then this one goes on."""
        to = self.handover
        agreed = to is not None and to.accepted_at is not None and to.began_at is None
        return self.active and agreed

    def check_hand_over(self, by: str, at: datetime) -> None:
        """Whether another coach may be proposed: the teacher has other ways."""
        if by == self.teacher:
            detail = "The teacher proposes another coach herself, and ends what there is."
            raise Fault(Kind.FORBIDDEN, "teacher_decides", detail)
        if not self.active:
            raise conflict("not_active", "Only an active relationship is handed over.")
        self._check_district_proposed_none(by)
        if self.waits_for_its_day:
            detail = "The teacher has accepted a coach from a day on: take that back first."
            raise conflict("handover_accepted", detail)

    def hand_over(
        self,
        by: str,
        at: datetime,
        coach: str,
        from_date: str = "",
        coach_kind: CoachKind | None = None,
    ) -> None:
        """Propose that another goes on, from a day on where it is named; again, it changes nothing.
        Another day for who is proposed already is no second proposal, and has a bound of its own.
        Raises INVALID `nobody_else`, CONFLICT `proposed_lately`."""
        self.check_hand_over(by, at)
        if coach in (self.coach, self.teacher):
            raise invalid("nobody_else", "Somebody else goes on with the teacher.", "/coach_id")
        to = self.handover
        moved = not self.gone_on and to is not None and to.successor == coach
        if moved and to is not None and (to.from_date, to.coach_kind) == (from_date, coach_kind):
            return
        asked = HandoverAsked(coach, at, by)
        self.asked = asked_once_more(self.asked, asked, self.coach, moved=moved)
        self.handover = Handover(coach, by, at, from_date=from_date, coach_kind=coach_kind)
        self.record(RelationshipEvent.HANDOVER_PROPOSED)

    def check_accept_handover(self, by: str, at: datetime) -> None:
        """Whether there is one that she may answer."""
        if by != self.teacher:
            raise Fault(Kind.FORBIDDEN, "teacher_decides", "The teacher alone answers this.")
        self._check_handing_over()

    def accept_handover(
        self,
        by: str,
        at: datetime,
        coach_sees: Collection[Work],
        needed: Collection[Acknowledgment] = (),
        acknowledged: Collection[Acknowledgment] = (),
        today: str = "",
    ) -> None:
        """As the teacher: it ends, and the other one sees `coach_sees` of her work; where its day
        lies after `today` (YYYY-MM-DD) that waits, and she may say it anew. `needed`,
        `acknowledged`: of the other one, as in `accept`."""
        self.check_accept_handover(by, at)
        if not set(needed) <= set(acknowledged):
            raise untold(teacher=True)
        to = self.handover
        assert to is not None
        sees, knows = tuple(sorted(set(coach_sees))), tuple(sorted(needed))
        waits = to.from_date > today
        if waits and self.waits_for_its_day and (sees, knows) == (to.coach_sees, to.acknowledged):
            return
        self.handover = replace(to, accepted_at=at, coach_sees=sees, acknowledged=knows)
        if waits:
            self.record(RelationshipEvent.HANDOVER_ACCEPTED)
        else:
            self._go_on(self.handover, at)

    def go_on_since_its_day(self, at: datetime) -> None:
        """Its day has come: this one has ended by the teacher's word. Where nothing waits, or not
        any more, nothing is changed."""
        if self.waits_for_its_day:
            assert self.handover is not None
            self._go_on(self.handover, at)

    def _go_on(self, to: Handover, at: datetime) -> None:
        self.handover = replace(to, began_at=at)
        self.state, self.ended_at, self.ended_by = RelationshipState.ENDED, at, self.teacher
        self.record(RelationshipEvent.ENDED)

    def check_decline_handover(self, by: str, at: datetime) -> None:
        self.check_accept_handover(by, at)

    def decline_handover(self, by: str, at: datetime) -> None:
        self.check_decline_handover(by, at)
        self.keep_coach()

    def check_withdraw_handover(self, by: str, at: datetime) -> None:
        if by == self.teacher:
            raise Fault(Kind.FORBIDDEN, "teacher_decides", "The teacher declines it instead.")
        self._check_handing_over()
        self._check_district_proposed_none(by)

    def withdraw_handover(self, by: str, at: datetime) -> None:
        self.check_withdraw_handover(by, at)
        self.keep_coach()

    def keep_coach(self) -> None:
        """Nobody else goes on, whoever or whatever it is that forbids it."""
        self.handover = None
        self.record(RelationshipEvent.HANDOVER_DROPPED)

    def _check_district_proposed_none(self, by: str) -> None:
        """Else her coach could keep the district from its part, who counts for herself."""
        to = self.handover
        if by == self.coach and to is not None and not self.gone_on and to.proposed_by != by:
            detail = "The district has proposed a coach: that it takes back itself."
            raise Fault(Kind.FORBIDDEN, "district_proposed", detail)

    def _check_handing_over(self) -> None:
        if not self.active or self.handover is None or self.gone_on:
            raise conflict("no_handover", "No other coach is proposed.")
