"""The words of relationships, what one says, and what became of earlier ones."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chassis.kernel import Aggregate, Fault, conflict, invalid


class RelationshipState(enum.StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    PAUSED = "paused"  # active, and stopped for a while
    DECLINED = "declined"
    ENDED = "ended"


_FURTHEST_LAST = (
    RelationshipState.DECLINED,
    RelationshipState.ENDED,
    RelationshipState.PROPOSED,
    RelationshipState.ACTIVE,
)


class RelationshipEvent(enum.StrEnum):
    PROPOSED = "proposed"
    CARRIED_OVER = "carried_over"
    ACCEPTED = "accepted"
    ENDED = "ended"
    TRANSFERRED = "transferred"
    HANDOVER_PROPOSED = "handover_proposed"
    HANDOVER_ACCEPTED = "handover_accepted"
    HANDOVER_DROPPED = "handover_dropped"
    PAUSED = "paused"
    RESUMED = "resumed"


class Acknowledgment(enum.StrEnum):
    """What a teacher has been told about her coach and agrees to all the same."""

    COACH_LEADS = "coach_leads"  # she also leads a school or administers


class CoachKind(enum.StrEnum):
    """As what somebody coaches in a relationship: roles of the roster say what she may."""

    INSTRUCTIONAL_COACH = "instructional_coach"
    ADMINISTRATOR = "administrator"
    TEACHER_LEADER = "teacher_leader"
    CURRICULUM_SPECIALIST = "curriculum_specialist"
    EXTERNAL_EXPERT = "external_expert"
    PEER = "peer"


class Participation(enum.StrEnum):
    """Whether a teacher was free to be coached. She accepts it in either case."""

    VOLUNTARY = "voluntary"
    ASSIGNED = "assigned"


class Work(enum.StrEnum):
    """What a teacher does of which her coach may see something."""

    GOALS = "goals"
    OBSERVATIONS = "observations"
    SURVEYS = "surveys"


ALL_WORK = tuple(sorted(Work))
_ACTIVE = (RelationshipState.ACTIVE, RelationshipState.PAUSED)
OPEN = (RelationshipState.PROPOSED, *_ACTIVE)


def told_to_others(state: RelationshipState) -> RelationshipState:
    """What everybody but the two is told: that it is over, and of nobody that she said no."""
    return RelationshipState.ENDED if state is RelationshipState.DECLINED else state


@dataclass(frozen=True, slots=True)
class Round:
    """What became of an earlier proposal of the same year, or of what was carried over.
    `ended_by`: who ended or declined it, or which duty (`by_somebody`); empty where two records
    became one or were parted, and where an earlier build did not keep it."""

    state: RelationshipState
    proposed_by: str
    proposed_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    carried_over_from: int | None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class Handover:
    """Another coach, who is to go on with the teacher. `accepted_at`: when the teacher said so,
    with what of her work that one sees and what she knows of her; None while she has not.
    `from_date`: the district's day (YYYY-MM-DD) from which it counts, empty where that is when the
    teacher says so; `began_at`: since when it does, None until then.
    `coach_kind`: as what that one coaches."""

    successor: str
    proposed_by: str
    proposed_at: datetime
    accepted_at: datetime | None = None
    coach_sees: tuple[Work, ...] = ()
    acknowledged: tuple[Acknowledgment, ...] = ()
    from_date: str = ""
    began_at: datetime | None = None
    coach_kind: CoachKind | None = None


@dataclass(frozen=True, slots=True)
class HandoverAsked:
    """That `successor` was proposed, or for another day, whatever became of it. `by`: empty where
    an earlier build did not keep it."""

    successor: str
    at: datetime
    by: str


MOST_ASKED = 3  # other coaches by a side within ASKED_FOR, and none of them twice
MOST_DAYS = 4  # for the same one by a side within ASKED_FOR, with the first
ASKED_FOR = timedelta(hours=14 * 24)
MOST_KEPT = 60  # other coaches who were proposed before that in its year, the last ones


def asked_once_more(
    asked: tuple[HandoverAsked, ...], new: HandoverAsked, coach: str, *, moved: bool = False
) -> tuple[HandoverAsked, ...]:
    """What is kept with one more: those that count, and each other coach once who was proposed
    before, so that she is not suggested to the teacher. The `coach` and the district count each for
    itself, so that neither uses up what the other may propose. It counts what was proposed and not
    how it was answered, so that it tells nobody of a no. `moved`: she is proposed already, and is
    for another day. Raises CONFLICT `proposed_lately`."""
    lately = tuple(each for each in asked if each.at > new.at - ASKED_FOR)
    alike = [e for e in lately if not e.by or (e.by == coach) == (new.by == coach)]
    again = [each for each in alike if each.successor == new.successor]
    if moved:
        if len(again) >= MOST_DAYS:
            detail = "The day was moved so often that it is moved again after 14 days."
            raise conflict("proposed_lately", detail)
    elif again or len({each.successor for each in alike}) >= MOST_ASKED:
        detail = "Who was proposed is again after 14 days, and three others at most until then."
        raise conflict("proposed_lately", detail)
    kept = {each.successor for each in lately} | {new.successor}
    before = {each.successor: each for each in asked if each.successor not in kept}
    return (*tuple(before.values())[-MOST_KEPT:], *lately, new)


WITH_ITS_YEAR = "duty:end_relationships"  # who ends what is over with its year and the grace


def by_somebody(ended_by: str) -> bool:
    """Whether that is a side or the district, and no duty. No id of a person has a colon."""
    return bool(ended_by) and ":" not in ended_by


@dataclass(kw_only=True)
class RelationshipOutline(Aggregate):
    """The only one of its coach, teacher and school year. `acknowledged` is what the teacher agreed
    to in this round; `earlier` are the newest rounds before it, oldest first. `ended_by` is said of
    `Round`, `agreed` of `Aggregate`.
    `coach_sees` is of her work what her coach may see while the relationship counts: all of it,
    unless she says otherwise. `carried_over_from`: the school year from which whoever is
    `proposed_by` carried it over; `accepted_at` is then of that year where the teacher's acceptance
    was kept. `transferred_from`: the teacher, where another has taken its place since two records
    of one person became one; `came_from`: the record that this one took it over from, as long as
    the two sides have not agreed on it themselves. `first_proposed_at`: in whatever round.
    `said_in`: in which of its versions the teacher last said what her coach sees, or the two began
    anew; 0 where that was with the first. `handover`: to
    whom it is proposed to go, or has gone; `asked`: who was proposed, in their order. `paused_by`:
    which of the two have stopped it for a while, `paused_at`: since when, `resumed_at`: when it
    last went on; of what has ended as they were then. `coach_kind`, `participation`: as it was said
    when it was proposed, None where nobody did."""

    coach: str
    teacher: str
    school_year: int
    state: RelationshipState
    proposed_by: str
    proposed_at: datetime
    first_proposed_at: datetime
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    acknowledged: tuple[Acknowledgment, ...] = ()
    earlier: tuple[Round, ...] = ()
    carried_over_from: int | None = None
    coach_sees: tuple[Work, ...] = ALL_WORK
    transferred_from: str = ""
    came_from: str = ""
    ended_by: str = ""
    said_in: int = 0
    agreed: int = 1
    handover: Handover | None = None
    asked: tuple[HandoverAsked, ...] = ()
    paused_by: tuple[str, ...] = ()
    paused_at: datetime | None = None
    resumed_at: datetime | None = None
    coach_kind: CoachKind | None = None
    participation: Participation | None = None

    @property
    def active(self) -> bool:
        """Whether it lets the coach in, also while it is paused."""
        return self.state in _ACTIVE

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def reached(self) -> int:
        """How far it has come, beside another: what is paused as far as what is active."""
        return _FURTHEST_LAST.index(RelationshipState.ACTIVE if self.active else self.state)

    def is_of(self, reader: str) -> bool:
        """Whether the reader is one of the two, who alone learn that it was declined."""
        return reader in (self.coach, self.teacher)

    def state_for(self, reader: str) -> RelationshipState:
        return self.state if self.is_of(reader) else told_to_others(self.state)

    def _answers(self) -> str:
        return self.coach if self.proposed_by == self.teacher else self.teacher

    def _answer(self, by: str) -> None:
        if self.state is not RelationshipState.PROPOSED:
            raise conflict("not_proposed", "Only a proposed relationship can be answered.")
        if by != self._answers():
            raise conflict("not_yours_to_answer", "The other side answers this proposal.")

    def lasted(self, over: datetime | None = None) -> bool:
        """Whether it is active, or was until it ended with its year: where an earlier build has not
        kept who ended it, not before `over`, when its year's were over."""
        if self.state is not RelationshipState.ENDED or self.accepted_at is None:
            return self.active
        if self.ended_by:
            return self.ended_by == WITH_ITS_YEAR
        return over is not None and self.ended_at is not None and self.ended_at >= over

    def was_ended(self, at: datetime) -> bool:
        """Whether somebody ended it at that instant, in this round or an earlier one."""
        if self.ended_at == at:
            return by_somebody(self.ended_by)
        return any(each.ended_at == at and by_somebody(each.ended_by) for each in self.earlier)

    def rests_on(self, accepted: datetime) -> bool:
        """Whether it is active by an earlier year's acceptance alone, of that instant or before."""
        given = self.accepted_at
        if given is None or self.carried_over_from is None:
            return False
        return self.active and given < self.proposed_at and given <= accepted

    def begun_by(self, at: datetime) -> bool:
        """Whether it is open by what was proposed and accepted until then."""
        return self.open and max(self.proposed_at, self.accepted_at or self.proposed_at) <= at


def said(
    acknowledged: Collection[Acknowledgment], by: str, teacher: str
) -> tuple[Acknowledgment, ...]:
    """What counts as acknowledged: what the teacher says herself."""
    return tuple(sorted(set(acknowledged))) if by == teacher else ()


def shown(
    coach_sees: Collection[Work],
    by: str,
    teacher: str,
    now: tuple[Work, ...] = ALL_WORK,
) -> tuple[Work, ...]:
    """What the coach sees from now on: what the teacher says herself, else what it is `now`."""
    return tuple(sorted(set(coach_sees))) if coach_sees and by == teacher else now


def untold(teacher: bool) -> Fault:
    """That the coach leads, said to the `teacher` who may acknowledge it, or to the coach."""
    if teacher:
        detail = "This coach also leads or administers; say that you know and accept all the same."
        return invalid("acknowledgment_needed", detail, "/acknowledges")
    detail = "The teacher proposed without knowing that you lead; she has to propose it anew."
    return conflict("acknowledgment_needed", detail)
