"""An instrument given to one class: scheduled, open for anonymous answers, closed.

While it is open nobody learns how many have answered; results exist once, from its close.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict, invalid
from services.surveys.domain.codes import codes_of, is_code, seat_of
from services.surveys.domain.instrument import Instrument, InstrumentState
from services.surveys.domain.small_n import MOST_SEATS, Results

MOST_ADMINISTRATIONS = 200  # of a teacher in a school year
SPARE_SEATS = 2  # beyond a class's students: as many sheets as a figure can stand, see `small_n`
MOST_UNLISTED = 60  # seats for a class whose students the roster does not name


class AdministrationState(enum.StrEnum):
    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"


class AdministrationEvent(enum.StrEnum):
    SCHEDULED = "scheduled"
    OPENED = "opened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AskedItem:
    """What an answer to an item may be, and which answers are favorable."""

    id: str
    values: tuple[int, ...]
    favorable: tuple[int, ...]


def asked(instrument: Instrument) -> tuple[AskedItem, ...]:
    """The items of a published instrument, which never change. Raises INVALID for a draft."""
    if instrument.state is not InstrumentState.PUBLISHED:
        raise invalid(
            "instrument_not_published", "The instrument is still a draft.", "/instrument_id"
        )
    scales = {item.id: instrument.scale_of(item) for item in instrument.items}
    return tuple(
        AskedItem(item.id, scales[item.id].values, scales[item.id].favorable(item.reversed))
        for item in instrument.items
    )


@dataclass(kw_only=True)
class AdministrationOutline(Aggregate):
    """What may be told of an administration, and all that a list reads of it. `seats`: codes
    handed out. `lesson_date` is YYYY-MM-DD or empty."""

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
    results: Results | None = None


@dataclass(kw_only=True)
class Administration(AdministrationOutline):
    """`secret` makes the response codes and the seats; it is gone once closed."""

    items: tuple[AskedItem, ...]
    secret: bytes = field(repr=False)

    def scheduled(self) -> Administration:
        self.record(AdministrationEvent.SCHEDULED)
        return self

    def check_scheduled(self) -> None:
        if self.state is not AdministrationState.SCHEDULED:
            raise conflict("not_scheduled", "Only a scheduled survey can be opened.")

    def open(self, seats: int, at: datetime) -> None:
        """`seats` as `seats_for` gave them."""
        self.check_scheduled()
        self.state = AdministrationState.OPEN
        self.seats = seats
        self.opened_at = at
        self.record(AdministrationEvent.OPENED)

    def check_open(self) -> None:
        if self.state is not AdministrationState.OPEN:
            raise conflict("not_open", "The survey is not open.")

    def close(self, results: Results, at: datetime) -> None:
        """Raises ValueError where more sheets are counted than codes were handed out."""
        self.check_open()
        if results.n_min > self.seats:
            raise ValueError("more sheets than codes")
        self.state = AdministrationState.CLOSED
        self.results = results
        self.closed_at = at
        self.secret = b""
        self.record(AdministrationEvent.CLOSED)

    @property
    def settled(self) -> bool:
        """Whether no answer sheet is needed any more."""
        return self.state is AdministrationState.CLOSED

    def codes(self) -> Sequence[str]:
        """The codes handed out; none unless it is open."""
        return codes_of(self.secret, self.seats) if self.state is AdministrationState.OPEN else ()

    def seat(self, code: str) -> str | None:
        """The seat that one of its codes opens; None for any other, and unless it is open."""
        if self.state is not AdministrationState.OPEN:
            return None
        return seat_of(self.secret, code) if is_code(self.secret, self.seats, code) else None

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
    of which nothing could be shown, and INVALID for more codes than the class needs."""
    if 0 < students < k:
        raise conflict("class_too_small", f"A survey needs a class of {k} students or more.")
    least, most = (1, min(students + SPARE_SEATS, MOST_SEATS)) if students else (k, MOST_UNLISTED)
    seats = students if asked is None else asked
    if not least <= seats <= most:
        raise invalid("number_of_seats", f"Name {least} to {most} seats.", "/seats")
    return seats
