"""An instrument given to one class: scheduled, open for anonymous answers, closed.

While it is open nobody learns how many have answered; results exist once, from its close.
What was done by mistake can be put right as long as no figure was released: it is cancelled,
or, where too few had answered, opened again within an hour of its close. Figures that were
released stay, and nothing is added to them: from a second result the first could be
subtracted.
"""

from __future__ import annotations

import enum
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from services.chassis.kernel import Aggregate, Fault, Kind, conflict, invalid
from services.surveys.administration.codes import codes_of, is_code, seat_of
from services.surveys.administration.small_n import MOST_SEATS, Results
from services.surveys.instrument.domain import Instrument, InstrumentState

MOST_ADMINISTRATIONS = 200  # of a teacher in a school year, without cancelled ones
MOST_BY_OTHERS = 100  # of them
MOST_PLANNED = 500  # by one person, of a teacher in a school year, cancelled ones included
REOPENABLE = timedelta(hours=1)  # after a close that released nothing
UNDERWAY = timedelta(minutes=10)  # longer than any request takes that came before the end
MOST_REOPENINGS = 5  # of what the teacher closed
MOST_CLOSES_BY_OTHERS = 5  # of one survey: so the teacher can take back each of them
SPARE_SEATS = 1  # for a child who has joined the class and not yet the roster
MOST_UNLISTED = 60  # seats for a class whose students the roster does not name


class AdministrationState(enum.StrEnum):
    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class AdministrationEvent(enum.StrEnum):
    SCHEDULED = "scheduled"
    OPENED = "opened"
    SEATS_ADDED = "seats_added"
    CLOSED = "closed"
    REOPENED = "reopened"
    SEALED = "sealed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class AskedItem:
    """What an answer to an item may be, and which answers are favorable."""

    id: str
    values: tuple[int, ...]
    favorable: tuple[int, ...]


def asked_of(instrument: Instrument) -> tuple[AskedItem, ...]:
    """The items of a published instrument, which never change. Raises INVALID for a draft."""
    if instrument.state is not InstrumentState.PUBLISHED:
        raise invalid(
            "instrument_not_published", "The instrument is not published.", "/instrument_id"
        )
    scales = {item.id: instrument.scale_of(item) for item in instrument.items}
    return tuple(
        AskedItem(item.id, scales[item.id].values, scales[item.id].favorable(item.reversed))
        for item in instrument.items
    )


@dataclass(frozen=True, slots=True)
class Step:
    """What was done with it, by whom; nobody, where an hour had passed."""

    what: AdministrationEvent
    by: str
    at: datetime


@dataclass(kw_only=True)
class AdministrationOutline(Aggregate):
    """What may be told of an administration, and all that a list reads of it. `seats`: codes
    handed out. `lesson_date` is YYYY-MM-DD or empty. `history`: oldest first."""

    teacher: str
    school_year: int
    instrument_id: str
    class_id: str
    scheduled_at: datetime
    goal_id: str = ""
    lesson_date: str = ""
    baseline: bool = False
    state: AdministrationState = AdministrationState.SCHEDULED
    seats: int = 0
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    results: Results | None = None
    history: tuple[Step, ...] = ()

    def for_others(self) -> AdministrationOutline:
        """What is told of it to somebody who closes it in the teacher's place."""
        return replace(self, results=None, history=())

    @property
    def reopenable_until(self) -> datetime | None:
        """When its close can be taken back no more; None unless it was closed without a
        figure, and not sealed since."""
        if self.closed_at is None or self.results is None or not self.results.suppressed:
            return None
        sealed = any(step.what is AdministrationEvent.SEALED for step in self.history)
        return None if sealed else self.closed_at + REOPENABLE


