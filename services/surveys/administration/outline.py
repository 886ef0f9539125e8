"""What a list shows of an administration, and the rules of who may do what with it when: they raise
what the refusal is."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.chassis.kernel import Aggregate, Fault, Kind, conflict
from services.surveys.administration.small_n import Results

REOPENABLE = timedelta(hours=1)  # after a close that released nothing
MOST_REOPENINGS = 5  # of what the teacher closed
MOST_CLOSES_BY_OTHERS = 5  # of one survey: so the teacher can take back each of them


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
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True)
class Step:
    """What was done with it, by whom; nobody, where an hour had passed."""

    what: AdministrationEvent
    by: str
    at: datetime


@dataclass(kw_only=True)
class AdministrationOutline(Aggregate):
    """What may be told of an administration, and all that a list reads of it. `seats`: codes
    handed out. `lesson_date` is YYYY-MM-DD or empty. `history`: oldest first. `round`: 1, and 1
    more with each reopening. `transferred_from`: whose it was before two records of one person
    became one, or were parted again. `series` and `validation_status` are the instrument's, which
    says neither otherwise once it is published; the latter is empty where it was not kept yet."""

    teacher: str
    school_year: int
    instrument_id: str
    class_id: str
    series: str
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
    round: int = 1
    transferred_from: str = ""
    validation_status: str = ""

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

    @property
    def shareable(self) -> bool:
        """Its results, once they are released: from then on they stay as they are."""
        return self.results is not None and not self.results.suppressed

    def check_shareable(self) -> None:
        if not self.shareable:
            raise conflict("nothing_released", "Only results that were released can be shared.")

    def check_openable(self) -> None:
        if self.state not in (AdministrationState.SCHEDULED, AdministrationState.OPEN):
            raise conflict("not_scheduled", "Only a scheduled survey can be opened.")

    def check_open(self) -> None:
        if self.state is not AdministrationState.OPEN:
            raise conflict("not_open", "The survey is not open.")

    def check_close(self, by: str, at: datetime) -> None:
        self.check_open()
        if by != self.teacher and self._closes_by_others >= MOST_CLOSES_BY_OTHERS:
            raise conflict(
                "too_often", "The teacher opened it again and again; it is hers to close."
            )

    def check_reopen(self, by: str, at: datetime) -> None:
        if self.state is not AdministrationState.CLOSED:
            raise conflict("not_closed", "Only a closed survey can be opened again.")
        if self.results is None or not self.results.suppressed:
            raise conflict("results_released", "Its results were shown; plan another survey.")
        until = self.reopenable_until
        if until is None or at > until:
            raise conflict("too_late", "It can be opened again within an hour; plan another.")
        if self.round - self._closes_by_others > MOST_REOPENINGS:
            raise conflict("too_often", f"She took back {MOST_REOPENINGS} closes of her own.")

    def check_cancel(self, by: str, at: datetime) -> None:
        if self.state is AdministrationState.CANCELLED:
            raise conflict("survey_cancelled", "The survey was cancelled already.")
        if self.results is not None and not self.results.suppressed:
            raise conflict("results_released", "Its results were shown, and stay.")
        if by != self.teacher and not self._planned_by(by):
            raise Fault(Kind.FORBIDDEN, "teacher_only", "Only the teacher cancels it.")

    @property
    def _closes_by_others(self) -> int:
        closes = [step for step in self.history if step.what is AdministrationEvent.CLOSED]
        return sum(step.by != self.teacher for step in closes)

    def _planned_by(self, person: str) -> bool:
        planned = any(step.by == person for step in self.history[:1])
        return planned and self.state is AdministrationState.SCHEDULED
