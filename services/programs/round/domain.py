"""A round of a coaching program, in which teachers ask for coaching themselves.

It concerns no teacher: who asks has a request (`services/programs/request`). What is granted is
counted here, in one document, so that of two who take the last place one does.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.chassis.kernel import Aggregate, conflict, invalid

MOST_OPTIONS = 20
MOST_PLACES = 200


class RoundState(enum.StrEnum):
    """Where it stands on a day: by its days, or by hand."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"  # who has asked is still granted a place


class CoachingRoundEvent(enum.StrEnum):
    PLANNED = "planned"
    EDITED = "edited"
    OPENED = "opened"
    CLOSED = "closed"
    GRANTED = "granted"
    FREED = "freed"


@dataclass(frozen=True, slots=True)
class RoundOption:
    """One thing that is offered: `id` within the round, `label` in words."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class RoundSays:
    """What a round says of itself. Teachers ask from the day `begins` to the day `ends`
    (YYYY-MM-DD), both included; `capacity`: how many are granted coaching at most."""

    title: str
    options: tuple[RoundOption, ...]
    begins: str
    ends: str
    capacity: int

    def check(self) -> None:
        """Raises INVALID for what no round may say, at its place in the request."""
        ids = [each.id for each in self.options]
        for index, each in enumerate(ids):
            if each in ids[:index]:
                detail = "Each option of a round has an id of its own."
                raise invalid("option_repeated", detail, f"/options/{index}/option_id")
        if self.ends < self.begins:
            raise invalid("ends_before_it_begins", "It ends before it begins.", "/end_date")


@dataclass(frozen=True, slots=True)
class RoundPlace:
    """What a request was granted: with which `coach`, by whom. `asked_at`: when that was asked for
    which it was, since the same request may be made again."""

    request: str
    asked_at: datetime
    coach: str
    granted_by: str


@dataclass(kw_only=True)
class CoachingRound(Aggregate):
    """`places`: those that are taken, in the order in which they were granted; `placed` repeats
    their requests, by which they are found. `opened_at`, `closed_at`: by hand, whatever its days
    are; not both."""

    program: str
    school_year: int
    says: RoundSays
    planned_by: str
    planned_at: datetime
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    places: tuple[RoundPlace, ...] = ()
    placed: tuple[str, ...] = ()

    @classmethod
    def plan(
        cls,
        *,
        id: str,
        district: str,
        program: str,
        school_year: int,
        says: RoundSays,
        by: str,
        at: datetime,
    ) -> CoachingRound:
        """Raises INVALID as `RoundSays.check`."""
        says.check()
        made = cls(
            id=id,
            district=district,
            program=program,
            school_year=school_year,
            says=says,
            planned_by=by,
            planned_at=at,
        )
        made.record(CoachingRoundEvent.PLANNED)
        return made

    def state_on(self, today: date) -> RoundState:
        """`today` is the district's."""
        day = today.isoformat()
        if self.closed_at is not None or day > self.says.ends:
            return RoundState.CLOSED
        begun = self.opened_at is not None or day >= self.says.begins
        return RoundState.OPEN if begun else RoundState.PLANNED

    @property
    def free(self) -> int:
        return max(self.says.capacity - len(self.places), 0)

    def has(self, option: str) -> bool:
        return any(each.id == option for each in self.says.options)

    def edit(self, says: RoundSays, today: date, at: datetime) -> None:
        """All that it says, in place of what it said; the same again changes nothing. Once it is
        open no option is taken away, since teachers may have asked for it, nor is it planned again
        by a later first day, and it never has fewer places than are taken."""
        says.check()
        kept = {each.id for each in says.options}
        asked_for = {each.id for each in self.says.options}
        if self.state_on(today) is not RoundState.PLANNED:
            if not asked_for <= kept:
                detail = "Teachers may have asked for it: an option stays once the round is open."
                raise conflict("option_offered", detail)
            by_hand = self.opened_at is not None or self.closed_at is not None
            if not by_hand and says.begins > today.isoformat():
                detail = "Teachers may have asked: its first day is no later than today."
                raise conflict("round_begun", detail)
        if says.capacity < len(self.places):
            raise conflict("places_taken", "More places than that are taken already.")
        if says != self.says:
            self.says = says
            self.record(CoachingRoundEvent.EDITED)

    def open(self, today: date, at: datetime) -> None:
        """Let teachers ask from now on, before its first day or after it was closed by hand. Open
        already, it changes nothing. Raises CONFLICT `round_over` after its last day."""
        if today.isoformat() > self.says.ends:
            raise conflict("round_over", "Its last day is over: give it another one first.")
        if self.state_on(today) is not RoundState.OPEN:
            self.opened_at, self.closed_at = at, None
            self.record(CoachingRoundEvent.OPENED)

    def check_close(self, by: str, at: datetime) -> None:
        if self.closed_at is not None:
            raise conflict("round_closed", "It was closed already.")

    def close(self, by: str, at: datetime) -> None:
        """Let nobody ask any more; who has asked can still be granted a place."""
        self.check_close(by, at)
        self.opened_at, self.closed_at = None, at
        self.record(CoachingRoundEvent.CLOSED)

    def grant(self, place: RoundPlace) -> None:
        """Give a request a place; the same again changes nothing. Raises CONFLICT `round_full`, or
        `request_granted` where it has one with another coach."""
        known = next((each for each in self.places if each.request == place.request), None)
        if known is not None and known.asked_at == place.asked_at:
            if known.coach != place.coach:
                raise conflict("request_granted", "It has a place, with another coach.")
            return
        others = tuple(each for each in self.places if each.request != place.request)
        if len(others) >= self.says.capacity:
            raise conflict("round_full", "All places of the round are taken.")
        self._take((*others, place))
        self.record(CoachingRoundEvent.GRANTED)

    def free_place(self, request: str, until: datetime | None) -> None:
        """What a request was granted is over, of what was asked until then (None: whenever)."""
        kept = tuple(
            each
            for each in self.places
            if each.request != request or (until is not None and each.asked_at > until)
        )
        if kept != self.places:
            self._take(kept)
            self.record(CoachingRoundEvent.FREED)

    def place_of(self, request: str) -> RoundPlace | None:
        return next((each for each in self.places if each.request == request), None)

    def _take(self, places: Sequence[RoundPlace]) -> None:
        self.places = tuple(places)
        self.placed = tuple(each.request for each in places)
