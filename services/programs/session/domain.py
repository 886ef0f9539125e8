"""A coaching session: scheduled, then held or missed, summarized, put right.

Its coach says what became of it, and each of its minutes once: into one activity, whoever was
there. Whom it is of are told; no other coach of theirs is. Who did not come to a session of many
is no more of it: nobody else there is told. Of what a pair or a group has without a coach each who
is of it says all that.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.corrections import with_one_more
from services.chassis.kernel import Fault, Kind, invalid, restated
from services.programs.session.outline import (
    Barrier,
    CoachingSessionOutline,
    CoachingSessionState,
    Happened,
    PlannedBefore,
    Recorded,
    Renamed,
    SessionCorrection,
    SessionEvent,
    SessionKind,
    TimeSpent,
    once,
    renamed,
)

MOST_TEACHERS = 60  # of a session: each gets an event that names all
FEWEST_PEERS = 2  # who meet without a coach
MOST_MINUTES = 720  # of a session
MOST_CORRECTIONS = 20
MOST_PLANS = 20  # for which it was planned before
MOST_MOVES = 20  # between records of one person that are remembered


@dataclass(kw_only=True)
class CoachingSession(CoachingSessionOutline):
    """`summary`: what the coach writes for whom it is of. `corrections`: what was recorded before,
    `plans`: when it was to be held before, `moved`: by which records of one person it has come to
    another, each oldest first. `absent`: who was of it and is no more, since her events are still
    there; told to nobody. `written_by`: whose words the summary is. `restated`: of what takes
    another's place, as of which of its own versions nothing was done with it; 0 of any other."""

    summary: str = ""
    corrections: tuple[SessionCorrection, ...] = ()
    plans: tuple[PlannedBefore, ...] = ()
    moved: tuple[Renamed, ...] = ()
    absent: tuple[str, ...] = ()
    written_by: str = ""
    restated: int = 0

    def scheduled(self) -> CoachingSession:
        """Its first event: it is to come. Raises as `begun`."""
        self._begun()
        self.record(Happened(SessionEvent.SCHEDULED))
        return self

    def contact(self, held_at: datetime, spent: TimeSpent, at: datetime) -> CoachingSession:
        """Its first event: it was held, and nobody had planned it."""
        self._begun()
        said = Recorded(held_at, (spent,), self.teachers, self.modality)
        self._keep(said, at)
        return self

    def reschedule(self, by: str, at: datetime, starts_at: datetime) -> None:
        """Move it to another time of its school year, which the caller makes sure of."""
        self.check_reschedule(by, at)
        if starts_at != self.starts_at:
            if len(self.plans) >= MOST_PLANS:
                detail = "It was moved too often already: cancel it and plan another."
                raise Fault(Kind.LIMITED, "too_many_plans", detail)
            self._was_planned(by, at)
            self.starts_at = starts_at
            self.record(Happened(SessionEvent.RESCHEDULED))

    def hold(self, by: str, at: datetime, said: Recorded) -> None:
        """It was held: by those who came, of those who were to come."""
        self.check_hold(by, at)
        strangers = [each for each in said.came if each not in self.teachers]
        if strangers:
            place = f"/attended_ids/{said.came.index(strangers[0])}"
            raise invalid("not_invited", "She was not to come to this session.", place)
        if (said.held_at, said.modality) != (self.starts_at, self.modality):
            self._was_planned(by, at)
        self._keep(said, at)

    def miss(self, by: str, at: datetime, barriers: Collection[Barrier]) -> None:
        """It did not take place, and was not called off."""
        self.check_miss(by, at)
        self.state, self.recorded_at = CoachingSessionState.MISSED, at
        self.barriers = once(barriers)
        self.record(Happened(SessionEvent.MISSED))

    def cancel(self, by: str, at: datetime) -> None:
        """Call a session off before it is held; its coach or, where it is hers alone, the
        teacher."""
        self.check_cancel(by, at)
        self.state, self.cancelled_at = CoachingSessionState.CANCELLED, at
        self.record(Happened(SessionEvent.CANCELLED))

    def summarize(self, by: str, at: datetime, summary: str) -> None:
        self.check_summarize(by, at)
        self.state, self.summarized_at = CoachingSessionState.SUMMARIZED, at
        self.summary, self.written_by = summary, by
        self.record(Happened(SessionEvent.SUMMARIZED))

    def correct(self, by: str, at: datetime, said: Recorded, reason: str) -> None:
        """What was recorded was something else; what it was stays. Who is no more among those who
        came leaves the session."""
        self.check_correct(by, at)
        self._check(said)
        if said.summary and self.state is not CoachingSessionState.SUMMARIZED:
            raise invalid("not_summarized", "It has no summary yet: summarize it.", "/summary")
        if not said.summary and self.state is CoachingSessionState.SUMMARIZED:
            raise invalid("summary_needed", "A summary is corrected by another.", "/summary")
        was = SessionCorrection(reason=reason, by=by, at=at, was=self.recorded)
        full = Fault(Kind.LIMITED, "too_many_corrections", "It was corrected too often already.")
        kept = with_one_more(self.corrections, was.was, said, was, MOST_CORRECTIONS, full)
        if kept is None:
            return
        self.corrections, self.corrected_at = kept, at
        if said.summary != self.summary:
            self.written_by = by
        self._take(said, SessionEvent.CORRECTED)

    def void(self, by: str, at: datetime, reason: str) -> None:
        """It should not have been recorded: it counts no more, for good, and stays visible."""
        self.check_void(by, at)
        last = SessionCorrection(reason=reason, by=by, at=at, was=self.recorded)
        self.corrections = (*self.corrections, last)
        self.state, self.voided_at = CoachingSessionState.VOIDED, at
        self.record(Happened(SessionEvent.VOIDED))

    def keep_to(self, people: Collection[str], at: datetime) -> None:
        """Of its circle only these are left: it is called off where it would be of one alone. What
        was held or missed stays."""
        left = tuple(each for each in self.teachers if each not in people)
        if not left or self.state is not CoachingSessionState.SCHEDULED:
            return
        staying = tuple(each for each in self.teachers if each in people)
        if len(staying) < FEWEST_PEERS:
            self.state, self.cancelled_at = CoachingSessionState.CANCELLED, at
            self.record(Happened(SessionEvent.CANCELLED))
            return
        self.teachers, self.absent = staying, (*self.absent, *left)
        self.record(Happened(SessionEvent.LEFT, left))

    @property
    def recorded(self) -> Recorded:
        """What it says of how it was held."""
        told = self.modality, self.barriers, self.materials_unit, self.summary
        return Recorded(self.starts_at, self.activities, self.teachers, *told)

    def came_from(self, person: str) -> str:
        """Which record it was of before it was this person's; empty: of none."""
        return next((each.before for each in reversed(self.moved) if each.after == person), "")

    def transfer(self, before: str, after: str) -> None:
        """The one is the other, a record of the same person: nothing else changes. Nothing is
        made of what would be of a person with herself. Given back, both are of it where both
        were."""
        people = (self.coach, *self.teachers, *self.absent)
        if (
            before not in people
            or after == self.coach
            or (before not in self.teachers and after in self.teachers)
        ):
            return
        back = next((e for e in self.moved if (e.before, e.after) == (after, before)), None)
        keeps = (before,) if back is not None and back.both else ()
        were = self.teachers if before in self.teachers else self.absent
        both = after in were
        self.teachers = renamed(self.teachers, before, after, keeps)
        absent = renamed(self.absent, before, after, keeps)
        self.absent = tuple(each for each in absent if each not in self.teachers)
        moved = [each for each in self.moved if each != back]
        if back is None:
            moved.append(Renamed(before, after, both))
        self.coach = after if self.coach == before else self.coach
        self.scheduled_by = after if self.scheduled_by == before else self.scheduled_by
        self.written_by = after if self.written_by == before else self.written_by
        self.moved = tuple(moved[-MOST_MOVES:])
        left = () if before in self.teachers else (before,)
        self.record(Happened(SessionEvent.TRANSFERRED, left))

    def without(self, person: str, id: str) -> CoachingSession:
        """The same under another id, of the others: what takes its place where all that is about
        one of them is erased: of what it was before, under whatever ids of hers. Who has one of
        these now is somebody else. Of what a circle has, what she has written goes, and what was
        put right, which any of them may have written."""
        hers = {person}
        for each in reversed(self.moved):
            hers |= {each.before} if each.after in hers else set()

        def others(people: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(each for each in people if each not in hers)

        made = replace(
            self,
            id=id,
            version=0,
            restated=1,
            teachers=tuple(each for each in self.teachers if each != person),
            absent=tuple(each for each in self.absent if each != person),
            corrections=tuple(
                replace(each, was=replace(each.was, came=others(each.was.came)))
                for each in self.corrections
            ),
            moved=tuple(each for each in self.moved if hers.isdisjoint((each.before, each.after))),
        )
        if self.circle:
            made._forget(hers)
        made.record(Happened(SessionEvent.RESTATED))
        return made

    def follow(self, before: str, after: str) -> None:
        """Of its circle another has taken the place."""
        if self.circle == before:
            self.circle = after
            self.record(Happened(SessionEvent.RESTATED))

    def _forget(self, hers: Collection[str]) -> None:
        self.corrections = ()  # as nothing says which of its words are hers
        self.plans = tuple(each for each in self.plans if each.by not in hers)
        self.scheduled_by = "" if self.scheduled_by in hers else self.scheduled_by
        if self.written_by in hers:
            self.summary = self.written_by = ""
            if self.state is CoachingSessionState.SUMMARIZED:
                self.state, self.summarized_at = CoachingSessionState.HELD, None

    def restate(self, new: CoachingSession) -> None:
        """It says what `new` does, which was not done with it yet; nothing where something was
        done with it meanwhile."""
        if restated(self, new):
            self.record(Happened(SessionEvent.RESTATED))

    def _was_planned(self, by: str, at: datetime) -> None:
        self.plans = (*self.plans, PlannedBefore(self.starts_at, self.modality, by, at))

    def _begun(self) -> None:
        """Raises INVALID where the kind does not have these teachers."""
        self.invited = len(self.teachers)
        if len(set(self.teachers)) < self.invited:
            raise invalid("teacher_repeated", "A teacher stands here twice.", "/teacher_ids")
        if self.coach in self.teachers:
            raise invalid("coach_is_teacher", "Coach and teacher are two people.", "/coach_id")
        fewest, most = _TEACHERS[self.kind]
        if not fewest <= self.invited <= most:
            detail = f"A session of this kind has {fewest} to {most} teachers."
            raise invalid("teachers_of_kind", detail, "/teacher_ids")

    def _keep(self, said: Recorded, at: datetime) -> None:
        self._check(said)
        self.state, self.recorded_at = CoachingSessionState.HELD, at
        self._take(said, SessionEvent.HELD)

    def _check(self, said: Recorded) -> None:
        if len({each.activity for each in said.activities}) < len(said.activities):
            detail = "An activity stands here twice: say its minutes once."
            raise invalid("activity_repeated", detail, "/activities")
        if sum(each.minutes for each in said.activities) > MOST_MINUTES:
            detail = f"A session has at most {MOST_MINUTES} minutes."
            raise invalid("too_many_minutes", detail, "/activities")
        if len(set(said.came)) < len(said.came):
            raise invalid("teacher_repeated", "A teacher stands here twice.", "/attended_ids")
        if not said.came and self.teachers:
            detail = "Where nobody came the session was missed."
            raise invalid("nobody_came", detail, "/attended_ids")
        if self.kind is SessionKind.PEER and len(said.came) < FEWEST_PEERS:
            detail = "Where fewer than two came it was missed."
            raise invalid("too_few_came", detail, "/attended_ids")
        one = self.kind in (SessionKind.INDIVIDUAL, SessionKind.SUPPORT)
        if (one and said.came != self.teachers) or self.coach in said.came:
            detail = "A session of this kind is of nobody else."
            raise invalid("teachers_of_kind", detail, "/attended_ids")

    def _take(self, said: Recorded, event: SessionEvent) -> None:
        left = tuple(each for each in self.teachers if each not in said.came)
        were = dict.fromkeys((*self.absent, *left))
        self.absent = tuple(each for each in were if each not in said.came)
        self.starts_at, self.activities, self.teachers = said.held_at, said.activities, said.came
        self.modality, self.materials_unit = said.modality, said.materials_unit
        self.barriers, self.summary = said.barriers, said.summary
        self.record(Happened(event, left))


_TEACHERS = {
    SessionKind.INDIVIDUAL: (1, 1),
    SessionKind.GROUP: (2, MOST_TEACHERS),
    SessionKind.WORKSHOP: (1, MOST_TEACHERS),
    SessionKind.COMMUNITY_MEETING: (1, MOST_TEACHERS),
    SessionKind.SUPPORT: (0, 0),
    SessionKind.PEER: (FEWEST_PEERS, MOST_TEACHERS),
}
