"""A coach and a teacher who work together for one school year."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.kernel import conflict, invalid
from services.programs.relationship.handover import HandedOver
from services.programs.relationship.outline import OPEN as OPEN
from services.programs.relationship.outline import (
    Acknowledgment,
    CoachKind,
    RelationshipEvent,
    Round,
    said,
    shown,
    untold,
)
from services.programs.relationship.outline import Participation as Participation
from services.programs.relationship.outline import RelationshipState as RelationshipState
from services.programs.relationship.outline import Work as Work

MOST_ROUNDS = 20  # earlier rounds that are kept


@dataclass(kw_only=True)
class Relationship(HandedOver):
    """Proposed by one side (or the district), accepted by the teacher or, where the teacher
    proposed it, by the coach. Ending it closes the coach's access; it may be proposed again."""

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
        coach_sees: Collection[Work] = (),
        coach_kind: CoachKind | None = None,
        participation: Participation | None = None,
    ) -> Relationship:
        """`acknowledged`, `coach_sees`: from the teacher alone; without the latter all is seen."""
        if coach == teacher:
            raise invalid("coach_is_teacher", "Coach and teacher are two people.", "/coach_id")
        relationship = cls(
            id=id,
            district=district,
            coach=coach,
            teacher=teacher,
            school_year=year,
            state=RelationshipState.PROPOSED,
            proposed_by=by,
            proposed_at=at,
            first_proposed_at=at,
            acknowledged=said(acknowledged, by, teacher),
            coach_sees=shown(coach_sees, by, teacher),
            coach_kind=coach_kind,
            participation=participation,
        )
        relationship.record(RelationshipEvent.PROPOSED)
        return relationship

    def propose_again(
        self,
        by: str,
        at: datetime,
        acknowledged: Collection[Acknowledgment] = (),
        coach_sees: Collection[Work] = (),
        coach_kind: CoachKind | None = None,
        participation: Participation | None = None,
    ) -> None:
        """After it was declined or ended. What is proposed or active already stays as it is."""
        if self.open:
            return
        proposed, dates = (self.proposed_by, self.proposed_at), (self.accepted_at, self.ended_at)
        over = Round(self.state, *proposed, *dates, self.carried_over_from, self.ended_by)
        self.earlier = (*self.earlier, over)[-MOST_ROUNDS:]
        self.state = RelationshipState.PROPOSED
        self.transferred_from = self.came_from = self.ended_by = ""
        self.proposed_by, self.proposed_at, self.agreed = by, at, self.version + 1
        self.accepted_at = self.ended_at = self.carried_over_from = None
        self.paused_by, self.paused_at, self.resumed_at = (), None, None
        self.handover = self.handover if self.gone_on else None  # what she has said is to be done
        self.acknowledged = said(acknowledged, by, self.teacher)
        self.coach_sees = shown(coach_sees, by, self.teacher, self.coach_sees)
        self.coach_kind, self.participation = coach_kind, participation
        self.said_in = self.version + 1
        self.record(RelationshipEvent.PROPOSED)

    def carry_over(
        self,
        *,
        id: str,
        by: str,
        at: datetime,
        ask_again: bool,
        needed: Collection[Acknowledgment] = (),
        over: datetime | None = None,
    ) -> Relationship:
        """The one of the next school year: active with the teacher's acceptance of this one or, to
        `ask_again`, proposed to her. `needed` is what is true of the coach then: an acceptance
        without it is not kept. What is paused stays so, unless she is asked again. `over`: see
        `lasted`. Raises CONFLICT."""
        if not self.lasted(over):
            raise conflict("not_active", "Only an active relationship is carried over.")
        if not ask_again and not set(needed) <= set(self.acknowledged):
            raise conflict("acknowledgment_needed", "The teacher accepted without knowing of it.")
        begins = RelationshipState.PAUSED if self.paused_by else RelationshipState.ACTIVE
        next_one = Relationship(
            id=id,
            district=self.district,
            coach=self.coach,
            teacher=self.teacher,
            school_year=self.school_year + 1,
            state=RelationshipState.PROPOSED if ask_again else begins,
            proposed_by=by,
            proposed_at=at,
            first_proposed_at=at,
            accepted_at=None if ask_again else self.accepted_at,
            acknowledged=() if ask_again else self.acknowledged,
            carried_over_from=self.school_year,
            coach_sees=self.coach_sees,
            coach_kind=self.coach_kind,
            participation=self.participation,
            came_from="" if ask_again else self.came_from,
            paused_by=() if ask_again else self.paused_by,
            paused_at=None if ask_again else self.paused_at,
        )
        next_one.record(RelationshipEvent.CARRIED_OVER)
        return next_one

    def for_sides(self, id: str, coach: str, teacher: str) -> Relationship:
        """The same between the same people under other ids, to take its place."""
        (given_up,) = {self.coach, self.teacher} - {coach, teacher}
        other = {self.coach: coach, self.teacher: teacher}
        made = replace(
            self,
            id=id,
            version=0,
            coach=coach,
            teacher=teacher,
            proposed_by=other.get(self.proposed_by, self.proposed_by),
            transferred_from="",
            came_from=given_up,
            said_in=0,
            agreed=1,
            # of one that goes on she says it anew: the two records may be parted again
            handover=None if self.open else self.handover,
            asked=tuple(replace(each, by=other.get(each.by, each.by)) for each in self.asked),
            paused_by=tuple(other.get(each, each) for each in self.paused_by),
        )
        made.record(RelationshipEvent.TRANSFERRED)
        return made

    def take_over(self, other: Relationship, at: datetime) -> None:
        """What the two had under other ids, where that goes further than what they have here:
        active before proposed before over, and paused where either is. What the teacher shows in
        both stays shown; where that is nothing it is over, and they agree anew. What only came from
        there has ended with it."""
        both = tuple(each for each in self.coach_sees if each in other.coach_sees)
        if not both if other.open else other.came_from == self.came_from:
            if self.open:
                self.end(other.ended_by, at)
            return
        if other.reached <= self.reached:
            paused = other.active and self._pause_too(other)
            narrower = other.open and both != self.coach_sees
            if narrower:
                self.coach_sees, self.said_in = both, self.version + 1
            if narrower or paused:
                self.record(RelationshipEvent.TRANSFERRED)
            return
        self.state, self.proposed_by = other.state, other.proposed_by
        self.proposed_at, self.accepted_at = other.proposed_at, other.accepted_at
        self.first_proposed_at = min(self.first_proposed_at, other.first_proposed_at)
        self.ended_at, self.carried_over_from = other.ended_at, other.carried_over_from
        self.ended_by, self.asked = other.ended_by, other.asked
        self.paused_by, self.paused_at = other.paused_by, other.paused_at
        self.resumed_at = other.resumed_at
        self.coach_kind, self.participation = other.coach_kind, other.participation
        self.handover = None if other.open else other.handover
        self.acknowledged, self.earlier = other.acknowledged, other.earlier
        self.transferred_from, self.came_from = "", other.came_from
        self.coach_sees, self.said_in = both or self.coach_sees, self.version + 1
        self.agreed = self.version + 1
        self.record(RelationshipEvent.TRANSFERRED)

    def give_way(self, at: datetime) -> None:
        """Another one has taken its place; again, it changes nothing."""
        if self.transferred_from:
            return
        if self.open:
            self.state, self.ended_at, self.handover = RelationshipState.ENDED, at, None
        self.transferred_from = self.teacher
        self.record(RelationshipEvent.TRANSFERRED)

    def part(self, given_up: str, at: datetime) -> None:
        """It was no record of the same person: what only came from it is over here."""
        if self.open and self.came_from == given_up:
            self.end("", at)

    def check_accept(self, by: str, at: datetime, needed: Collection[Acknowledgment] = ()) -> None:
        """Whether a side may; `needed` as in `accept`. What the teacher has not acknowledged she
        may with it, and nobody in her place."""
        if not self._again(by):
            self._answer(by)
            if by != self.teacher and not set(needed) <= set(self.acknowledged):
                raise untold(teacher=False)

    def accept(
        self,
        by: str,
        at: datetime,
        *,
        needed: Collection[Acknowledgment] = (),
        acknowledged: Collection[Acknowledgment] = (),
        coach_sees: Collection[Work] = (),
    ) -> None:
        """By the side that did not propose; again, it changes nothing. `needed` is what is true of
        the coach: the teacher must have acknowledged it now or, where she proposed, with that. What
        became true of her coach since she accepted she accepts anew, and likewise what her coach
        may see from now on, which moves no instant; nothing said leaves it as it is."""
        self.check_accept(by, at, needed)
        sees = shown(coach_sees, by, self.teacher, self.coach_sees)
        said_so = bool(coach_sees) and by == self.teacher
        if self._again(by) and (by != self.teacher or set(needed) <= set(self.acknowledged)):
            if not said_so:
                return
        else:
            if by == self.teacher and not set(needed) <= set(acknowledged):
                raise untold(teacher=True)
            if not self.active:
                self.state = RelationshipState.ACTIVE
            self.came_from = ""
            self.acknowledged = tuple(sorted(needed))
            self.accepted_at = at
        self.coach_sees = sees
        if said_so:
            self.said_in = self.version + 1
        self.record(RelationshipEvent.ACCEPTED)

    def show_as_agreed(self, sees: tuple[Work, ...], heard: int) -> None:
        """The coach sees what both have agreed on, to which the teacher said yes when this was of
        the version `heard`. What she has said since counts instead, and where it is not active
        nothing was agreed for."""
        if self.active and self.said_in <= heard and sees != self.coach_sees:
            self.coach_sees = sees
            self.record(RelationshipEvent.ACCEPTED)

    def check_decline(self, by: str, at: datetime) -> None:
        self._answer(by)

    def decline(self, by: str, at: datetime) -> None:
        """Decline a proposal, as the side that did not make it: only the two are told that."""
        self.check_decline(by, at)
        self.state, self.ended_at, self.ended_by = RelationshipState.DECLINED, at, by
        self.record(RelationshipEvent.ENDED)

    def check_end(self, by: str, at: datetime) -> None:
        if not self.open:
            raise conflict("relationship_over", "The relationship is over already.")

    def end(self, by: str, at: datetime) -> None:
        """End a relationship or withdraw a proposal; the coach's access closes with it."""
        self.check_end(by, at)
        self.state, self.ended_at, self.ended_by = RelationshipState.ENDED, at, by
        self.handover = None
        self.record(RelationshipEvent.ENDED)

    def _again(self, by: str) -> bool:
        """Whether somebody accepts what is accepted."""
        return self.active and by in (self.teacher, self._answers())
