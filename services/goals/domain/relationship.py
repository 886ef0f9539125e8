"""A coach and a teacher who work together for one school year."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, Fault, conflict, invalid

MOST_ROUNDS = 20  # earlier rounds that are kept


class RelationshipState(enum.StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    DECLINED = "declined"
    ENDED = "ended"


class RelationshipEvent(enum.StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ENDED = "ended"


class Acknowledgment(enum.StrEnum):
    """What a teacher has been told about her coach and agrees to all the same."""

    COACH_LEADS = "coach_leads"  # she also leads a school or administers


_OPEN = (RelationshipState.PROPOSED, RelationshipState.ACTIVE)


@dataclass(frozen=True, slots=True)
class Round:
    """What became of an earlier proposal of the same year."""

    state: RelationshipState
    proposed_by: str
    proposed_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None


@dataclass(kw_only=True)
class Relationship(Aggregate):
    """The only one of its coach, teacher and school year. Proposed by one side (or the
    district), accepted by the teacher or, where the teacher proposed it, by the coach. Ending
    it closes the coach's access; it may be proposed again. `acknowledged` is what the teacher
    agreed to in this round; `earlier` are the newest rounds before it, oldest first."""

    coach: str
    teacher: str
    school_year: int
    state: RelationshipState
    proposed_by: str
    proposed_at: datetime
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    acknowledged: tuple[Acknowledgment, ...] = ()
    earlier: tuple[Round, ...] = ()

    @classmethod
    def propose(
        cls,
        *,
        id: str,
        district: str,
        coach: str,
        teacher: str,
        year: int,
        by: str,
        at: datetime,
        acknowledged: Collection[Acknowledgment] = (),
    ) -> Relationship:
        """`acknowledged` counts from the teacher alone."""
        if coach == teacher:
            raise invalid("coach_is_teacher", "Nobody coaches herself.", "/coach_id")
        relationship = cls(
            id=id,
            district=district,
            coach=coach,
            teacher=teacher,
            school_year=year,
            state=RelationshipState.PROPOSED,
            proposed_by=by,
            proposed_at=at,
            acknowledged=_said(acknowledged, by, teacher),
        )
        relationship.record(RelationshipEvent.PROPOSED)
        return relationship

    def propose_again(
        self, by: str, at: datetime, acknowledged: Collection[Acknowledgment] = ()
    ) -> None:
        """After it was declined or ended. What is proposed or active already stays as it is."""
        if self.state in _OPEN:
            return
        over = Round(
            self.state, self.proposed_by, self.proposed_at, self.accepted_at, self.ended_at
        )
        self.earlier = (*self.earlier, over)[-MOST_ROUNDS:]
        self.state = RelationshipState.PROPOSED
        self.proposed_by, self.proposed_at = by, at
        self.accepted_at = self.ended_at = None
        self.acknowledged = _said(acknowledged, by, self.teacher)
        self.record(RelationshipEvent.PROPOSED)

    def accept(
        self,
        by: str,
        at: datetime,
        *,
        needed: Collection[Acknowledgment] = (),
        acknowledged: Collection[Acknowledgment] = (),
    ) -> None:
        """By the side that did not propose; again, it changes nothing. `needed` is what is true
        of the coach: the teacher must have acknowledged it now or, where she proposed, with
        that. What became true of her coach since she accepted she accepts anew."""
        said = set(acknowledged if by == self.teacher else self.acknowledged)
        if self.state is RelationshipState.ACTIVE and by in (self.teacher, self._answers()):
            if by != self.teacher or set(needed) <= set(self.acknowledged):
                return
        else:
            self._answer(by)
        if not set(needed) <= said:
            raise _untold(by == self.teacher)
        self.state = RelationshipState.ACTIVE
        self.acknowledged = tuple(sorted(needed))
        self.accepted_at = at
        self.record(RelationshipEvent.ACCEPTED)

    def decline(self, by: str, at: datetime) -> None:
        self._answer(by)
        self.state = RelationshipState.DECLINED
        self.ended_at = at
        self.record(RelationshipEvent.DECLINED)

    def end(self, at: datetime) -> None:
        """Either side, at any time; a proposal is withdrawn the same way."""
        if self.state not in _OPEN:
            raise conflict("relationship_over", "The relationship is over already.")
        self.state = RelationshipState.ENDED
        self.ended_at = at
        self.record(RelationshipEvent.ENDED)

    def _answers(self) -> str:
        return self.coach if self.proposed_by == self.teacher else self.teacher

    def _answer(self, by: str) -> None:
        if self.state is not RelationshipState.PROPOSED:
            raise conflict("not_proposed", "Only a proposed relationship can be answered.")
        if by != self._answers():
            raise conflict("not_yours_to_answer", "The other side answers this proposal.")


def _said(
    acknowledged: Collection[Acknowledgment], by: str, teacher: str
) -> tuple[Acknowledgment, ...]:
    return tuple(sorted(set(acknowledged))) if by == teacher else ()


def _untold(teacher: bool) -> Fault:
    if teacher:
        detail = "This coach also leads or administers; say that you know and accept all the same."
        return invalid("acknowledgment_needed", detail, "/acknowledges")
    detail = "The teacher proposed without knowing that you lead; she has to propose it anew."
    return conflict("acknowledgment_needed", detail)
