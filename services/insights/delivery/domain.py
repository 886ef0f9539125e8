"""What of a program is delivered, told of all who were in it together and of nobody alone.

Each figure is of as many teachers as may be told of: of fewer it is None, or is put together with
the next larger part until they are enough. Where they are just enough, one contact more would still
be read off a mean, and a median of five is the third one's own. So figures are of whole weeks, as
of the last Monday, and come in steps: what is told from one reading to the next is that a step was
made, not whose contact it was, nor how many there were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from statistics import fmean, median

from services.access.calendar import Calendar, monday_of
from services.insights.program.domain import ProgramPlan

OTHER = "other"
STEPS_OF_DAYS = (1, 3, 7, 10, 14, 21, 28, 42, 56, 84)
STEPS_OF_SIZES = (1, 2, 3, 5, 8, 12, 20, 30)


@dataclass(frozen=True, slots=True)
class Contact:
    """A coaching session that was held with a teacher, by its `modality`; `size`: with how many
    teachers."""

    held_at: datetime
    modality: str
    size: int


@dataclass(frozen=True, slots=True)
class Stay:
    """A teacher's time in a program, and all that was held with her. `ends`: None while she is in
    it."""

    begins: datetime
    ends: datetime | None
    contacts: tuple[Contact, ...]

    def until(self, instant: datetime) -> Stay:
        """As it was known to be then."""
        ends = self.ends if self.ends is not None and self.ends < instant else None
        held = tuple(each for each in self.contacts if each.held_at < instant)
        return Stay(self.begins, ends, held)

    def within(self) -> list[Contact]:
        """What was held while she was in it, the oldest first."""
        found = [
            each
            for each in self.contacts
            if self.begins <= each.held_at and (self.ends is None or each.held_at < self.ends)
        ]
        return sorted(found, key=lambda each: each.held_at)


@dataclass(frozen=True, slots=True)
class ModalityShare:
    """Of all contacts the share, 0 to 1. `other`: of several that are not told apart."""

    modality: str
    share: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """Before the present week. `teachers` were in it, whenever. `planned` and `delivered`: contacts
    with a teacher, on average; `delivered` where enough of them had any, to halves.
    `days_between`: between two contacts of a teacher, of all teachers the median, as the nearest of
    `STEPS_OF_DAYS`; so is `group_size`, the teachers of a contact, of `STEPS_OF_SIZES`."""

    teachers: int | None = None
    planned: float | None = None
    delivered: float | None = None
    days_between: float | None = None
    group_size: float | None = None
    modalities: tuple[ModalityShare, ...] = ()


def delivery_of(
    stays: Sequence[Stay], plan: ProgramPlan, calendar: Calendar, today: date, small_n: int
) -> Delivery:
    """As of the Monday of the week of `today`. Nothing of fewer than `small_n` teachers."""
    week = monday_of(today)
    begins = calendar.begins(week)
    stays = [each.until(begins) for each in stays if each.begins < begins]
    if len(stays) < small_n:
        return Delivery()
    held = [each.within() for each in stays]
    planned = _planned(stays, plan, calendar, week)
    gaps = [
        median((later.held_at - sooner.held_at).days for sooner, later in pairwise(of))
        for of in held
        if len(of) > 1
    ]
    sizes = [median(each.size for each in of) for of in held if of]
    return Delivery(
        teachers=len(stays),
        planned=None if planned is None else round(planned, 1),
        delivered=_halves(fmean(map(len, held))) if sum(map(bool, held)) >= small_n else None,
        days_between=_middle(gaps, small_n, STEPS_OF_DAYS),
        group_size=_middle(sizes, small_n, STEPS_OF_SIZES),
        modalities=modalities_of(held, small_n),
    )


def _planned(
    stays: Iterable[Stay], plan: ProgramPlan, calendar: Calendar, today: date
) -> float | None:
    """For the instructional days on which each was in it; None where that cannot be said."""
    spans = calendar.spans
    span = plan.span or ((spans[0][0], spans[-1][1]) if spans else None)
    if plan.contacts is None or span is None:
        return None
    days = calendar.days_in(*span)
    if not days:
        return None
    found = []
    for each in stays:
        begins = max(span[0], calendar.day_of(each.begins))
        ends = min(span[1], today if each.ends is None else calendar.day_of(each.ends))
        found.append(plan.contacts * calendar.days_in(begins, ends) / days)
    return fmean(found)


def _halves(value: float) -> float:
    return round(value * 2) / 2


def _middle(values: Sequence[float], small_n: int, steps: Sequence[int]) -> float | None:
    """The nearest step to their median."""
    if len(values) < small_n:
        return None
    middle = float(median(values))
    return float(min(steps, key=lambda step: (abs(step - middle), step)))


def modalities_of(held: Sequence[Sequence[Contact]], small_n: int) -> tuple[ModalityShare, ...]:
    """Largest share first, to tenths. Those of fewer than `small_n` teachers are told together,
    with the next larger ones until they are enough; none where they never are."""
    teachers: dict[str, set[int]] = {}
    contacts: dict[str, int] = {}
    for number, of in enumerate(held):
        for each in of:
            teachers.setdefault(each.modality, set()).add(number)
            contacts[each.modality] = contacts.get(each.modality, 0) + 1
    rest = sorted(teachers, key=lambda name: (-len(teachers[name]), name))
    merged: list[str] = []
    while rest and (len(teachers[rest[-1]]) < small_n or 0 < _union(merged, teachers) < small_n):
        merged.append(rest.pop())
    if merged and _union(merged, teachers) < small_n:
        return ()
    counts = {name: contacts[name] for name in rest}
    if merged:
        counts[OTHER] = sum(contacts[each] for each in merged)
    whole = sum(counts.values())
    told = [ModalityShare(name, round(count / whole, 1)) for name, count in counts.items()]
    return tuple(sorted(told, key=lambda each: (-each.share, each.modality)))


def _union(names: Iterable[str], teachers: Mapping[str, set[int]]) -> int:
    return len({number for name in names for number in teachers[name]})
