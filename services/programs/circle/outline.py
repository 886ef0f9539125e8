"""The words of circles, and the rules of who may do what with one when: they raise what the refusal
is."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, Fault, Kind, conflict
from services.programs.relationship.domain import Work


class CircleKind(enum.StrEnum):
    """A pair is two teachers who observe each other. A group has a facilitator, and its members may
    change while it runs."""

    PAIR = "pair"
    GROUP = "group"


class CircleState(enum.StrEnum):
    PROPOSED = "proposed"  # fewer than two have joined
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class CircleEvent(enum.StrEnum):
    PROPOSED = "proposed"
    INVITED = "invited"
    JOINED = "joined"
    SHOWN = "shown"
    LEFT = "left"
    PAUSED = "paused"
    RESUMED = "resumed"
    ENDED = "ended"
    TRANSFERRED = "transferred"
    RESTATED = "restated"


@dataclass(frozen=True, slots=True)
class Changed:
    """An event, and who was of the circle until it: they are told, too."""

    event: CircleEvent
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CircleMember:
    """A teacher who is asked to be of it, or `joined`. `shows`: of her work what the others who
    have joined see while it is active; nothing unless she says so."""

    person: str
    joined: bool = False
    shows: tuple[Work, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordBefore:
    """`before` is `after` since two records of a person became one; `both` were of the circle."""

    before: str
    after: str
    both: bool = False


@dataclass(kw_only=True)
class CircleOutline(Aggregate):
    """Teachers who learn from each other in a school year. `facilitator`: who looks after it and
    sees none of their work; empty where a pair has none. `paused_by`: who has stopped it for a
    while, each of whom goes on with it herself. `first_proposed_at`: of a pair that was ended and
    proposed again, the first time. `named`: whom it names now, `people`: who ever was
    of it, since her events are still there; that is told to nobody."""

    kind: CircleKind
    school_year: int
    proposed_by: str
    proposed_at: datetime
    first_proposed_at: datetime
    members: tuple[CircleMember, ...] = ()
    facilitator: str = ""
    state: CircleState = CircleState.PROPOSED
    paused_by: tuple[str, ...] = ()
    began_at: datetime | None = None
    ended_at: datetime | None = None
    named: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    def member(self, person: str) -> CircleMember | None:
        return next((each for each in self.members if each.person == person), None)

    @property
    def joined(self) -> tuple[str, ...]:
        return tuple(each.person for each in self.members if each.joined)

    def tells_members(self, reader: str) -> bool:
        """Whether she is told who is of it. Who is asked to be of a group is not before she has
        joined, nor once she has said no: the others have not agreed to that."""
        asked = reader in self.people and reader not in self.joined
        begun = reader in (self.proposed_by, self.facilitator)
        return self.kind is CircleKind.PAIR or begun or not asked

    @property
    def active(self) -> bool:
        return self.state is CircleState.ACTIVE

    def check_join(self, by: str, at: datetime) -> None:
        """Whether she may join, or say what she shows; raises what the refusal is, as all rules
        do."""
        self._check_member(by)
        self._check_open()

    def check_decline(self, by: str, at: datetime) -> None:
        self.check_join(by, at)
        if by in self.joined:
            raise conflict("joined_already", "You have joined: step out instead.")

    def check_step_out(self, by: str, at: datetime) -> None:
        self.check_join(by, at)
        if by not in self.joined:
            raise conflict("not_joined", "You have not joined: decline it instead.")

    def check_invite(self, by: str, at: datetime) -> None:
        if self.kind is CircleKind.PAIR:
            raise conflict("pair_of_two", "A pair is two teachers: propose another.")
        self._check_open()
        self._check_answered(by)

    def check_pause(self, by: str, at: datetime) -> None:
        self._check_open()
        self._check_answered(by)

    def check_resume(self, by: str, at: datetime) -> None:
        self._check_open()
        if by not in self.paused_by:
            raise conflict("not_paused_by_you", "You have not paused it: who has, resumes it.")

    def check_end(self, by: str, at: datetime) -> None:
        """A pair ends as either likes. A member of a group leaves it."""
        member = self.member(by) is not None and by != self.proposed_by
        if self.kind is CircleKind.GROUP and member:
            detail = "A member leaves a group; who proposed or facilitates it ends it."
            raise Fault(Kind.FORBIDDEN, "members_leave", detail)
        self._check_open()

    def _check_member(self, by: str) -> None:
        if self.member(by) is None:
            detail = "Only a teacher who is asked to be of it does this."
            raise Fault(Kind.FORBIDDEN, "members_only", detail)

    def _check_open(self) -> None:
        if self.state is CircleState.ENDED:
            raise conflict("circle_over", "It has ended.")

    def _check_answered(self, by: str) -> None:
        """Of a member who has joined, and of who is none."""
        if self.member(by) is not None and by not in self.joined:
            raise conflict("not_joined", "You have not joined it.")
