"""The words of community meetings, and the rules of who may do what with one when: they raise what
the refusal is."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, Fault, Kind, conflict


class MeetingState(enum.StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class MeetingProtocol(enum.StrEnum):
    """By which protocol people talk; `open`: by none."""

    OPEN = "open"
    PRESENT_AND_DISCUSS = "present_and_discuss"
    DATA_DIALOGUE = "data_dialogue"
    CONSULTANCY = "consultancy"
    TUNING = "tuning"
    SUCCESS_ANALYSIS = "success_analysis"


class MeetingEvent(enum.StrEnum):
    PLANNED = "planned"
    EDITED = "edited"
    MOVED = "moved"
    INVITED = "invited"
    JOINED = "joined"
    LEFT = "left"
    HELD = "held"
    CANCELLED = "cancelled"
    TRANSFERRED = "transferred"
    RESTATED = "restated"


@dataclass(frozen=True, slots=True)
class MeetingChanged:
    """An event, and who was of the meeting until it: they are told, too."""

    event: MeetingEvent
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MeetingMember:
    """A teacher who is asked to come, or has `joined`."""

    person: str
    joined: bool = False


@dataclass(frozen=True, slots=True)
class AgendaItem:
    title: str
    minutes: int


@dataclass(frozen=True, slots=True)
class MeetingRecordBefore:
    """`before` is `after` since two records of a person became one; `both` were of the meeting.
    `joined`: which of these had said that she comes, where it was over by then."""

    before: str
    after: str
    both: bool = False
    joined: tuple[str, ...] = ()


@dataclass(kw_only=True)
class MeetingOutline(Aggregate):
    """Teachers who look at their data together. `facilitator`: who plans it, empty where she was
    erased; she may be one of its `members`. `sitting`: 1, and one more each time it is moved.
    `circles` and `program`: whose teachers were asked to come. `session`: the coaching session with
    its minutes and who came, which stand nowhere else. `named`: whom it names now, `people`: who
    ever was of it, since her events are still there; `asked_again`: who was asked anew after she
    had left. These two are told to nobody."""

    facilitator: str
    school_year: int
    planned_at: datetime
    starts_at: datetime
    ends_at: datetime
    protocol: MeetingProtocol = MeetingProtocol.OPEN
    agenda: tuple[AgendaItem, ...] = ()
    sitting: int = 1
    circles: tuple[str, ...] = ()
    program: str = ""
    members: tuple[MeetingMember, ...] = ()
    state: MeetingState = MeetingState.PLANNED
    session: str = ""
    held_at: datetime | None = None
    cancelled_at: datetime | None = None
    named: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    asked_again: tuple[str, ...] = ()

    def member(self, person: str) -> MeetingMember | None:
        return next((each for each in self.members if each.person == person), None)

    @property
    def joined(self) -> tuple[str, ...]:
        return tuple(each.person for each in self.members if each.joined)

    def is_in(self, person: str) -> bool:
        """Whether she is in it herself: she facilitates it, or has said that she comes."""
        return person in self.joined or (bool(person) and person == self.facilitator)

    def told_of(self, reader: str) -> tuple[MeetingMember, ...]:
        """The members of whom she is told. Who has not said that she comes is told to who asked her
        alone: nobody else has agreed to that, nor she."""
        if reader == self.facilitator:
            return self.members
        joined = reader in self.joined
        return tuple(
            each for each in self.members if each.person == reader or (joined and each.joined)
        )

    def check_edit(self, by: str, at: datetime) -> None:
        """Whether she may say something else of it; raises what the refusal is, as all rules do."""
        self._check_facilitates(by)
        self._check_to_come()

    def check_invite(self, by: str, at: datetime) -> None:
        self.check_edit(by, at)
        self._check_not_over(at)

    def check_hold(self, by: str, at: datetime) -> None:
        self.check_edit(by, at)
        if at < self.starts_at:
            raise conflict("not_begun", "It is still to come: cancel it, or move it.")

    def check_join(self, by: str, at: datetime) -> None:
        self._check_member(by)
        self._check_to_come()
        self._check_not_over(at)

    def check_step_out(self, by: str, at: datetime) -> None:
        self._check_member(by)

    def check_takes_away(self, by: str, at: datetime) -> None:
        """Whether she may say what she takes away: she is in it, and it has begun."""
        if not self.is_in(by):
            detail = "Only who has joined it or facilitates it does this."
            raise Fault(Kind.FORBIDDEN, "not_in_it", detail)
        if self.state is MeetingState.CANCELLED:
            raise _cancelled()
        if at < self.starts_at and self.state is not MeetingState.HELD:
            raise conflict("not_begun", "It is still to come.")

    def _check_facilitates(self, by: str) -> None:
        if by != self.facilitator:
            detail = "Only who facilitates it does this."
            raise Fault(Kind.FORBIDDEN, "facilitator_only", detail)

    def _check_member(self, by: str) -> None:
        if self.member(by) is None:
            detail = "Only a teacher who is asked to come does this."
            raise Fault(Kind.FORBIDDEN, "members_only", detail)

    def _check_to_come(self) -> None:
        if self.state is MeetingState.CANCELLED:
            raise _cancelled()
        if self.state is MeetingState.HELD:
            raise conflict("meeting_held", "It was held already.")

    def _check_not_over(self, at: datetime) -> None:
        """Who was not there reads nothing of what was taken away by coming afterwards."""
        if at >= self.ends_at:
            raise conflict("meeting_over", "Its time is over: plan another.")


def _cancelled() -> Fault:
    return conflict("meeting_cancelled", "It was called off.")