@dataclass(kw_only=True)
class Administration(AdministrationOutline):
    """`secret` makes the response codes and the seats; it is gone once no sheet is needed.
    `round`: 1, and 1 more with each reopening. `scheduled_by` is empty where it was not kept
    yet."""

    items: tuple[AskedItem, ...]
    secret: bytes = field(repr=False)
    round: int = 1
    scheduled_by: str = ""

    def scheduled(self, by: str) -> Administration:
        self.scheduled_by = by
        self._done(AdministrationEvent.SCHEDULED, by, self.scheduled_at)
        return self

    def check_openable(self) -> None:
        if self.state not in (AdministrationState.SCHEDULED, AdministrationState.OPEN):
            raise conflict("not_scheduled", "Only a scheduled survey can be opened.")

    def open(self, seats: int, by: str, at: datetime) -> None:
        """Hand out `seats` codes, as many as `seats_for` gave; of an open one, that many all
        told: those that were handed out stay."""
        self.check_openable()
        if self.state is AdministrationState.SCHEDULED:
            self.state = AdministrationState.OPEN
            self.seats = seats
            self.opened_at = at
            self._done(AdministrationEvent.OPENED, by, at)
        elif seats > self.seats:
            self.seats = seats
            self._done(AdministrationEvent.SEATS_ADDED, by, at)

    def check_open(self) -> None:
        if self.state is not AdministrationState.OPEN:
            raise conflict("not_open", "The survey is not open.")

    def check_closable(self, by: str) -> None:
        self.check_open()
        if by != self.teacher and self._closes_by_others >= MOST_CLOSES_BY_OTHERS:
            raise conflict(
                "too_often", "The teacher opened it again and again; it is hers to close."
            )

    def close(self, results: Results, by: str, at: datetime) -> None:
        """Raises ValueError where more sheets are counted than codes were handed out."""
        self.check_closable(by)
        if results.n_min > self.seats:
            raise ValueError("more sheets than codes")
        self.state = AdministrationState.CLOSED
        self.results = results
        self.closed_at = at
        if not results.suppressed:
            self.secret = b""
        self._done(AdministrationEvent.CLOSED, by, at)

    def reopen(self, by: str, at: datetime) -> None:
        """Take back a close within an hour, where too few had answered; the teacher only. Codes
        and answers are as they were: a figure that was shown could be subtracted from the next."""
        if self.state is not AdministrationState.CLOSED:
            raise conflict("not_closed", "Only a closed survey can be opened again.")
        if self.results is None or not self.results.suppressed:
            raise conflict("results_released", "Its results were shown; plan another survey.")
        until = self.reopenable_until
        if until is None or at > until or not self.secret:
            raise conflict("too_late", "It can be opened again within an hour; plan another.")
        if self.round - self._closes_by_others > MOST_REOPENINGS:
            raise conflict("too_often", f"She took back {MOST_REOPENINGS} closes of her own.")
        self.state = AdministrationState.OPEN
        self.round += 1
        self.results = self.closed_at = None
        self._done(AdministrationEvent.REOPENED, by, at)

    def seal(self, at: datetime) -> None:
        """From now on it cannot be opened again. Does nothing before the hour is over."""
        until = self.reopenable_until
        if self.state is AdministrationState.CLOSED and until is not None and at > until:
            self.secret = b""
            self._done(AdministrationEvent.SEALED, "", at)

    def cancel(self, by: str, at: datetime) -> None:
        """It should not have been: there are never results. The teacher as long as no figure
        was released; who planned it as long as it is not open."""
        if self.state is AdministrationState.CANCELLED:
            raise conflict("survey_cancelled", "The survey was cancelled already.")
        if self.results is not None and not self.results.suppressed:
            raise conflict("results_released", "Its results were shown, and stay.")
        if by != self.teacher and not self._planned_by(by):
            raise Fault(Kind.FORBIDDEN, "teacher_only", "Only the teacher cancels it.")
        self.state = AdministrationState.CANCELLED
        self.secret = b""
        self.results = None
        self.cancelled_at = at
        self._done(AdministrationEvent.CANCELLED, by, at)

    @property
    def _closes_by_others(self) -> int:
        closes = [step for step in self.history if step.what is AdministrationEvent.CLOSED]
        return sum(step.by != self.teacher for step in closes)

    def _planned_by(self, person: str) -> bool:
        planned = any(step.by == person for step in self.history[:1])
        return planned and self.state is AdministrationState.SCHEDULED

    def _done(self, what: AdministrationEvent, by: str, at: datetime) -> None:
        self.history = (*self.history, Step(what, by, at))
        self.record(what)

    @property
    def settled(self) -> bool:
        """Whether no answer sheet is needed any more."""
        over = self.state in (AdministrationState.CLOSED, AdministrationState.CANCELLED)
        return over and not self.secret

    @property
    def forgettable_from(self) -> datetime | None:
        """When nothing that found it open can still be on its way; None unless it is settled."""
        ended = self.cancelled_at or self.closed_at
        return ended + UNDERWAY if self.settled and ended is not None else None

    def codes(self) -> Sequence[str]:
        """The codes handed out; none unless it is open."""
        return codes_of(self.secret, self.seats) if self.state is AdministrationState.OPEN else ()

    def seat(self, code: str) -> str | None:
        """The seat that one of its codes opens; None for any other, and unless it is open."""
        if self.state is not AdministrationState.OPEN:
            return None
        return seat_of(self.secret, code) if is_code(self.secret, self.seats, code) else None

    def lot(self) -> Random:
        """What is drawn at its close: the same at each, so that a close that was taken back
        draws nothing anew, and gone with the secret."""
        return Random(hmac.digest(self.secret, b"lot", "sha256"))  # noqa: S311 - nobody knows it

    def favorable(self) -> Mapping[str, tuple[int, ...]]:
        return {item.id: item.favorable for item in self.items}

    def sheet(self, answers: Sequence[tuple[str, int]]) -> Mapping[str, int]:
        """One respondent's answers by item; items may be left out. Raises INVALID for an
        item that is not asked or stands twice, and for a value that its scale lacks."""
        values = {item.id: item.values for item in self.items}
        sheet: dict[str, int] = {}
        for number, (item_id, value) in enumerate(answers):
            if item_id not in values:
                raise invalid(
                    "unknown_item", "The item is not asked.", f"/answers/{number}/item_id"
                )
            if item_id in sheet:
                raise invalid(
                    "repeated_item", "The item stands twice.", f"/answers/{number}/item_id"
                )
            if value not in values[item_id]:
                raise invalid(
                    "not_of_scale", "The scale has no such value.", f"/answers/{number}/value"
                )
            sheet[item_id] = value
        return sheet


def seats_for(students: int, asked: int | None, k: int) -> int:
    """How many codes are made for a class of so many students; 0: the roster names none of
    them. None `asked`: one for each. Raises CONFLICT for a class below the smallest group k,
    of which nothing could be shown, and INVALID for fewer codes than k, or more than one over
    the class's students: a code that is lost is had again."""
    if 0 < students < k:
        raise conflict("class_too_small", f"A survey needs a class of {k} students or more.")
    most = min(students + SPARE_SEATS, MOST_SEATS) if students else MOST_UNLISTED
    seats = students if asked is None else asked
    if not k <= seats <= most:
        raise invalid("number_of_seats", f"Name {k} to {most} seats.", "/seats")
    return seats
