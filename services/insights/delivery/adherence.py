"""Whether a program is delivered as its process says: of each step, how often it was done in time,
told of all teachers together, by what events tell, and of nobody alone.

Who leads the program knows who is in it and since when, so which steps were due for whom. Had all
of them done one thing, or none, a figure would say it of each by name: there is one only where
enough teachers did one and enough another. For whom it was not due yet says the calendar, and
whether she has done it already nobody.

A teacher's way through the process begins when she was first in the program, whoever takes her out
of it and back again, and counts the times on which a step was due while she was in it. So what one
reading tells and another does not is what fell due in the weeks between, of all of them. Shares are
to quarters, for the reason that other figures come in steps.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.access.calendar import Calendar, monday_of
from services.insights.delivery.domain import Stay, as_of, in_steps, parts_of
from services.insights.program.domain import SKIPPED, PlannedStep, ProgramPlan
from services.insights.program.process import OF_EVENTS, Course, PlacedStep, course_of

IN_TIME, LATE, NOT_DONE, NOT_YET_DUE = "in_time", "late", "not_done", "not_yet_due"


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """Of all times at which a step was due, and of all teachers for whom it was not yet, the share,
    as `in_steps` says it."""

    outcome: str
    share: float


@dataclass(frozen=True, slots=True)
class StepAdherence:
    """`outcomes`: none where too few can be told of, or all but too few have one; where events tell
    nothing of the step's kind, or it is left out."""

    step: PlannedStep
    outcomes: tuple[StepOutcome, ...] = ()


def adherence_of(
    stays: Sequence[Stay], plan: ProgramPlan, calendar: Calendar, today: date, small_n: int
) -> tuple[StepAdherence, ...]:
    """Step by step, as of the Monday of the week of `today`. Nothing of fewer than `small_n`
    teachers."""
    monday = calendar.begins(monday_of(today))
    told: dict[str, list[list[str]]] = {each.step: [] for each in plan.steps}
    waiting = dict.fromkeys(told, 0)  # teachers for whom it is not due yet
    for stay in as_of(stays, monday):
        course = course_of(plan, stay.first, calendar)
        if course is None or not course.covers(monday):
            continue
        last = course.number(monday - timedelta.resolution)
        for placed in course.steps:
            step = placed.step
            if not placed.told or placed.first_due is None or step.deviation == SKIPPED:
                continue
            if placed.first_due > last:
                waiting[step.step] += 1
            else:
                told[step.step].append([*_outcomes(placed, course, stay, last)])
    return tuple(
        StepAdherence(each, _released(told[each.step], waiting[each.step], small_n))
        for each in plan.steps
    )


def asked_for(plan: ProgramPlan) -> frozenset[str]:
    """The kinds of evidence that its process asks for and events tell of."""
    return OF_EVENTS.intersection(each.evidence for each in plan.steps)


def _released(told: Sequence[Sequence[str]], waiting: int, small_n: int) -> tuple[StepOutcome, ...]:
    parts = parts_of(told, small_n)
    if any(told) and not parts:
        return ()
    if waiting >= small_n:
        parts[NOT_YET_DUE] = waiting
    return tuple(StepOutcome(name, share) for name, share in in_steps(parts, 4))


def _outcomes(placed: PlacedStep, course: Course, stay: Stay, last: int) -> Iterator[str]:
    """Of each time at which it was due to the end of the day `last`, while she was in the program.
    What is left behind in time is so between two such days; what comes after one is late, where it
    is more than the next asks for."""
    step = placed.step
    left = [each for each in stay.evidence.get(step.evidence, ()) if stay.covers(each)]
    done = sorted(course.number(each) for each in left if course.covers(each))
    inside = [
        (course.number(begins), None if ends is None else course.number(ends))
        for begins, ends in stay.times
    ]
    since = placed.counts_from
    for due in _times(placed, last):
        if not any(first <= due and (end is None or due < end) for first, end in inside):
            since = due + 1
            continue
        first, after = bisect_left(done, since), bisect_right(done, due)
        if step.repeats_after:
            next_ = bisect_right(done, due + step.repeats_after) - after
            late = next_ > 1
        else:
            late = after < len(done)
        yield IN_TIME if first < after else LATE if late else NOT_DONE
        since = due + 1


def _times(placed: PlacedStep, last: int) -> Iterator[int]:
    due = placed.first_due
    while due is not None and due <= last and (due == placed.first_due or not placed.is_over(due)):
        yield due
        due = due + placed.step.repeats_after if placed.step.repeats_after else None
