"""A teacher who asks for coaching in a round of a program.

It is hers: who leads the program sees it while it waits or has a place, and nobody above her does.
That it was turned down is told to her alone, and why is nowhere.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict

MOST_WISHES = 5  # of what a round offers
GRADES = "IT PR PK TK KG 01 02 03 04 05 06 07 08 09 10 11 12 13 PS UG".split()  # as in OneRoster
MOST_SUBJECTS = 10
MOST_LANGUAGES = 5
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"  # as BCP 47 has it


class RequestState(enum.StrEnum):
    WAITING = "waiting"
    GRANTED = "granted"  # it has a place, and a coach is proposed
    WITHDRAWN = "withdrawn"
    TURNED_DOWN = "turned_down"
    ENDED = "ended"  # what came of it is over, or its school year is


class RequestStanding(enum.StrEnum):
    """What is published of its state: not how it was over."""

    WAITING = "waiting"
    GRANTED = "granted"
    OVER = "over"


OPEN = (RequestState.WAITING, RequestState.GRANTED)


class CoachingRequestEvent(enum.StrEnum):
    MADE = "made"
    EDITED = "edited"
    GRANTED = "granted"
    OVER = "over"
    TRANSFERRED = "transferred"


class Weekday(enum.StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"


class DayPart(enum.StrEnum):
    BEFORE_SCHOOL = "before_school"
    MORNING = "morning"
    MIDDAY = "midday"
    AFTERNOON = "afternoon"
    AFTER_SCHOOL = "after_school"


@dataclass(frozen=True, slots=True)
class Teaching:
    """What somebody teaches, or coaches, by what she says herself: `grades` in the order of
    `GRADES`, `subjects` in her words, `languages` in which she works. Empty where she says
    nothing of it."""

    grades: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    @classmethod
    def said(
        cls, grades: Iterable[str], subjects: Iterable[str], languages: Iterable[str]
    ) -> Teaching:
        """Each once."""
        named = {_subject(each): each for each in reversed([" ".join(e.split()) for e in subjects])}
        kept = tuple(each for each in reversed(named.values()) if each)
        wanted = set(grades)
        return cls(
            tuple(each for each in GRADES if each in wanted), kept, tuple(dict.fromkeys(languages))
        )

    def shared_with(self, other: Teaching) -> Teaching:
        """What of this goes with the other: the same grades, the same subjects whatever their
        letters' case, the same languages wherever they are spoken."""
        subjects = {_subject(each) for each in other.subjects}
        languages = {_language(each) for each in other.languages}
        return Teaching(
            tuple(each for each in self.grades if each in other.grades),
            tuple(each for each in self.subjects if _subject(each) in subjects),
            tuple(each for each in self.languages if _language(each) in languages),
        )


def _subject(said: str) -> str:
    return said.casefold()


def _language(said: str) -> str:
    return said.partition("-")[0]


NOTHING_SAID = Teaching()


@dataclass(frozen=True, slots=True)
class Wishes:
    """`options` of the round's; `weekdays`, `day_parts`: when she would like it, empty: whenever.
    `note` in her own words, or empty. `teaching`: what she would like a coach to know."""

    options: tuple[str, ...]
    weekdays: tuple[Weekday, ...] = ()
    day_parts: tuple[DayPart, ...] = ()
    note: str = ""
    teaching: Teaching = NOTHING_SAID


