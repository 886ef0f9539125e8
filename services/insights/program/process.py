"""When the steps of a program's process fall to a teacher: counted in instructional days from the
day on which she has begun, whatever the date of it.

Stages follow one another. One that lasts so many days is over after them; those that last until
their steps have ended share, in equal parts, the days that the others leave of the program's time.
Where nobody knows when that ends, the first of these lasts as long as anything does. What is done
leaves something behind that is of a kind and of no step, so what was left behind before a stage
began counts for it where no earlier stage asks for the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from services.access.calendar import Calendar, days_before
from services.insights.program.domain import PlannedStep, ProgramPlan

REQUIRED = "required"
OF_EVENTS = frozenset({"goal", "action_step", "observation", "survey", "session", "reflection"})
"""The kinds of evidence of which events tell; of others nobody can say whether they were left."""


@dataclass(frozen=True, slots=True)
class PlacedStep:
    """A step with its stage's first day and its last, which is the first of the next one too, as
    instructional days after the beginning; `ends` None: it does not end. `counts_from`: the day
    from which on what is left behind counts."""

    step: PlannedStep
    begins: int
    ends: int | None
    counts_from: int

    @property
    def told(self) -> bool:
        """Whether events tell of it being done."""
        return self.step.evidence in OF_EVENTS

    @property
    def first_due(self) -> int | None:
        """The day by whose end it is to be done for the first time; None: on none."""
        after = self.step.due_within or self.step.repeats_after
        return self.begins + after if after else None

    def is_over(self, day: int) -> bool:
        return self.ends is not None and day > self.ends


@dataclass(frozen=True, slots=True)
class Course:
    """A teacher's way through a process, which begins on a day of hers and is over on the one that
    `ends` it; None: nobody knows when. Days are numbered: so many instructional ones after the
    first."""

    begins: date
    ends: date | None
    calendar: Calendar
    steps: tuple[PlacedStep, ...]

    def number(self, instant: datetime) -> int:
        """Of the day of an instant; 0 before the beginning."""
        return self.calendar.days_between(self.calendar.begins(self.begins), instant)

    def runs(self, day: date) -> bool:
        return self.begins <= day and (self.ends is None or day < self.ends)

    def covers(self, instant: datetime) -> bool:
        """Whether an instant is not before the beginning."""
        return instant >= self.calendar.begins(self.begins)

    def day(self, number: int) -> date | None:
        """The one of a number; None where the terms end before."""
        if number <= 0:
            return self.begins
        found = self.calendar.passed(self.calendar.begins(self.begins), number - 1)
        return self.calendar.day_of(found) if found else None


def course_of(plan: ProgramPlan, enrolled_at: datetime, calendar: Calendar) -> Course | None:
    """Of whom was enrolled then: it begins with the latest of her enrollment, the program and its
    span. None of a program that has not begun, whose process has no steps, or of
    which an older build has published last, which did not say how long its stages last."""
    if plan.begun_at is None or not plan.steps:
        return None
    if any(each.stage_lasts is None for each in plan.steps):
        return None
    spans = calendar.spans
    span = plan.span or ((spans[0][0], spans[-1][1]) if spans else None)
    begins = max(calendar.day_of(plan.begun_at), calendar.day_of(enrolled_at))
    if span is not None:
        begins = max(begins, span[0])
    if span is None:
        return Course(begins, None, calendar, placed(plan.steps, None))
    days = calendar.days_in(days_before(begins, -1), span[1])
    return Course(begins, span[1], calendar, placed(plan.steps, days))


def placed(steps: Sequence[PlannedStep], days: int | None) -> tuple[PlacedStep, ...]:
    """Those of stages that begin, where so many instructional `days` come after the first; None:
    nobody knows how many."""
    stages = [(lasts, [*of]) for (_, lasts), of in groupby(steps, _stage)]
    last = len(stages) - 1
    until_ended = sum(1 for lasts, _ in stages if not lasts)
    fixed = sum(lasts for lasts, _ in stages)
    share = None if days is None else max(0, days - fixed) // max(1, until_ended)
    found: list[PlacedStep] = []
    since: dict[str, int] = {}  # from when on what is left behind is not an earlier stage's
    begins = 0
    for number, (lasts, of) in enumerate(stages):
        length = lasts or (None if number == last else share)
        ends = None if length is None else begins + length
        found += [PlacedStep(each, begins, ends, since.get(each.evidence, 0)) for each in of]
        if ends is None:
            break
        since |= {each.evidence: ends for each in of}
        begins = ends
    return tuple(found)


def _stage(step: PlannedStep) -> tuple[str, int]:
    return step.stage, step.stage_lasts or 0
