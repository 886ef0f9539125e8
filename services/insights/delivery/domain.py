"""What of a program is delivered, told of all who were in it together and of nobody alone.

Each figure is of as many teachers as may be told of: of fewer it is None, or is put together with
the next larger part until they are enough. Where they are just enough, one contact more would still
be read off a mean, and a median of five is the third one's own. So figures are of whole weeks, as
of the last Monday, and come in steps: what is told from one reading to the next is that a step was
made, not whose contact it was, nor how many there were. And that all were of one kind would say it
of each: kinds are told only where there are two, of enough teachers each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from statistics import fmean, median

from services.access.calendar import Calendar, monday_of
from services.insights.program.domain import ProgramPlan

OTHER = "other"
REVIEW_RULE_VERSION = 1  # of F20
STEPS_OF_DAYS = (1, 3, 7, 10, 14, 21, 28, 42, 56, 84)
STEPS_OF_SIZES = (1, 2, 3, 5, 8, 12, 20, 30)


@dataclass(frozen=True, slots=True)
class Contact:
    """A session that a coach has held with a teacher, by its `modality`; `size`: with how many
    teachers."""

    held_at: datetime
    modality: str
    size: int


@dataclass(frozen=True, slots=True)
class Stay:
    """A teacher's times in a program, oldest first, all that was held with her, and when she left
    something behind, by the kind of evidence. `ends`: of the last time, None while she is in it;
    `earlier`: from when till when she was in it before."""

    begins: datetime
    ends: datetime | None
    contacts: tuple[Contact, ...]
    earlier: tuple[tuple[datetime, datetime], ...] = ()
    evidence: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)

    @property
    def times(self) -> tuple[tuple[datetime, datetime | None], ...]:
        return (*self.earlier, (self.begins, self.ends))

    @property
    def first(self) -> datetime:
        """When she was first in it: however often she comes back, it stays."""
        return self.times[0][0]

    def until(self, instant: datetime) -> Stay:
        """As it was known to be then, who was in it before."""
        times = [each for each in self.times if each[0] < instant]
        *earlier, (begins, ends) = times
        return Stay(
            begins,
            ends if ends is not None and ends < instant else None,
            tuple(each for each in self.contacts if each.held_at < instant),
            tuple((first, last) for first, last in earlier if last is not None),
            {
                kind: tuple(each for each in left if each < instant)
                for kind, left in self.evidence.items()
            },
        )

    def covers(self, instant: datetime) -> bool:
        """Whether she was in it then."""
        return any(
            first <= instant and (last is None or instant < last) for first, last in self.times
        )

    def within(self) -> list[Contact]:
        """What was held while she was in it, the oldest first."""
        found = [each for each in self.contacts if self.covers(each.held_at)]
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
    stays = as_of(stays, calendar.begins(week))
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


def as_of(stays: Iterable[Stay], instant: datetime) -> list[Stay]:
    """Of all who were in it before, as it was known to be then."""
    return [each.until(instant) for each in stays if each.first < instant]


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
        hers = 0
        for first, last in each.times:
            begins = max(span[0], calendar.day_of(first))
            ends = min(span[1], today if last is None else calendar.day_of(last))
            hers += calendar.days_in(begins, ends)
        found.append(plan.contacts * hers / days)
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
    """Largest share first, to tenths, of the `parts_of` them."""
    parts = parts_of([[each.modality for each in of] for of in held], small_n)
    return tuple(ModalityShare(name, share) for name, share in in_steps(parts, 10))


def in_steps(parts: Mapping[str, int], steps: int) -> list[tuple[str, float]]:
    """The share of each, the largest first, as the nearest of so many steps. Of several none is
    0 or 1, which would say that nobody or everybody is of it: so they may add up to another sum."""
    whole = sum(parts.values())
    most = steps - 1 if len(parts) > 1 else steps
    found = [
        (name, min(most, max(1, round(steps * count / whole))) / steps)
        for name, count in parts.items()
    ]
    return sorted(found, key=lambda each: (-each[1], each[0]))


def parts_of(told: Sequence[Sequence[str]], small_n: int) -> dict[str, int]:
    """Of what is told of each teacher, how often it is of which name. Those of fewer than `small_n`
    teachers are told together (`OTHER`), with the next larger ones until they are enough. None
    where that leaves fewer than two parts, since one is true of each teacher; nor of fewer than
    twice `small_n` teachers, of whom each could have both."""
    if sum(map(bool, told)) < 2 * small_n:
        return {}
    teachers: dict[str, set[int]] = {}
    counts: dict[str, int] = {}
    for number, of in enumerate(told):
        for each in of:
            teachers.setdefault(each, set()).add(number)
            counts[each] = counts.get(each, 0) + 1
    rest = sorted(teachers, key=lambda name: (-len(teachers[name]), name))
    merged: list[str] = []
    while rest and (len(teachers[rest[-1]]) < small_n or 0 < _union(merged, teachers) < small_n):
        merged.append(rest.pop())
    found = {name: counts[name] for name in rest}
    if merged:
        found[OTHER] = sum(counts[each] for each in merged)
    return found if len(found) > 1 else {}


def _union(names: Iterable[str], teachers: Mapping[str, set[int]]) -> int:
    return len({number for name in names for number in teachers[name]})