@dataclass(kw_only=True)
class CoachingRequest(Aggregate):
    """The only one of its round and teacher: who asks again has the same, and a new place in the
    queue. `first_asked_at`: when she did at first. `coach`: who is proposed to her, of what is
    granted. `transferred_from`, `coach_before`: whose it was before two records of one person
    became one. `agreed`: see `Aggregate`."""

    round: str
    program: str
    teacher: str
    school_year: int
    wishes: Wishes
    asked_at: datetime
    first_asked_at: datetime
    state: RequestState = RequestState.WAITING
    coach: str = ""
    granted_at: datetime | None = None
    over_at: datetime | None = None
    transferred_from: str = ""
    coach_before: str = ""
    agreed: int = 1

    @classmethod
    def make(
        cls,
        *,
        id: str,
        district: str,
        round: str,
        program: str,
        teacher: str,
        year: int,
        wishes: Wishes,
        at: datetime,
    ) -> CoachingRequest:
        made = cls(
            id=id,
            district=district,
            round=round,
            program=program,
            teacher=teacher,
            school_year=year,
            wishes=wishes,
            asked_at=at,
            first_asked_at=at,
        )
        made.record(CoachingRequestEvent.MADE)
        return made

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def standing(self) -> RequestStanding:
        return RequestStanding(self.state.value) if self.open else RequestStanding.OVER

    def make_again(self, wishes: Wishes, at: datetime) -> None:
        """After it was over, at the end of the queue. One that waits or has a place is answered as
        it is: it is edited instead."""
        if self.open:
            return
        self.wishes, self.asked_at, self.state = wishes, at, RequestState.WAITING
        self.coach = self.coach_before = ""
        self.granted_at = self.over_at = None
        self.agreed = self.version + 1
        self.record(CoachingRequestEvent.MADE)

    def check_edit(self, by: str, at: datetime) -> None:
        """Whether she may ask for something else: while it waits."""
        self._check_waiting()

    def edit(self, wishes: Wishes) -> None:
        """Ask for something else, without losing the place; the same again changes nothing."""
        self._check_waiting()
        if wishes != self.wishes:
            self.wishes = wishes
            self.record(CoachingRequestEvent.EDITED)

    def check_withdraw(self, by: str, at: datetime) -> None:
        """Whether she may take it back. With a place there is a relationship: that says it."""
        self._check_waiting()

    def withdraw(self, by: str, at: datetime) -> None:
        """Take back what waits. Once a coach is proposed, decline or end the relationship."""
        self.check_withdraw(by, at)
        self._over(RequestState.WITHDRAWN, at)

    def check_turn_down(self, by: str, at: datetime) -> None:
        self._check_waiting()

    def turn_down(self, by: str, at: datetime) -> None:
        """Say that there is no place for it. From now on the teacher alone sees it."""
        self.check_turn_down(by, at)
        self._over(RequestState.TURNED_DOWN, at)

    def grant(self, coach: str, asked_at: datetime, at: datetime) -> bool:
        """It has a place, of what was asked at that instant. Whether it is so now; done already, it
        changes nothing."""
        if self.asked_at != asked_at or not self.open:
            return False
        if self.state is RequestState.WAITING:
            self.state, self.coach, self.granted_at = RequestState.GRANTED, coach, at
            self.record(CoachingRequestEvent.GRANTED)
        return True

    def go_on_with(self, coach: str, until: datetime) -> None:
        """Another coach goes on with what was granted until then; she has it already, it stays."""
        at = self.granted_at
        if self.state is RequestState.GRANTED and at and at <= until and coach != self.coach:
            self.coach, self.coach_before = coach, ""
            self.record(CoachingRequestEvent.GRANTED)

    def finish(self, until: datetime, at: datetime) -> None:
        """What came of it is over: of what was granted until then, nothing of what was since."""
        if self.granted_at is not None and self.granted_at <= until:
            self.end(at)

    def end(self, at: datetime) -> None:
        """It is over, whether it waits or has a place; over already, it stays as it is."""
        if self.open:
            self._over(RequestState.ENDED, at)

    def transfer(self, side: str, to: str) -> None:
        """The teacher or the coach (`side`) is the same person under her other id."""
        before = {"teacher": "transferred_from", "coach": "coach_before"}[side]
        setattr(self, before, getattr(self, side))
        setattr(self, side, to)
        self.record(CoachingRequestEvent.TRANSFERRED)

    def _over(self, state: RequestState, at: datetime) -> None:
        self.state, self.over_at = state, at
        self.record(CoachingRequestEvent.OVER)

    def _check_waiting(self) -> None:
        if self.state is RequestState.GRANTED:
            detail = "A coach is proposed: what becomes of that the relationship says."
            raise conflict("request_granted", detail)
        if self.state is not RequestState.WAITING:
            raise conflict("request_over", "It is over: ask again.")
