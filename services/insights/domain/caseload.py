"""One teacher's entry in a caseload, as of an instant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.insights.domain.calendar import Calendar
from services.insights.domain.card import Card, Goal, GoalState, Observation, Survey
from services.insights.domain.flags import Flag, flags_of
from services.insights.domain.ordering import place


@dataclass(frozen=True, slots=True)
class Entry:
    """What a coach sees of one teacher at a glance."""

    card: Card
    last_contact_at: datetime | None
    last_observation: Observation | None
    open_goals: tuple[Goal, ...]
    last_survey: Survey | None
    flags: tuple[Flag, ...]


def entry_of(card: Card, calendar: Calendar, now: datetime) -> Entry:
    return Entry(
        card=card,
        last_contact_at=last_contact(card),
        last_observation=max(
            (each for each in card.observations if each.shared_at),
            key=lambda each: (each.shared_at, each.id),
            default=None,
        ),
        open_goals=tuple(
            sorted(
                (goal for goal in card.goals if goal.open),
                key=lambda goal: (goal.state is not GoalState.ACTIVE, goal.id),
            )
        ),
        last_survey=max(
            (each for each in card.surveys if each.closed_at),
            key=lambda each: (each.closed_at, each.id),
            default=None,
        ),
        flags=flags_of(card, calendar, now),
    )


def last_contact(card: Card) -> datetime | None:
    """When the teacher and her coaching last met: a relationship accepted; an observation
    completed, shared or acknowledged; a goal activated, moved on or closed. A closed survey
    is the students' word, and so no contact."""
    instants = [each.accepted_at for each in card.relationships]
    for seen in card.observations:
        instants += [seen.completed_at, seen.shared_at, seen.acknowledged_at]
    for goal in card.goals:
        instants += [goal.activated_at, goal.last_progress_at, goal.closed_at]
    return max((each for each in instants if each is not None), default=None)


def in_order(entries: Iterable[Entry], now: datetime) -> list[Entry]:
    """Greatest need of attention first (`domain.ordering`)."""
    return sorted(
        entries, key=lambda each: place(each.card.teacher, each.flags, each.last_contact_at, now)
    )
