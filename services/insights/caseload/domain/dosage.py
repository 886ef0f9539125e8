"""F12 and F21: whether a teacher and her coaching met as often as her program plans.

Looked at are the four weeks before a day, whole days of the district, and held against the share of
the plan that falls into them, by instructional days. More is not better: a plan that is overdone by
half calls attention, too. Nothing is said where less than one contact is planned for the four
weeks, before she has been enrolled and coached for so long, and where nobody knows when a school
year begins. A gap is not told to whom not all of her contacts are shown.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.access.calendar import Calendar
from services.insights.caseload.domain.card import Card
from services.insights.program.domain import ProgramPlan

WINDOW = timedelta(days=28)
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
    planned = _Planned(plan, plan.contacts, calendar)
    held = sorted((calendar.day_of(each.starts_at), each.id) for each in card.sessions if each.held)
    days = [each for each, _ in held]
    first = calendar.day_of(since) + timedelta(days=1) + WINDOW
    below = _told(card, calendar, planned, days, first, day)
    if below is None:
        return None
    began = day
    while _told(card, calendar, planned, days, first, began - timedelta(days=1)) is below:
        began -= timedelta(days=1)
    shown = held[bisect_left(days, day - WINDOW) : bisect_left(days, day)]
    return Dosage(below, calendar.begins(began), tuple(id_ for _, id_ in shown[-MOST_EVIDENCE:]))


def _begins(card: Card) -> datetime | None:
    """When she was enrolled and coached, the later of them; None where that is not known."""
    began = min((each.began_at for each in card.relationships if each.began_at), default=None)
    if card.enrolled_at is None or began is None:
        return None
    return max(card.enrolled_at, began)


class _Planned:
    """How many contacts are planned for days."""

    def __init__(self, plan: ProgramPlan, contacts: int, calendar: Calendar) -> None:
        spans = calendar.spans
        whole = (spans[0][0], spans[-1][1]) if spans else None
        self._span = plan.span or whole
        self._calendar, self._contacts = calendar, contacts
        self._days = calendar.days_in(*self._span) if self._span else 0

    def within(self, first: date, end: date) -> float:
        """From `first` to the day before `end`."""
        if self._span is None or not self._days:
            return 0.0
        begins, ends = max(first, self._span[0]), min(end, self._span[1])
        return self._contacts * self._calendar.days_in(begins, ends) / self._days


def _told(
    card: Card, calendar: Calendar, planned: _Planned, days: list[date], first: date, day: date
) -> bool | None:
    """Of the four weeks before a day: True where there was too little, False too much."""
    begins = day - WINDOW
    expected = planned.within(begins, day)
    if day < first or expected < 1:
        return None
    share = 100 * (bisect_left(days, day) - bisect_left(days, begins)) / expected
    if share > card.thresholds.overload_percent:
        return False
    known = card.all_contacts_since
    if known is not None and (known > calendar.begins(begins)):
        return None
    return True if share < card.thresholds.gap_percent else None
