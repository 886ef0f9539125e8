"""A community meeting: teachers of several pairs and groups look at their data together.

Who facilitates it asks them to come; each joins for herself and leaves on any day, and who says no
leaves no trace. A meeting shows nobody anything of anybody: what she wants the others to see she
shares with each by name. Its minutes, and who came, are said once: by the coaching session that it
names.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.chassis.kernel import Fault, Kind, conflict, invalid, restated
from services.programs.meeting.outline import (
    AgendaItem,
    MeetingChanged,
    MeetingEvent,
    MeetingMember,
    MeetingOutline,
    MeetingProtocol,
    MeetingRecordBefore,
    MeetingState,
)

MOST_MEMBERS = 60  # of a meeting: each gets an event that names all
MOST_PEOPLE = 200  # who were ever asked to come to one
MOST_CIRCLES = 10
MOST_ITEMS = 20  # of an agenda
FEWEST_MINUTES, MOST_MINUTES = 5, 480
MOST_SITTINGS = 20
MOST_RECORDS = 20  # between records of one person that are remembered


@dataclass(frozen=True, slots=True)
class MeetingPlan:
    """When a meeting is and how it goes."""

    starts_at: datetime
    minutes: int
    protocol: MeetingProtocol
    agenda: tuple[AgendaItem, ...]

    def check(self) -> None:
        """Raises INVALID for an agenda that takes longer than the meeting."""
        if sum(each.minutes for each in self.agenda) > self.minutes:
            detail = "Its agenda takes longer than the meeting."
            raise invalid("agenda_too_long", detail, "/agenda")

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(kw_only=True)
class CommunityMeeting(MeetingOutline):
    """`records`: by which records of one person it has come to another, oldest first. `restated`:
    of what takes another's place, as of which of its own versions nothing was done with it; 0 of
    any other. `replaces`: the ids of those whose place it takes, oldest first."""

    records: tuple[MeetingRecordBefore, ...] = ()
    restated: int = 0
    replaces: tuple[str, ...] = ()

    @classmethod
    def plan(
        cls,
        *,
        id: str,
        district: str,
        by: str,
        at: datetime,
        year: int,
        agreed: MeetingPlan,
        members: Collection[str],
        circles: Sequence[str] = (),
        program: str = "",
    ) -> CommunityMeeting:
        """Who plans it facilitates it; where she is among the `members`, she has joined."""
        agreed.check()
        meeting = cls(
            id=id,
            district=district,
            facilitator=by,
            school_year=year,
            planned_at=at,
            starts_at=agreed.starts_at,
            ends_at=agreed.ends_at,
            protocol=agreed.protocol,
            agenda=agreed.agenda,
            circles=tuple(circles),
            program=program,
        )
        meeting._ask(members)
        if len(meeting.members) < 2:
            detail = "At least two teachers are asked to come."
            raise invalid("too_few_members", detail, "/member_ids")
        meeting.record(MeetingChanged(MeetingEvent.PLANNED))
        return meeting

    @property
    def minutes(self) -> int:
        """How long it is meant to take."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    @property
    def agreed_on(self) -> MeetingPlan:
        return MeetingPlan(self.starts_at, self.minutes, self.protocol, self.agenda)

    def edit(self, by: str, at: datetime, agreed: MeetingPlan) -> None:
        """Say anew when it is and how it goes. At another time it is another sitting; once it is
        over its time stays as it is."""
        self.check_edit(by, at)
        agreed.check()
        if agreed == self.agreed_on:
            return
        if agreed.ends_at != self.ends_at or agreed.starts_at != self.starts_at:
            self._check_not_over(at)
        moved = agreed.starts_at != self.starts_at
        if moved and self.sitting >= MOST_SITTINGS:
            detail = "It was moved too often already: cancel it and plan another."
            raise Fault(Kind.LIMITED, "too_many_plans", detail)
        self.starts_at, self.ends_at = agreed.starts_at, agreed.ends_at
        self.protocol, self.agenda = agreed.protocol, agreed.agenda
        self.sitting += int(moved)
        self.record(MeetingChanged(MeetingEvent.MOVED if moved else MeetingEvent.EDITED))

    def invite(self, by: str, at: datetime, people: Collection[str]) -> None:
        """Ask more to come; who is asked already stays as she is, and who has left twice is not
        asked any more, which looks as if she had said no at once."""
        self.check_invite(by, at)
        if self._ask(people):
            self.record(MeetingChanged(MeetingEvent.INVITED))

    def join(self, by: str, at: datetime) -> None:
        """Say that one comes, as a teacher who is asked to."""
        self.check_join(by, at)
        if by not in self.joined:
            self._put(by, True)
            self.record(MeetingChanged(MeetingEvent.JOINED))

    def step_out(self, by: str, at: datetime) -> None:
        """Say no to a meeting, or be no more of it, on any day."""
        self.check_step_out(by, at)
        self.members = tuple(each for each in self.members if each.person != by)
        self._settle()
        self.record(MeetingChanged(MeetingEvent.LEFT, (by,)))

    def hold(self, by: str, at: datetime, session: str) -> None:
        self.check_hold(by, at)
        self.state, self.held_at, self.session = MeetingState.HELD, at, session
        self.record(MeetingChanged(MeetingEvent.HELD))

    def unhold(self, session: str) -> None:
        """It was not held by this session: another meeting is, which was said in the same instant.
        It is to be said of the right one anew."""
        if self.state is MeetingState.HELD and self.session == session:
            self.state, self.held_at, self.session = MeetingState.PLANNED, None, ""
            self.record(MeetingChanged(MeetingEvent.EDITED))

    def cancel(self, by: str, at: datetime) -> None:
        """Call a meeting off."""
        self.check_edit(by, at)
        self.state, self.cancelled_at = MeetingState.CANCELLED, at
        self.record(MeetingChanged(MeetingEvent.CANCELLED))

    @property
    def ever(self) -> tuple[str, ...]:
        """Who was ever of it, under whatever ids: they stand in its events."""
        return (*self.people, *(each.before for each in self.records))

    def came_from(self, person: str) -> str:
        """Which record it was of before it was this person's; empty: of none."""
        return next((each.before for each in reversed(self.records) if each.after == person), "")

    def transfer(self, before: str, after: str, at: datetime) -> None:
        """The one is the other, a record of the same person. As long as it is to come she is asked
        anew, as whom she is now; once it is over she was in it where either was. Given back, both
        are of it where both were, each as she was."""
        if before not in self.people:
            return
        back = next((e for e in self.records if (e.before, e.after) == (after, before)), None)
        keeps = back is not None and back.both
        both = after in self.people
        over = self.state is not MeetingState.PLANNED or at >= self.ends_at
        joined = tuple(each for each in (before, after) if over and each in self.joined)
        was, other = self.member(before), self.member(after)
        if was is not None:
            if not keeps:
                self.members = tuple(each for each in self.members if each is not was)
            if other is None or joined:
                self._put(after, bool(joined))
            if back is not None and back.joined:
                for each in filter(self.member, (before, after)):
                    self._put(each, each in back.joined)
        if self.facilitator == before and not keeps:
            self.facilitator = after
        self.people = _renamed(self.people, before, after, keeps)
        if before in self.asked_again:
            self.asked_again = _renamed(self.asked_again, before, after, keeps)
        records = [each for each in self.records if each != back]
        if back is None:
            records.append(MeetingRecordBefore(before, after, both, joined))
        self.records = tuple(records[-MOST_RECORDS:])
        named = before in self.named
        self._settle()
        left = (before,) if named and before not in self.named else ()
        self.record(MeetingChanged(MeetingEvent.TRANSFERRED, left))

    def without(self, person: str, id: str) -> CommunityMeeting:
        """The same under another id, of the others: what takes its place where all that is about
        one of them is erased, under whatever ids of hers. Its agenda goes where
        she facilitated it."""
        hers = {person}
        for each in reversed(self.records):
            hers |= {each.before} if each.after in hers else set()
        planned = self.facilitator in hers
        made = replace(
            self,
            id=id,
            version=0,
            restated=1,
            replaces=(*self.replaces, self.id),
            facilitator="" if planned else self.facilitator,
            agenda=() if planned else self.agenda,
            members=tuple(each for each in self.members if each.person not in hers),
            people=tuple(each for each in self.people if each not in hers),
            asked_again=tuple(each for each in self.asked_again if each not in hers),
            records=tuple(e for e in self.records if hers.isdisjoint((e.before, e.after))),
        )
        made._settle()
        made.record(MeetingChanged(MeetingEvent.RESTATED))
        return made

    def restate(self, new: CommunityMeeting) -> None:
        """It says what `new` does, which was not done with it yet; nothing where something was
        done with it meanwhile, but that it takes the place of one more."""
        # of two who are erased at the same time, each by another way
        replaces = tuple(dict.fromkeys((*self.replaces, *new.replaces)))
        if restated(self, replace(new, replaces=replaces)):
            self.record(MeetingChanged(MeetingEvent.RESTATED))
        elif replaces != self.replaces:
            self.replaces = replaces
            self.record(MeetingChanged(MeetingEvent.RESTATED))

    def _ask(self, people: Collection[str]) -> bool:
        """Whether somebody is asked who was not, or who has left once. Raises CONFLICT where they
        are too many."""
        new = [each for each in dict.fromkeys(people) if self.member(each) is None]
        new = [each for each in new if each not in self.asked_again]
        left = (each for each in new if each in self.people and each != self.facilitator)
        ever = {*self.people, *new}
        if len(self.members) + len(new) > MOST_MEMBERS or len(ever) > MOST_PEOPLE:
            detail = f"At most {MOST_MEMBERS} teachers are asked to come."
            raise conflict("too_many_members", detail)
        asked = (MeetingMember(each, each == self.facilitator) for each in new)
        self.members = (*self.members, *asked)
        self.asked_again = (*self.asked_again, *left)
        self._settle()
        return bool(new)

    def _put(self, person: str, joined: bool) -> None:
        new = MeetingMember(person, joined)
        if self.member(person) is None:
            self.members = (*self.members, new)
        self.members = tuple(new if each.person == person else each for each in self.members)

    def _settle(self) -> None:
        """What follows from who is of it."""
        now = (*filter(None, [self.facilitator]), *(each.person for each in self.members))
        self.named = tuple(dict.fromkeys(now))
        self.people = tuple(dict.fromkeys((*self.people, *now)))


def _renamed(people: Sequence[str], before: str, after: str, keeps: bool) -> tuple[str, ...]:
    """`after` in the place of `before`, who stays beside her where both were there."""
    renamed = (after if each == before else each for each in people)
    return tuple(dict.fromkeys((*renamed, *((before,) if keeps else ()))))
