"""A pair or a group of teachers who learn from each other.

Each joins for herself and says what the others see of her work; she changes that, and leaves, on
any day. Who says no leaves no trace: an invitation to a pair ends as if it had been taken back, and
one to a group is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.kernel import Fault, Kind, conflict, invalid, restated
from services.programs.circle.outline import (
    Changed,
    CircleEvent,
    CircleKind,
    CircleMember,
    CircleOutline,
    CircleState,
    RecordBefore,
)
from services.programs.relationship.domain import Work

MOST_MEMBERS = 30  # of a group: each gets an event that names all
MOST_PEOPLE = 200  # who were ever asked to be of one
MOST_RECORDS = 20  # between records of one person that are remembered


@dataclass(kw_only=True)
class Circle(CircleOutline):
    """A pair is the only one of its two and their school year. `records`: by which records of one
    person it has come to another, oldest first. `restated`: of what takes another's place, as of
    which of its own versions nothing was done with it; 0 of any other. `agreed`: see `Aggregate`,
    and when one who had left was asked again; 0 where an earlier build has not kept it."""

    records: tuple[RecordBefore, ...] = ()
    restated: int = 0
    agreed: int = 1

    @classmethod
    def propose(
        cls,
        *,
        id: str,
        district: str,
        kind: CircleKind,
        members: Sequence[str],
        facilitator: str,
        year: int,
        by: str,
        at: datetime,
        shows: Collection[Work] = (),
    ) -> Circle:
        """Who proposes it and is a member has joined, and `shows` is hers."""
        _check_members(kind, members, facilitator)
        circle = cls(
            id=id,
            district=district,
            kind=kind,
            school_year=year,
            proposed_by=by,
            proposed_at=at,
            first_proposed_at=at,
            facilitator=facilitator,
        )
        circle._ask(members, by, shows)
        circle.record(Changed(CircleEvent.PROPOSED))
        return circle

    def propose_again(
        self, members: Sequence[str], facilitator: str, by: str, at: datetime, shows: Sequence[Work]
    ) -> None:
        """Of a pair, after it has ended. What is open stays as it is."""
        if self.state is not CircleState.ENDED:
            return
        self.proposed_by, self.proposed_at, self.facilitator = by, at, facilitator
        self.state, self.paused_by, self.members = CircleState.PROPOSED, (), ()
        self.began_at = self.ended_at = None
        self.agreed = self.version + 1
        self._ask(members, by, shows)
        self.record(Changed(CircleEvent.PROPOSED))

    def invite(self, by: str, at: datetime, people: Collection[str]) -> None:
        """Ask more to be of a group; who is already asked stays as she is."""
        self.check_invite(by, at)
        new = [each for each in dict.fromkeys(people) if self.member(each) is None]
        if self.facilitator in new:
            raise _facilitates("/member_ids")
        ever = {*self.people, *new}
        if len(self.members) + len(new) > MOST_MEMBERS or len(ever) > MOST_PEOPLE:
            raise conflict("too_many_members", f"A group has at most {MOST_MEMBERS} members.")
        if new:
            self._ask(new, "", ())
            self.record(Changed(CircleEvent.INVITED))

    def join(self, by: str, at: datetime, shows: Collection[Work]) -> None:
        """As one who is asked; again, it says what she shows from now on."""
        self.check_join(by, at)
        was = self.member(by)
        assert was is not None
        new = CircleMember(by, True, _sorted(shows))
        if new == was:
            return
        self.members = tuple(new if each is was else each for each in self.members)
        self._settle(at)
        self.record(Changed(CircleEvent.SHOWN if was.joined else CircleEvent.JOINED))

    def decline(self, by: str, at: datetime) -> None:
        """Say no to being of it; nobody is told who did."""
        self.check_decline(by, at)
        self._go(by, at)

    def step_out(self, by: str, at: datetime) -> None:
        """Leave it, on any day; a pair ends with that."""
        self.check_step_out(by, at)
        self._go(by, at)

    def pause(self, by: str, at: datetime) -> None:
        """Stop it for a while: meanwhile nobody sees another's work by it."""
        self.check_pause(by, at)
        if by not in self.paused_by:
            self.paused_by = (*self.paused_by, by)
            self._settle(at)
            self.record(Changed(CircleEvent.PAUSED))

    def resume(self, by: str, at: datetime) -> None:
        """Go on, as who has paused it; it does once each who had paused it says so."""
        self.check_resume(by, at)
        self.paused_by = tuple(each for each in self.paused_by if each != by)
        self._settle(at)
        self.record(Changed(CircleEvent.RESUMED))

    def end(self, by: str, at: datetime) -> None:
        """End it, or take back what was proposed: nobody sees another's work by it any more."""
        self.check_end(by, at)
        self.finish(at)

    def finish(self, at: datetime) -> None:
        """Whoever says so; what has ended stays so."""
        if self.state is not CircleState.ENDED:
            self.state, self.ended_at = CircleState.ENDED, at
            self.record(Changed(CircleEvent.ENDED))

    def came_from(self, person: str) -> str:
        """Which record it was of before it was this person's; empty: of none."""
        return next((each.before for each in reversed(self.records) if each.after == person), "")

    def transfer(self, before: str, after: str, at: datetime) -> None:
        """The one is the other, a record of the same person. She is asked anew, as whom she is now:
        until she has joined she shows nothing and sees nothing. Nothing is made of what would be of
        a person with herself. Given back, both are of it where both were."""
        if before not in (*self.people, self.facilitator):
            return
        back = next((e for e in self.records if (e.before, e.after) == (after, before)), None)
        both = after in (*self.people, self.facilitator)
        keeps = back is not None and back.both
        hers = self.member(before)
        self._put(before, after, keeps)
        records = [each for each in self.records if each != back]
        if back is None:
            records.append(RecordBefore(before, after, both))
        self.records = tuple(records[-MOST_RECORDS:])
        if self.facilitator == before and not keeps:
            self.facilitator = after if self.member(after) is None else ""
        if self.proposed_by == before:
            self.proposed_by = after
        alone = self.kind is CircleKind.PAIR and len(self.members) < 2
        if self.state is not CircleState.ENDED and (alone or not self.members):
            self.state, self.ended_at = CircleState.ENDED, at
        self._settle(at)
        left = (before,) if hers is not None and self.member(before) is None else ()
        self.record(Changed(CircleEvent.TRANSFERRED, left))

    def without(self, person: str, id: str, at: datetime) -> Circle:
        """The same under another id, of the others: what takes its place where all that is about
        one of them is erased, under whatever ids of hers. Of what is open nobody may be left: then
        it has ended `at` that instant."""
        hers = {person}
        for each in reversed(self.records):
            hers |= {each.before} if each.after in hers else set()
        made = replace(
            self,
            id=id,
            version=0,
            restated=1,
            agreed=1,
            members=tuple(each for each in self.members if each.person not in hers),
            people=tuple(each for each in self.people if each not in hers),
            paused_by=tuple(each for each in self.paused_by if each not in hers),
            proposed_by="" if self.proposed_by in hers else self.proposed_by,
            records=tuple(e for e in self.records if hers.isdisjoint((e.before, e.after))),
        )
        if not made.members and made.state is not CircleState.ENDED:
            made.state, made.ended_at = CircleState.ENDED, at
        made._settle(self.proposed_at)
        made.record(Changed(CircleEvent.RESTATED))
        return made

    def restate(self, new: Circle) -> None:
        """It says what `new` does, which was not done with it yet; nothing where something was
        done with it meanwhile."""
        if restated(self, new):
            self.record(Changed(CircleEvent.RESTATED))

    def _ask(self, people: Sequence[str], by: str, shows: Collection[Work]) -> None:
        asked = (
            CircleMember(each, True, _sorted(shows)) if each == by else CircleMember(each)
            for each in people
        )
        self.members = (*self.members, *asked)
        self._settle(self.proposed_at)

    def _go(self, person: str, at: datetime) -> None:
        """A pair stays as it is, and over: who went is not said. Of a group she is no more."""
        others = tuple(each for each in self.members if each.person != person)
        if self.kind is CircleKind.PAIR:
            self.finish(at)
            return
        self.members = others
        self.paused_by = tuple(each for each in self.paused_by if each != person)
        if not others:
            self.state, self.ended_at = CircleState.ENDED, at
        self._settle(at)
        self.record(Changed(CircleEvent.LEFT, (person,)))

    def _put(self, before: str, after: str, keeps: bool) -> None:
        """In the place of the one record the other, asked anew where it has not ended."""
        members: dict[str, CircleMember] = {}
        for each in self.members:
            if each.person != before:
                members.setdefault(each.person, each)
                continue
            if keeps:
                members[before] = each
            over = self.state is CircleState.ENDED
            new = replace(each, person=after) if over else CircleMember(after)
            if after != self.facilitator and self.member(after) is None:
                members[after] = new
        self.members = tuple(members.values())
        named = (after if each == before else each for each in self.people)
        self.people = tuple(dict.fromkeys((*named, *((before,) if keeps else ()))))
        paused = (after if each == before else each for each in self.paused_by)
        self.paused_by = tuple(dict.fromkeys(paused))

    def _settle(self, at: datetime) -> None:
        """What follows from who is of it."""
        now = [each.person for each in self.members]
        self.people = tuple(dict.fromkeys((*self.people, *now)))
        self.named = tuple(filter(None, (*now, self.facilitator)))
        if self.state is CircleState.ENDED:
            return
        met = len(self.joined) > 1
        running = CircleState.PAUSED if self.paused_by else CircleState.ACTIVE
        self.state = running if met else CircleState.PROPOSED
        if met and self.began_at is None:
            self.began_at, self.agreed = at, self.version + 1


def _check_members(kind: CircleKind, members: Sequence[str], facilitator: str) -> None:
    if len(set(members)) < len(members):
        raise invalid("teacher_repeated", "A teacher stands here twice.", "/member_ids")
    if facilitator in members:
        raise _facilitates("/facilitator_id")
    if kind is CircleKind.PAIR and len(members) != 2:
        raise invalid("pair_of_two", "A pair is two teachers.", "/member_ids")
    if not 2 <= len(members) <= MOST_MEMBERS:
        detail = f"A group has 2 to {MOST_MEMBERS} members."
        raise invalid("too_many_members", detail, "/member_ids")
    if kind is CircleKind.GROUP and not facilitator:
        raise invalid("facilitator_needed", "A group has a facilitator.", "/facilitator_id")


def _facilitates(place: str) -> Fault:
    detail = "Who facilitates it is none of its members."
    return Fault(Kind.INVALID, "facilitator_is_member", detail, place)


def _sorted(shows: Collection[Work]) -> tuple[Work, ...]:
    return tuple(sorted(set(shows)))
