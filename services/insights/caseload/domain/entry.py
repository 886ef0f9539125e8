"""One teacher's entry in a caseload, as of an instant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.access.calendar import Calendar
from services.insights.caseload.domain.card import Card, Goal, GoalState, Observation, Survey
from services.insights.caseload.domain.flags import Flag, flags_until
from services.insights.caseload.domain.ordering import SortKey, sort_key
from services.insights.caseload.domain.steps import DueStep, due_step_of


@dataclass(frozen=True, slots=True)
class CaseloadEntry:
    """What a coach sees of one teacher at a glance. `from_school_year`: in the summer, where
    the relationship is of last year and not carried over, that year, and the card is of it."""

    card: Card
    last_contact_at: datetime | None
    last_observation: Observation | None
    open_goals: tuple[Goal, ...]
    last_survey: Survey | None
    flags: tuple[Flag, ...]
    next_session_at: datetime | None = None
    from_school_year: int = 0
    due_step: DueStep | None = None


def entry_until(
    card: Card, calendar: Calendar, now: datetime, alone: timedelta = timedelta(0)
) -> tuple[CaseloadEntry, datetime]:
    """An entry, and the first instant after `now` from which it, or its place in a caseload,
    may be another one though neither card nor calendar has changed. `alone`: for so long after its
    close a survey's results are not for this reader, and an older one stands in its place."""
    flags, until = flags_until(card, calendar, now)
    hers = {each.id: each.closed_at + alone for each in card.surveys if alone and each.closed_at}
    hers = {survey: end for survey, end in hers.items() if now < end}
    due_step = due_step_of(card, calendar, now)  # of days: the next midnight is in `until`
    coming = [each.starts_at for each in card.sessions if not each.held]
    to_come = [each for each in coming if each > now]
    until = min([until, *hers.values(), *to_come])
    card = card.on(calendar.day_of(now))
    open_goals = [goal for goal in card.goals if goal.open]
    open_goals.sort(key=lambda goal: (goal.state is not GoalState.ACTIVE, goal.id))
    shared = [(each.shared_at, each.id, each) for each in card.observations if each.shared_at]
    closed = [(each.closed_at, each.id, each) for each in card.surveys if each.closed_at]
    closed = [each for each in closed if each[1] not in hers]
    entry = CaseloadEntry(
        card=card,
        last_contact_at=last_contact(card),
        last_observation=max(shared)[2] if shared else None,
        open_goals=tuple(open_goals),
        last_survey=max(closed)[2] if closed else None,
        flags=flags,
        next_session_at=min(to_come, default=None),
        due_step=due_step,
    )
    return entry, until


def with_last_year(card: Card, last: Card) -> Card:
    """A card with what lasts over the summer: last year's goals, observations, surveys, trials and
    what its reader has said to flags."""
    instants = [each for each in (card.newest_event_at, last.newest_event_at) if each]
    return replace(
        card,
        goals=card.goals + last.goals,
        observations=card.observations + last.observations,
        surveys=card.surveys + last.surveys,
        sessions=card.sessions + last.sessions,
        trials=card.trials + last.trials,
        answers=card.answers + last.answers,
        incomplete=card.incomplete or last.incomplete,
        newest_event_at=max(instants, default=None),
    )


def last_contact(card: Card) -> datetime | None:
    """When the teacher and her coaching last met: a relationship accepted, which an acceptance
    that was kept from the year before is not; a session held; an observation completed, shared or
    acknowledged; a goal activated, moved on or closed. A closed survey is the students' word, and
    so no contact."""
    instants = [each.accepted_at for each in card.relationships if not each.kept]
    instants += [each.starts_at for each in card.sessions if each.held and each.coach]
    for seen in card.observations:
        instants += [seen.completed_at, seen.shared_at, seen.acknowledged_at]
    for goal in card.goals:
        instants += [goal.activated_at, goal.last_progress_at, goal.closed_at]
    return max((each for each in instants if each is not None), default=None)


def sort_key_of(entry: CaseloadEntry, now: datetime) -> SortKey:
    """What a caseload is sorted by: greatest need of attention first (`ordering`)."""
    card, paused = entry.card, entry.card.paused_at is not None
    return sort_key(card.teacher, entry.flags, entry.last_contact_at, now, paused=paused)


def in_order(entries: Iterable[CaseloadEntry], now: datetime) -> list[CaseloadEntry]:
    return sorted(entries, key=lambda each: sort_key_of(each, now))
