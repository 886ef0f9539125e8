"""The step of her program's process that comes next for a teacher: who acts in it, by which day.

Computed when read, of what her card shows its reader and of nothing else: a step that leaves behind
what the reader is not shown is not told, or its being done would be. So a session is due for a
coach by her own ones, whatever another holds: the day would tell her of the other, else. What one
has done is known by kind alone, and does for every step of its stage that asks for the kind. Only
what is required, and what events tell of, becomes overdue: a recommendation that was not taken is
no debt, and a step that the program does otherwise leaves behind nobody knows what. Of reflections
a card knows those of trials, which do for a step, and not what stands in planning records: so none
is overdue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from services.access.calendar import Calendar
from services.insights.caseload.domain.card import Card
from services.insights.program.domain import SKIPPED
from services.insights.program.process import REQUIRED, Course, PlacedStep, course_of

KNOWN_IN_PART = frozenset({"reflection"})  # of what stands in planning records no card knows
GIVEN_UP = 20  # instructional days after which what was to be done once is asked for no more
NEEDS = {REQUIRED: 0, "recommended": 1}  # of two that are due on one day; any other need is last
_SHOWN_AS = {
    "goal": "goals",
    "action_step": "goals",
    "reflection": "goals",  # as far as a card knows of it: of trials
    "observation": "observations",
    "survey": "surveys",
}


@dataclass(frozen=True, slots=True)
class DueStep:
    """`due`: the day by whose end it is to be done; `overdue_days`: instructional days since."""

    program: str
    stage: str
    step: str
    actor: str
    due: date
    overdue_days: int = 0


def due_step_of(card: Card, calendar: Calendar, now: datetime) -> DueStep | None:
    """The one that is due first. None outside a term, before her program has begun, and for whom
    nobody coaches or whose coaching is paused, unless she is of a circle."""
    today = calendar.day_of(now)
    plan, enrolled_at = card.plan, card.enrolled_at
    if plan is None or enrolled_at is None or not plan.steps:
        return None
    calendar = calendar.at(card.teaches_at(today))
    accompanied = card.in_circle or any(each.runs for each in card.relationships)
    if not accompanied or not calendar.in_session(today):
        return None
    course = course_of(plan, enrolled_at, calendar)
    if course is None or not course.runs(today):
        return None
    day = course.number(now)
    due = [
        (number, NEEDS.get(each.step.need, 2), place, each)
        for place, each in enumerate(course.steps)
        if each.step.deviation != SKIPPED
        and _SHOWN_AS.get(each.step.evidence) not in card.not_shared
        for number in _due(each, course, card, day)
    ]
    for number, _, _, each in sorted(due, key=lambda found: found[:3]):
        on = course.day(number)
        if on is not None:
            of = each.step
            return DueStep(plan.program, of.stage, of.step, of.actor, on, max(0, day - number))
    return None


def _due(placed: PlacedStep, course: Course, card: Card, day: int) -> Iterator[int]:
    """The number of the day by whose end it is to be done next, or was; none where it is not."""
    step, first = placed.step, placed.first_due
    if day < placed.begins or first is None:
        return
    done = [
        course.number(each) for each in _left_behind(step.evidence, card) if course.covers(each)
    ]
    if not step.repeats_after:
        if any(each >= placed.counts_from for each in done):
            return
        late = day - first
        if late <= 0 or (late <= GIVEN_UP and _owed(placed)):
            yield first
        return
    if placed.is_over(day):
        return
    last = max((each for each in done if each >= placed.begins), default=None)
    due = first if last is None else last + step.repeats_after
    if due < day and not _owed(placed):
        due += -(-(day - due) // step.repeats_after) * step.repeats_after
    if not placed.is_over(due):
        yield due


def _owed(placed: PlacedStep) -> bool:
    """Whether it may be said that it was not done: it is required as planned, and the card knows
    all that events tell of it."""
    step = placed.step
    known = placed.told and step.evidence not in KNOWN_IN_PART
    return step.need == REQUIRED and not step.deviation and known


def _left_behind(evidence: str, card: Card) -> Iterable[datetime]:
    """When something of a kind came to be, as far as the card says it."""
    found: list[datetime | None] = []
    match evidence:
        case "goal":
            found = [each.drafted_at or each.activated_at for each in card.goals]
        case "action_step":
            found = [each.agreed_at for each in card.trials]
        case "reflection":
            found = [each.reflected_at for each in card.trials]
        case "observation":
            found = [each.completed_at or each.shared_at for each in card.observations]
        case "survey":
            found = [each.closed_at for each in card.surveys]
        case "session":
            found = [each.starts_at for each in card.sessions if each.held]
    return [each for each in found if each is not None]
