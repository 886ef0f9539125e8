"""A coach and a teacher who work together for one school year."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict, invalid


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


@dataclass(kw_only=True)
class Relationship(Aggregate):
    """Proposed by one side (or the district), accepted by the teacher or, where the teacher
    proposed it, by the coach. Ending it closes the coach's access."""

    coach: str
    teacher: str
    school_year: int
    state: RelationshipState
    proposed_by: str
    proposed_at: datetime
    accepted_at: datetime | None = None
    ended_at: datetime | None = None

    @classmethod
    def propose(
        cls, *, id: str, district: str, coach: str, teacher: str, year: int, by: str, at: datetime
    ) -> Relationship:
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
        )
        relationship.record(RelationshipEvent.PROPOSED)
        return relationship

    def accept(self, by: str, at: datetime) -> None:
        self._answer(by)
        self.state = RelationshipState.ACTIVE
        self.accepted_at = at
        self.record(RelationshipEvent.ACCEPTED)

    def decline(self, by: str, at: datetime) -> None:
        self._answer(by)
        self.state = RelationshipState.DECLINED
        self.ended_at = at
        self.record(RelationshipEvent.DECLINED)

    def end(self, at: datetime) -> None:
        """Either side, at any time; a proposal is withdrawn the same way."""
        if self.state not in (RelationshipState.PROPOSED, RelationshipState.ACTIVE):
            raise conflict("relationship_over", "The relationship is over already.")
        self.state = RelationshipState.ENDED
        self.ended_at = at
        self.record(RelationshipEvent.ENDED)

    def _answer(self, by: str) -> None:
        if self.state is not RelationshipState.PROPOSED:
            raise conflict("not_proposed", "Only a proposed relationship can be answered.")
        answers = self.coach if self.proposed_by == self.teacher else self.teacher
        if by != answers:
            raise conflict("not_yours_to_answer", "The other side answers this proposal.")
