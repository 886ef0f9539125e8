"""An instrument given to one class: scheduled, open for anonymous answers, closed.

While it is open nobody learns how many have answered; results exist once, from its close.
What was done by mistake can be put right as long as no figure was released: it is cancelled,
or, where too few had answered, opened again within an hour of its close. Figures that were
released stay, and nothing is added to them: from a second result the first could be
subtracted.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from services.chassis.kernel import conflict, invalid
from services.surveys.administration.codes import codes_of, is_code, seat_of
from services.surveys.administration.outline import (
    AdministrationEvent,
    AdministrationOutline,
    AdministrationState,
    Step,
)
from services.surveys.administration.small_n import MOST_SEATS, Results
from services.surveys.instrument.domain import Instrument, InstrumentState

MOST_ADMINISTRATIONS = 200  # of a teacher in a school year, without cancelled ones
MOST_BY_OTHERS = 100  # of them
MOST_PLANNED = 500  # by one person, of a teacher in a school year, cancelled ones included
UNDERWAY = timedelta(minutes=10)  # longer than any request takes that came before the end
SPARE_SEATS = 1  # for a child who has joined the class and not yet the roster
_PLACE = "/instrument_id"
MOST_UNLISTED = 60  # seats for a class whose students the roster does not name


@dataclass(frozen=True, slots=True)
class AskedItem:
    """What an answer to an item may be, and which answers are favorable."""

    id: str
    values: tuple[int, ...]
    favorable: tuple[int, ...]


def asked_of(instrument: Instrument) -> tuple[AskedItem, ...]:
    """The items of a published instrument, which never change. Raises INVALID for a draft, and
    for one that is retired."""
    if instrument.state is InstrumentState.RETIRED:
        raise invalid("instrument_retired", "The instrument is retired: choose another.", _PLACE)
    if instrument.state is not InstrumentState.PUBLISHED:
        raise invalid("instrument_not_published", "The instrument is not published.", _PLACE)
    scales = {item.id: instrument.scale_of(item) for item in instrument.items}
    return tuple(
        AskedItem(item.id, scales[item.id].values, scales[item.id].favorable(item.reversed))
        for item in instrument.items
    )


@dataclass(kw_only=True)
class Administration(AdministrationOutline):
    """`secret` makes the response codes and the seats; it is gone once no sheet is needed.
    `scheduled_by` is empty where it was not kept
    yet."""

    items: tuple[AskedItem, ...]
    secret: bytes = field(repr=False)
    scheduled_by: str = ""

    def scheduled(self, by: str) -> Administration:
        self.scheduled_by = by
        self._done(AdministrationEvent.SCHEDULED, by, self.scheduled_at)
        return self

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

    def close(self, results: Results, by: str, at: datetime) -> None:
        """Raises ValueError where more sheets are counted than codes were handed out."""
        self.check_close(by, at)
        if results.n_min > self.seats:
            raise ValueError("more sheets than codes")
        self.state = AdministrationState.CLOSED
        self.results = results
        self.closed_at = at
        if not results.suppressed:
            self.secret = b""
        self._done(AdministrationEvent.CLOSED, by, at)

    def check_reopen(self, by: str, at: datetime) -> None:
        super().check_reopen(by, at)
        if not self.secret:
            raise conflict("too_late", "It can be opened again within an hour; plan another.")

    def reopen(self, by: str, at: datetime) -> None:
        """Take back a close within an hour, where too few had answered; the teacher only. Codes
        and answers are as they were: a figure that was shown could be subtracted from the next."""
        self.check_reopen(by, at)
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
        self.check_cancel(by, at)
        self.state = AdministrationState.CANCELLED
        self.secret = b""
        self.results = None
        self.cancelled_at = at
        self._done(AdministrationEvent.CANCELLED, by, at)

    def transfer(self, to: str) -> None:
        """It is the same person's under her other id, and so is what she has done with it."""
        was = self.teacher
        self.history = tuple(
            replace(each, by=to) if each.by == was else each for each in self.history
        )
        if self.scheduled_by == was:
            self.scheduled_by = to
        self.transferred_from, self.teacher = was, to
        self.record(AdministrationEvent.TRANSFERRED)

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


def check_class_size(students: int, k: int) -> None:
    if 0 < students < k:
        raise conflict("class_too_small", f"A survey needs a class of {k} students or more.")


def seats_for(students: int, asked: int | None, k: int) -> int:
    """How many codes are made for a class of so many students; 0: the roster names none of
    them. None `asked`: one for each. Raises CONFLICT for a class below the smallest group k,
    of which nothing could be shown, and INVALID for fewer codes than k, or more than one over
    the class's students: a code that is lost is had again."""
    check_class_size(students, k)
    most = min(students + SPARE_SEATS, MOST_SEATS) if students else MOST_UNLISTED
    seats = students if asked is None else asked
    if not k <= seats <= most:
        raise invalid("number_of_seats", f"Name {k} to {most} seats.", "/seats")
    return seats
