"""F12 and F21: whether a teacher and her coaching met as often as her program plans.

Looked at are the four weeks before a day, whole days of the district, and held against the share of
the plan that falls into them, by instructional days. More is not better: a plan that is overdone by
half calls attention, too. Nothing is said where less than one contact is planned for the four
weeks, before she has been enrolled and coached for so long without a pause, and where nobody knows
when a school year begins. A gap is not told to whom not all of her contacts are shown.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime

from services.access.calendar import Calendar, days_before
from services.insights.caseload.domain.card import Card
from services.insights.program.domain import ProgramPlan

WINDOW = 28  # days
MOST_EVIDENCE = 20  # sessions, the newest


@dataclass(frozen=True, slots=True)
class Dosage:
    """That the plan is not met: `below`, or overdone; since the beginning of which day, and the
    sessions of the four weeks before the day that is looked at."""

    below: bool
    since: datetime
    sessions: tuple[str, ...]


def dosage_of(card: Card, calendar: Calendar, day: date) -> Dosage | None:
    """None where the plan is met, there is none, or nothing can be said."""
    plan, since = card.plan, _begins(card)
    if plan is None or not plan.contacts or since is None:
        return None
    looked = _Looked(card, plan, plan.contacts, calendar, since)
    below = looked.at(day)
    if below is None:
        return None
    began = day
    while looked.at(days_before(began, 1)) is below:
        began = days_before(began, 1)
    return Dosage(below, calendar.begins(began), looked.shown(day))


def _begins(card: Card) -> datetime | None:
    """When she was enrolled and coached, the later of them; None where that is not known. By
    those who coach her now: what ended before may have been long before."""
    starts = (each.began_at for each in card.relationships if each.runs)
    began = min((each for each in starts if each), default=None)
    if card.enrolled_at is None or began is None:
        return None
    return max(card.enrolled_at, began)


class _Looked:
    """At a card, held against a plan of `contacts`, which counts `since` an instant."""

    def __init__(
        self, card: Card, plan: ProgramPlan, contacts: int, calendar: Calendar, since: datetime
    ) -> None:
        spans = calendar.spans
        whole = (spans[0][0], spans[-1][1]) if spans else None
        self._span = plan.span or whole
        self._days = calendar.days_in(*self._span) if self._span else 0
        self._card, self._calendar, self._contacts = card, calendar, contacts
        self._thresholds, self._known = plan.thresholds, card.all_contacts_since
        self._first = days_before(calendar.day_of(since), -1 - WINDOW)
        held = sorted((e.starts_at, e.id) for e in card.sessions if e.held and e.coach)
        self._instants, self._ids = [at for at, _ in held], [id_ for _, id_ in held]

    def at(self, day: date) -> bool | None:
        """Of the four weeks before a day: True where there was too little, False too much."""
        begins = days_before(day, WINDOW)
        expected = self._planned(begins, day)
        if day < self._first or expected < 1:
            return None
        share = 100 * len(self._held(day)) / expected
        if share > self._thresholds.overload_percent:
            return False
        if share >= self._thresholds.gap_percent:
            return None
        known = self._known
        return True if known is None or known <= self._calendar.begins(begins) else None

    def shown(self, day: date) -> tuple[str, ...]:
        """The ids of those of the four weeks before a day."""
        held = self._held(day)
        return tuple(self._ids[each] for each in held[-MOST_EVIDENCE:])

    def _held(self, day: date) -> range:
        begins, ends = self._calendar.begins(days_before(day, WINDOW)), self._calendar.begins(day)
        return range(bisect_left(self._instants, begins), bisect_left(self._instants, ends))

    def _planned(self, first: date, end: date) -> float:
        """From `first` to the day before `end`."""
        if self._span is None or not self._days:
            return 0.0
        begins, ends = max(first, self._span[0]), min(end, self._span[1])
        return self._contacts * self._calendar.days_in(begins, ends) / self._days
